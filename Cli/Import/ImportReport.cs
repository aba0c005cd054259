using System.Globalization;
using Pnl.Cli.Output;
using Spectre.Console;

namespace Pnl.Cli.Import;

/// <summary>What an import came to: on the screen, and for the shell.</summary>
internal sealed class ImportReport(IReadOnlyList<FileTally> files, TimeSpan elapsed)
{
    private const int MostNotes = 60;

    /// <summary>The exit code: not 0 if a whole file was refused; single rows that were rejected count only if that was asked for.</summary>
    public int ExitCode(bool strict)
    {
        if (files.Any(f => f.Failure is FileFailure.Server or FileFailure.Stopped or FileFailure.Miscounted))
        {
            return Cli.ExitCode.Server;
        }

        // A row is unaccounted for without the server's doing if its file broke off before it was sent.
        bool broken = files.Any(f => f.Failure != FileFailure.None || f.Unaccounted != 0);
        bool rejected = files.Any(f => f.Rejected.Rows > 0);
        return broken || (strict && rejected) ? Cli.ExitCode.Rejected : Cli.ExitCode.Ok;
    }

    public void Write(IAnsiConsole console)
    {
        Files().WriteTable(console);
        WriteNotes(console);
        WriteRejections(console);
        foreach (FileTally file in files.Where(f => f.Failure is not (FileFailure.None or FileFailure.Stopped)))
        {
            console.MarkupLineInterpolated($"[red]{file.File.Path}[/]: {file.FailureText}");
        }

        int stopped = files.Count(f => f.Failure == FileFailure.Stopped);
        if (stopped > 0)
        {
            console.MarkupLineInterpolated($"[red]{Number(stopped)} files[/] were stopped or not begun, since the server failed.");
        }

        long rows = files.Sum(f => f.Rows);
        long unaccounted = files.Sum(f => Math.Abs(f.Unaccounted));
        if (unaccounted > 0)
        {
            console.MarkupLineInterpolated(
                $"[red]{Number(unaccounted)} of {Number(rows)} rows are not accounted for[/]: import the same files again, what is there stays as it is.");
            return;
        }

        int whole = files.Count(f => f.Failure == FileFailure.None);
        double rate = rows / Math.Max(elapsed.TotalSeconds, 0.001);
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"{Number(rows)} rows in {elapsed.TotalSeconds:0.0} s ({rate:N0} rows/s), every one accounted for; {Number(whole)} of {Number(files.Count)} files imported.");
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private Sheet<FileTally?> Files()
    {
        long Total(Func<FileTally, long> count) => files.Sum(count);
        Column<FileTally?> Count(string title, Func<FileTally, long> count) => new(title, f => f is null ? Total(count) : count(f));
        return new(
            [.. files, null], new("file", f => f?.File.Label ?? "total"), new("token", f => f?.File.Id ?? ""), Count("rows", f => f.Rows), Count("accepted", f => f.Accepted), Count("unchanged", f => f.Unchanged),
            Count("corrected", f => f.Corrected), Count("folded", f => f.Folded), Count("rejected", f => f.Rejected.Rows));
    }

    /// <summary>What each file was taken for.</summary>
    private void WriteNotes(IAnsiConsole console)
    {
        (FileTally File, string Note)[] notes = [.. files.SelectMany(f => f.Notes.Select(note => (f, note)))];
        foreach ((FileTally file, string note) in notes.Take(MostNotes))
        {
            console.MarkupLineInterpolated($"{file.File.Label}: {note}.");
        }

        if (notes.Length > MostNotes)
        {
            console.MarkupLineInterpolated($"and so on, of {Number(files.Count(f => f.Notes.Count > 0))} files.");
        }

        long rounded = files.Sum(f => f.Rounded);
        if (rounded > 0)
        {
            console.MarkupLineInterpolated($"{Number(rounded)} rates had more digits than are kept, and were rounded to {RateText.MaxSignificantDigits} digits and places.");
        }
    }

    /// <summary>What a user can do about rows that were rejected; empty if the code says it all.</summary>
    private static string Advice(string code) => code switch
    {
        "bar.open" => "their periods have not closed: import them again later",
        "time.inFuture" => "they lie ahead of the server's clock",
        "time.unaligned" => "they do not open at a period of that interval: say another --interval",
        "time.malformed" => "write Unix seconds, ms, us or ns, RFC 3339 with its zone, or dates",
        "time.repeated" => "another row of the same time counts: the later one",
        "bar.incomplete" => "the last candle of their period is absent",
        "row.cutOff" => "the last line has no end: the file may be cut off; if it is whole, end it with a line end",
        "row.malformed" => "they have another number of fields than the header",
        "rate.tooPrecise" => "fewer than 12 digits of them would be kept",
        "quote.mismatch" => "the pair is in another currency: --id {symbol}-{quote}",
        "rate.contradicts" => "another file of the token says otherwise",
        _ => "",
    };

    private void WriteRejections(IAnsiConsole console)
    {
        Rejections all = new();
        foreach (FileTally file in files)
        {
            all.Add(file.Rejected);
        }

        if (all.Rows == 0)
        {
            return;
        }

        new Sheet<(string Code, long Rows, IReadOnlyList<string> Examples)>(
            [.. all.ByCode], new("rejected because", r => r.Code), new("rows", r => r.Rows), new("first of them", r => string.Join(' ', r.Examples), Wraps: true), new("what to do", r => Advice(r.Code), Wraps: true)).WriteTable(console);
    }
}

using System.Globalization;
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
        console.Write(Files());
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

    private Table Files()
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("file", "token");
        string[] counts = ["rows", "accepted", "unchanged", "corrected", "folded", "rejected"];
        foreach (string count in counts)
        {
            table.AddColumn(new TableColumn(count).RightAligned());
        }

        foreach (FileTally f in files)
        {
            Text[] row =
            [
                new(f.File.Label), new(f.File.Id), new(Number(f.Rows)), new(Number(f.Accepted)), new(Number(f.Unchanged)),
                new(Number(f.Corrected)), new(Number(f.Folded)), new(Number(f.Rejected.Rows)),
            ];
            table.AddRow(row);
        }

        table.Columns[0].Footer("total");
        long[] totals =
        [
            files.Sum(f => f.Rows), files.Sum(f => f.Accepted), files.Sum(f => f.Unchanged), files.Sum(f => f.Corrected),
            files.Sum(f => f.Folded), files.Sum(f => f.Rejected.Rows),
        ];
        for (int i = 0; i < totals.Length; i++)
        {
            table.Columns[i + 2].Footer(Number(totals[i]));
        }

        return table;
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

        Table table = new Table().Border(TableBorder.Rounded).AddColumn("rejected because")
            .AddColumn(new TableColumn("rows").RightAligned()).AddColumn("first of them").AddColumn("");
        foreach ((string code, long rows, IReadOnlyList<string> examples) in all.ByCode)
        {
            table.AddRow(new Text(code), new Text(Number(rows)), new Text(string.Join('\n', examples)), new Text(Advice(code)));
        }

        console.Write(table);
    }
}

using Pnl.Grains;

namespace Pnl.Cli.Import;

/// <summary>
/// What became of the rows of a file. Each row that was read ends up in one of accepted, unchanged, corrected, folded into the
/// bar of its period, or rejected; what does not is <see cref="Unaccounted"/>, and that is an error.
/// </summary>
internal sealed class FileTally(ImportFile file)
{
    public ImportFile File { get; } = file;

    public long Rows { get; private set; }

    public long Accepted { get; private set; }

    public long Unchanged { get; private set; }

    public long Corrected { get; private set; }

    /// <summary>Rows that say no more than the bar of their period does: earlier ones of it, and repetitions.</summary>
    public long Folded { get; private set; }

    /// <summary>Bars whose rate had more digits than are kept.</summary>
    public long Rounded { get; private set; }

    public Rejections Rejected { get; } = new();

    /// <summary>What the file was taken for, in words.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Rows of which nobody has said what became of them: not sent, or lost by the server's count.</summary>
    public long Unaccounted => Rows - Accepted - Unchanged - Corrected - Folded - Rejected.Rows;

    /// <summary>What ended the import of this file early; <see cref="FileFailure.None"/> if nothing did.</summary>
    public FileFailure Failure { get; private set; }

    /// <summary>The failure in words.</summary>
    public string? FailureText { get; private set; }

    /// <summary>Counts what was read.</summary>
    public void Read(RateReading series)
    {
        Rows = series.Rows;
        Folded = series.Folded;
        Rounded = series.Rounded;
        Notes.AddRange(series.Notes);
        foreach (AsideRow row in series.Aside)
        {
            Reject(row.Code, row.Line);
        }
    }

    /// <summary>Rejects all bars of what was read.</summary>
    public void RejectBars(RateReading series, string code)
    {
        foreach (RateRun run in series.Runs)
        {
            foreach (long line in run.Lines)
            {
                Reject(code, line);
            }
        }
    }

    /// <summary>Rejects a row that was read.</summary>
    public void Reject(string code, long line) => Rejected.Add(code, File.Path, line);

    /// <summary>Counts the server's answer to a chunk.</summary>
    public void Answered(RateChunk chunk, IngestResult answer)
    {
        Accepted += answer.Accepted;
        Unchanged += answer.Unchanged;
        Corrected += answer.Corrected;
        foreach (RejectedBar row in answer.Rejected)
        {
            // An index that was never sent has no line; it spoils the sum below if it is one too many.
            Reject(row.Code, (uint)row.Index < (uint)chunk.Count ? chunk.Line(row.Index) : 0);
        }

        long sum = (long)answer.Accepted + answer.Unchanged + answer.Corrected + answer.Rejected.Length;
        if (sum != chunk.Count)
        {
            Fail(FileFailure.Miscounted, FormattableString.Invariant(
                $"the server accounts for {sum:N0} of the {chunk.Count:N0} rows from line {chunk.Line(0)} on"));
        }
    }

    /// <summary>Notes why the import ended; the first reason stays.</summary>
    public void Fail(FileFailure failure, string text)
    {
        if (Failure == FileFailure.None)
        {
            Failure = failure;
            FailureText = text;
        }
    }
}

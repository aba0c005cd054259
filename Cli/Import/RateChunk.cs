using Pnl.Grains;

namespace Pnl.Cli.Import;

/// <summary>Bars of a file for one call, and the range for which they are all that there is.</summary>
/// <param name="Run">The bars of one interval that it is a part of.</param>
/// <param name="From">Index of its first bar.</param>
/// <param name="To">Index behind its last one.</param>
/// <param name="Covered">
/// The open times, in Unix seconds, from inclusive and to exclusive, for which the file has no other bars; null if nothing is
/// said.
/// </param>
internal sealed record RateChunk(RateRun Run, int From, int To, (long From, long To)? Covered)
{
    public int Count => To - From;

    public Interval Interval => Run.Interval;

    /// <summary>Where a bar of it stands in the file.</summary>
    public long Line(int index) => Run.Lines[From + index];

    /// <summary>The bars by when their periods open.</summary>
    public BarBatch Batch() => new()
    {
        Time = Array.ConvertAll(Run.Slots[From..To], slot => BarPeriod.OpenSeconds(Interval, slot)), Rate = Run.Rates.AsMemory(From, Count), Interval = Interval, CoveredFrom = Covered?.From, CoveredTo = Covered?.To,
    };
}

namespace Pnl;

/// <summary>Bars of one interval, ascending.</summary>
/// <param name="Interval">The interval.</param>
/// <param name="Slots">The last 5-minute slots of their periods.</param>
/// <param name="Rates">Their rates.</param>
/// <param name="Lines">Where the row of each stands.</param>
internal sealed record RateRun(Interval Interval, int[] Slots, decimal[] Rates, long[] Lines);

/// <summary>A row of a file that makes no bar.</summary>
/// <param name="Line">Where it stands.</param>
/// <param name="Seconds">Its time in Unix seconds; null if it could not be read.</param>
/// <param name="Code">Why: a code of <see cref="BarDefects"/>, <c>time.repeated</c> or <c>bar.incomplete</c>.</param>
internal readonly record struct AsideRow(long Line, long? Seconds, string Code);

/// <summary>
/// What the rows of a file of one token come to. Every row is of one of these: a bar, folded into the bar of its period
/// (<see cref="Folded"/>), or set aside with its reason. The order of the rows in the file does not count, but for rows of the
/// same time.
/// </summary>
internal sealed class RateReading
{
    /// <summary>The bars, stretch by stretch of one interval.</summary>
    public required IReadOnlyList<RateRun> Runs { get; init; }

    /// <summary>Rows that make no bar.</summary>
    public required List<AsideRow> Aside { get; init; }

    /// <summary>Rows read.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows that say no more than the bar of their period: earlier ones of it, and repetitions.</summary>
    public required long Folded { get; init; }

    /// <summary>Bars whose rate had more digits than are kept.</summary>
    public required int Rounded { get; init; }

    /// <summary>What it was taken for, in words.</summary>
    public required List<string> Notes { get; init; }

    /// <summary>Number of bars.</summary>
    public long Bars => Runs.Sum(run => (long)run.Slots.Length);
}

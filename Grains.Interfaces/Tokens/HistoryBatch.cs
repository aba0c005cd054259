namespace Pnl.Grains;

/// <summary>
/// A long run of checked bars of one token, as columns: what a backfill hands over. Not to be changed once handed over.
/// </summary>
[GenerateSerializer, Immutable, Alias("Pnl.HistoryBatch")]
public sealed record HistoryBatch
{
    /// <summary>The most bars of a batch: two years.</summary>
    public const int MaxLength = 2 * 366 * BarTime.BarsPerDay;

    /// <summary>
    /// The 5-minute intervals, ascending, each once; see <see cref="BarTime"/>. The last ones of their periods where
    /// <see cref="Interval"/> is a longer one.
    /// </summary>
    [Id(0)]
    public required ReadOnlyMemory<int> Slots { get; init; }

    /// <summary>Rates times 10^<see cref="Scale"/>; from 1 to below 10^18.</summary>
    [Id(1)]
    public required ReadOnlyMemory<long> Mantissas { get; init; }

    /// <summary>Decimal places of the mantissas, 0 to 18.</summary>
    [Id(2)]
    public required int Scale { get; init; }

    /// <summary>
    /// With <see cref="CoveredTo"/>: the source was read to the end over the slots from here; what it did not have is absent
    /// there. Equal ends say nothing.
    /// </summary>
    [Id(3)]
    public int CoveredFrom { get; init; }

    /// <summary>End of that range, not included.</summary>
    [Id(4)]
    public int CoveredTo { get; init; }

    /// <summary>The interval of all of them: 5m, 15m, 1h, 4h or 1d; see <see cref="BarPeriod"/>.</summary>
    [Id(5)]
    public Interval Interval { get; init; }

    /// <summary>Whose bars they are; null for callers. Its interval is that of the bars, whose slots are the last of their periods.</summary>
    [Id(6)]
    public TokenListing? Listing { get; init; }

    /// <summary>
    /// Slots within the covered range of which the source's rows were set aside: they stay not covered. Of a coarser interval
    /// each is the last slot of its period. Ascending, without those of bars of the batch; null for none.
    /// </summary>
    [Id(7)]
    public int[]? SetAside { get; init; }

    /// <summary>What is to be counted of a backfill; null if it is none's. Without bars and coverage the answer tells what was counted.</summary>
    [Id(8)]
    public BackfillTally? Tally { get; init; }
}

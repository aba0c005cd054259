namespace Pnl.Grains;

/// <summary>Bars of one token, as columns of equal length, in any order. Not to be changed once handed over.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.BarBatch")]
public sealed partial record BarBatch
{
    /// <summary>The most bars of a batch.</summary>
    public const int MaxLength = 100_000;

    /// <summary>Open times in Unix seconds: of the bars, or of the periods where <see cref="Interval"/> is a longer one.</summary>
    [Id(0)]
    public required ReadOnlyMemory<long> Time { get; init; }

    /// <summary>Rates.</summary>
    [Id(1)]
    public required ReadOnlyMemory<decimal> Rate { get; init; }

    /// <summary>
    /// With <see cref="CoveredTo"/>: the source was read to the end over the bars that open from here, in Unix seconds; what
    /// it did not have is absent there.
    /// </summary>
    [Id(2)]
    public long? CoveredFrom { get; init; }

    /// <summary>End of that range, not included.</summary>
    [Id(3)]
    public long? CoveredTo { get; init; }

    /// <summary>
    /// The interval of all of them: 5m, 15m, 1h, 4h or 1d (see <see cref="BarPeriod"/>). The rate of a longer one is the bar
    /// of the last 5 minutes of its period.
    /// </summary>
    [Id(4)]
    public Interval Interval { get; init; }

    /// <summary>Whose bars they are: the name of a source whose listing of the token they belong to; null for callers.</summary>
    [Id(5)]
    public string? Source { get; init; }

    /// <summary>
    /// The listing whose bars they are, where a backfill tells more than its source; null otherwise. Its interval is that of
    /// the batch.
    /// </summary>
    [Id(6)]
    public TokenListing? Listing { get; init; }

    /// <summary>As <see cref="HistoryBatch.SetAside"/>: slots of the covered range that stay not covered. Null for none.</summary>
    [Id(7)]
    public int[]? SetAside { get; init; }

    /// <summary>What is to be counted of a backfill; null if it is none's. Without bars and coverage the answer tells what was counted.</summary>
    [Id(8)]
    public BackfillTally? Tally { get; init; }
}

namespace Pnl.Grains;

/// <summary>Settings of the live feed.</summary>
public sealed record RateFeedOptions
{
    /// <summary>Name of the source that is played; null for none.</summary>
    public string? Source { get; init; }

    /// <summary>How far back the history of a token that is new is fetched, in bars: 30 days by default.</summary>
    public int HistoryBars { get; init; } = 30 * BarTime.BarsPerDay;

    /// <summary>
    /// How many tokens of each of the 8 partitions take their bars at once. A store on this machine commits as fast as they come; one
    /// that answers over the network is better asked for many together.
    /// </summary>
    public int TokensAtOnce { get; init; } = 8;
}

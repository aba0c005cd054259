namespace Pnl.Grains;

/// <summary>
/// How a token stands after a change: what its grain tells to whoever ranks it or listens to it. There is one of every token
/// in memory, so it holds no more than rankings need.
/// </summary>
[GenerateSerializer, Immutable, Alias("Pnl.TokenStanding")]
public sealed partial record TokenStanding
{
    /// <summary>The token's id.</summary>
    [Id(0)]
    public required string Token { get; init; }

    /// <summary>Grows with every accepted change.</summary>
    [Id(1)]
    public long Revision { get; init; }

    /// <summary>The token's label.</summary>
    [Id(2)]
    public required string Symbol { get; init; }

    /// <summary>Currency of rate and PnL.</summary>
    [Id(3)]
    public required string Quote { get; init; }

    /// <summary>Age in seconds beyond which the last rate is stale.</summary>
    [Id(4)]
    public int StalenessSeconds { get; init; }

    /// <summary>Close time of the last bar in Unix seconds; null if there is none.</summary>
    [Id(5)]
    public long? AsOf { get; init; }

    /// <summary>The last rate.</summary>
    [Id(6)]
    public decimal? Rate { get; init; }

    /// <summary>Figures of the rolling windows, shortest window first; empty if there is no bar.</summary>
    [Id(7)]
    public required StandingWindow[] Windows { get; init; }

    /// <summary>
    /// Of each window, the PnL with every digit where a decimal does not hold them all, else null; null as a whole where none
    /// needs it.
    /// </summary>
    [Id(20)]
    public string?[]? PnlDigits { get; init; }

    /// <summary>Whether the token was deleted.</summary>
    [Id(21)]
    public bool IsDeleted { get; init; }

    /// <summary>How a token stands that was deleted.</summary>
    /// <param name="token">Its id.</param>
    /// <param name="revision">The revision by which it was.</param>
    public static TokenStanding Deleted(string token, long revision) => new() { Token = token, Revision = revision, Symbol = "", Quote = "", Windows = [], IsDeleted = true };
}

/// <summary>The figures of a window by which tokens are ranked.</summary>
/// <param name="Return">PnL over start rate, a fraction.</param>
/// <param name="Pnl">PnL of one unit: the nearest decimal, see <see cref="TokenStanding.PnlDigits"/>.</param>
/// <param name="Volatility">Volatility a year, each log return by the time that it spans; null for fewer than 3 rates.</param>
/// <param name="MaxDrawdown">Largest fall from a peak, a fraction of the peak.</param>
/// <param name="Partial">Whether the window begins before the first bar.</param>
[GenerateSerializer, Immutable, Alias("Pnl.StandingWindow")]
public readonly record struct StandingWindow(
    [property: Id(0)] double? Return,
    [property: Id(1)] decimal? Pnl,
    [property: Id(2)] double? Volatility,
    [property: Id(3)] double? MaxDrawdown,
    [property: Id(4)] bool Partial);

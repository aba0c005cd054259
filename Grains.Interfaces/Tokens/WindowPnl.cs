namespace Pnl.Grains;

/// <summary>
/// PnL and statistics of one unit of a token over an interval; what each number means is said at the domain's window.
/// Null where there is no rate.
/// </summary>
[GenerateSerializer, Immutable, Alias("Pnl.WindowPnl")]
public sealed record WindowPnl
{
    /// <summary>Start of the interval, UTC.</summary>
    [Id(0)]
    public DateTimeOffset From { get; init; }

    /// <summary>Rate as of the start, in quote currency.</summary>
    [Id(1)]
    public decimal? StartRate { get; init; }

    /// <summary>Rate as of the end minus rate as of the start, times the quantity.</summary>
    [Id(2)]
    public decimal? Pnl { get; init; }

    /// <summary>PnL over start rate, a fraction.</summary>
    [Id(3)]
    public double? Return { get; init; }

    /// <summary>Highest rate.</summary>
    [Id(4)]
    public decimal? High { get; init; }

    /// <summary>Lowest rate.</summary>
    [Id(5)]
    public decimal? Low { get; init; }

    /// <summary>Largest fall from a peak, a fraction of the peak.</summary>
    [Id(6)]
    public double? MaxDrawdown { get; init; }

    /// <summary>Volatility a year, each log return by the time that it spans; null for fewer than 3 rates.</summary>
    [Id(7)]
    public double? Volatility { get; init; }

    /// <summary>Bars present.</summary>
    [Id(8)]
    public int Bars { get; init; }

    /// <summary>Bars that there are at most.</summary>
    [Id(9)]
    public int ExpectedBars { get; init; }

    /// <summary>Whether the interval begins before the first bar.</summary>
    [Id(10)]
    public bool Partial { get; init; }

    /// <summary>The coarsest interval that the window stands on; <see cref="ExpectedBars"/> counts its periods there.</summary>
    [Id(11)]
    public Interval Interval { get; init; }
}

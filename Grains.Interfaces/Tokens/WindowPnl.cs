using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>
/// PnL and statistics of a token over an interval; what each number means is said at the domain's <see cref="Window"/>. Null where
/// there is no rate.
/// </summary>
[GenerateSerializer, Immutable, Alias("Pnl.WindowFigures")]
public abstract record WindowFigures
{
    /// <summary>No figures.</summary>
    protected WindowFigures()
    {
    }

    /// <summary>Those of a window.</summary>
    protected WindowFigures(in Window window)
    {
        StartRate = window.StartRate;
        Pnl = window.ExactPnl;
        Return = window.Return;
        High = window.High;
        Low = window.Low;
        MaxDrawdown = window.MaxDrawdown;
        Volatility = window.Volatility;
        Bars = window.Bars;
        ExpectedBars = window.ExpectedBars;
        Partial = window.Partial;
        Interval = window.Interval;
    }

    /// <summary>Rate as of the start, in quote currency.</summary>
    [Id(0)]
    public decimal? StartRate { get; init; }

    /// <summary>Rate as of the end minus rate as of the start, times the quantity; with every digit.</summary>
    [Id(1), JsonConverter(typeof(MoneyConverter))]
    public Amount? Pnl { get; init; }

    /// <summary>PnL over start rate, a fraction.</summary>
    [Id(2)]
    public double? Return { get; init; }

    /// <summary>Highest rate.</summary>
    [Id(3)]
    public decimal? High { get; init; }

    /// <summary>Lowest rate.</summary>
    [Id(4)]
    public decimal? Low { get; init; }

    /// <summary>Largest fall from a peak, a fraction of the peak.</summary>
    [Id(5)]
    public double? MaxDrawdown { get; init; }

    /// <summary>Volatility a year, each log return by the time that it spans; null for fewer than 3 rates.</summary>
    [Id(6)]
    public double? Volatility { get; init; }

    /// <summary>Bars present.</summary>
    [Id(7)]
    public int Bars { get; init; }

    /// <summary>Bars that there are at most: periods of <see cref="Interval"/>.</summary>
    [Id(8)]
    public int ExpectedBars { get; init; }

    /// <summary>Whether the interval begins before the first bar.</summary>
    [Id(9)]
    public bool Partial { get; init; }

    /// <summary>The coarsest interval that the window stands on, at which bars are expected.</summary>
    [Id(10)]
    public Interval Interval { get; init; }
}

/// <summary>A rolling window of one unit of a token.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.WindowPnl")]
public sealed record WindowPnl : WindowFigures
{
    /// <summary>Nothing is known.</summary>
    public WindowPnl()
    {
    }

    /// <summary>A window of the domain.</summary>
    public WindowPnl(in Window window)
        : base(window) => From = DateTimeOffset.FromUnixTimeSeconds(window.From);

    /// <summary>Start of the interval, UTC.</summary>
    [Id(0)]
    public DateTimeOffset From { get; init; }
}

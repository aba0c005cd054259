namespace Pnl;

/// <summary>
/// Profit and loss of one unit of a token, held long, over the interval [<see cref="From"/>, <see cref="To"/>], in the
/// token's quote currency, and the statistics of its rates there. Built from the sequence of the rate as of From
/// followed by every bar that became known in (From, To]. Immutable.
/// </summary>
public readonly record struct Window
{
    private readonly LongAmount? _longPnl; // rarely there, and long: beside the others it would make every window longer by a fifth

    /// <summary>Unix seconds; the rate as of then is the start rate.</summary>
    public required long From { get; init; }

    /// <summary>Unix seconds; the rate as of then is the end rate.</summary>
    public required long To { get; init; }

    /// <summary>Rate as of From; the first bar's rate if From lies before it; null if there is no rate as of To either.</summary>
    public decimal? StartRate { get; init; }

    /// <summary>Rate as of To; null before the first bar.</summary>
    public decimal? EndRate { get; init; }

    /// <summary>Close time, in Unix seconds, of the last bar counted: the one that gives the end rate.</summary>
    public long? AsOf { get; init; }

    /// <summary>
    /// End rate minus start rate, times the quantity asked for (1 if none): the nearest decimal. <see cref="ExactPnl"/> has
    /// every digit.
    /// </summary>
    public decimal? Pnl { get; init; }

    /// <summary>The PnL with every digit, where <see cref="Pnl"/> does not hold them all; null where it does.</summary>
    public Amount? LongPnl
    {
        get => _longPnl?.Digits;
        init => _longPnl = value is { } digits ? new(digits) : null;
    }

    /// <summary>The PnL with every digit; null where there is none.</summary>
    public Amount? ExactPnl => LongPnl ?? Pnl;

    /// <summary>(end rate - start rate) / start rate, a fraction.</summary>
    public double? Return { get; init; }

    /// <summary>Highest rate of the sequence.</summary>
    public decimal? High { get; init; }

    /// <summary>Lowest rate of the sequence.</summary>
    public decimal? Low { get; init; }

    /// <summary>The largest (peak - later rate) / peak of the sequence, a fraction from 0 to 1.</summary>
    public double? MaxDrawdown { get; init; }

    /// <summary>See <see cref="RateSummary.Volatility"/>, over the sequence.</summary>
    public double? Volatility { get; init; }

    /// <summary>Number of bars that became known in (From, To].</summary>
    public int Bars { get; init; }

    /// <summary>Number of 5-minute boundaries in (From, To]: the bars that there are at most.</summary>
    public int ExpectedBars { get; init; }

    /// <summary>Whether From lies before the first bar, so that the window begins with that bar.</summary>
    public bool Partial { get; init; }

    /// <summary>The coarsest interval that it stands on; <see cref="ExpectedBars"/> counts its periods there.</summary>
    public Interval Interval { get; init; }

    /// <summary>The same window for a quantity of the token: only the PnL changes.</summary>
    public Window Times(decimal quantity) =>
        LongPnl is null && (Pnl is not { } pnl || quantity == 1m) ? this
        : LongPnl is null && ExactDecimals.TryMultiply(Pnl!.Value, quantity, out decimal product) ? this with { Pnl = product }
        : WithPnl(ExactPnl!.Value * quantity);

    /// <summary>The same window with another PnL.</summary>
    internal Window WithPnl(Amount pnl) => pnl.TryToDecimal(out decimal same) ? this with { Pnl = same, LongPnl = null } : this with { Pnl = pnl.ToNearestDecimal(), LongPnl = pnl };

    private sealed record LongAmount(Amount Digits);
}

namespace Pnl;

/// <summary>
/// Rates and PnL of one unit of a token, period by period, as columns of equal length. Periods without a bar are absent.
/// </summary>
/// <param name="Time">Unix seconds at which the period opens.</param>
/// <param name="Rate">Rate of the period's last bar.</param>
/// <param name="Pnl">
/// Rate minus the rate before the period; for the first point, minus the rate as of the start of the range asked for, or
/// the first bar's rate if the range begins before it. Of a series that is thinned out, minus the rate of the point kept
/// before. The sum over a range is the PnL of that range. The nearest decimals: see <see cref="ExactPnl"/>.
/// </param>
/// <param name="CumulativePnl">
/// Running total of the PnL from the first point on, that point's included; the nearest decimals: see
/// <see cref="ExactCumulativePnl"/>.
/// </param>
/// <param name="Next">Slot from which to ask on, if there are more points than the limit; else null.</param>
public sealed record RateSeries(long[] Time, decimal[] Rate, decimal[] Pnl, decimal[] CumulativePnl, int? Next)
{
    /// <summary>The PnL with every digit; null where <see cref="Pnl"/> holds every digit of each point.</summary>
    public Amount[]? ExactPnl { get; init; }

    /// <summary>The running total with every digit; null where <see cref="CumulativePnl"/> holds every digit of each point.</summary>
    public Amount[]? ExactCumulativePnl { get; init; }

    /// <summary>The same series for a quantity of the token: exact, with as many digits as the products need.</summary>
    public RateSeries Times(decimal quantity) =>
        quantity == 1m ? this : Of(Time, Rate, MoneyColumn.Product(Pnl, ExactPnl, quantity), MoneyColumn.Product(CumulativePnl, ExactCumulativePnl, quantity), Next);

    internal static RateSeries Of(long[] time, decimal[] rate, MoneyColumn pnl, MoneyColumn cumulative, int? next) =>
        new(time, rate, pnl.Nearest, cumulative.Nearest, next) { ExactPnl = pnl.Exact, ExactCumulativePnl = cumulative.Exact };
}

/// <summary>
/// Rates of a token, period by period, as columns of equal length: opening, highest, lowest and closing rate among the
/// 5-minute closing rates of the period. Periods without a bar are absent.
/// </summary>
/// <param name="Time">Unix seconds at which the period opens.</param>
/// <param name="Open">Rate of the period's first bar.</param>
/// <param name="High">Highest rate.</param>
/// <param name="Low">Lowest rate.</param>
/// <param name="Close">Rate of the period's last bar.</param>
/// <param name="Next">Slot from which to ask on, if there are more points than the limit; else null.</param>
public sealed record CandleSeries(long[] Time, decimal[] Open, decimal[] High, decimal[] Low, decimal[] Close, int? Next);

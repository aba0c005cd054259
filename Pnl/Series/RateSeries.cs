namespace Pnl;

/// <summary>
/// Rates and PnL of one unit of a token, period by period, as columns of equal length. Periods without a bar are absent.
/// </summary>
/// <param name="Time">Unix seconds at which the period opens.</param>
/// <param name="Rate">Rate of the period's last bar.</param>
/// <param name="Pnl">
/// Rate minus the rate before the period; for the first point, minus the rate as of the start of the range asked for, or
/// the first bar's rate if the range begins before it. Of a series that is thinned out, minus the rate of the point kept
/// before. The sum over a range is the PnL of that range.
/// </param>
/// <param name="CumulativePnl">Running total of the PnL from the first point on, that point's included.</param>
/// <param name="Next">Slot from which to ask on, if there are more points than the limit; else null.</param>
public sealed record RateSeries(long[] Time, decimal[] Rate, MoneyColumn Pnl, MoneyColumn CumulativePnl, int? Next)
{
    /// <summary>The same series for a quantity of the token: exact, with as many digits as the products need.</summary>
    public RateSeries Times(decimal quantity) => quantity == 1m ? this : this with { Pnl = Pnl.Times(quantity), CumulativePnl = CumulativePnl.Times(quantity) };
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

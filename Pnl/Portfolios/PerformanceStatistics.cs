namespace Pnl;

/// <summary>
/// Statistics of a series of values at even intervals, in doubles. Returns are simple (value / previous value - 1), since
/// those of positions add up to that of the portfolio; the windows of a token use log returns.
/// </summary>
/// <param name="MaxDrawdown">The largest (peak - value) / peak, 0 or positive; null without values.</param>
/// <param name="Volatility">Sample standard deviation (n - 1) of the returns, a year; null for fewer than 2 returns.</param>
/// <param name="Sharpe">Mean excess return over its sample standard deviation, a year; null where that is 0, but for the rounding of the values, or unknown.</param>
/// <param name="Sortino">Mean excess return over its downside deviation (root of the mean square of min(excess, 0) over all returns), a year; null where that is 0, or where all returns are the same but for rounding.</param>
public readonly record struct PerformanceStatistics(double? MaxDrawdown, double? Volatility, double? Sharpe, double? Sortino)
{
    private const double RoundingOfValues = 4e-14; // a value is right to 1e-14 or so, and a return is made of two

    /// <summary>Periods in a year of 365 days; 12 months.</summary>
    public static double PeriodsPerYear(Interval interval) => interval switch
    {
        Interval.Week => 365.0 / 7,
        Interval.Month => 12,
        _ => (double)BarTime.BarsPerYear / (interval.PeriodEnd(0) - interval.PeriodStart(0)),
    };

    /// <summary>Statistics of values; where one is unknown, the returns to and from it are left out.</summary>
    /// <param name="values">Values of one unit: 1 + time-weighted return, so that money paid in or out is no gain or loss.</param>
    /// <param name="periodsPerYear">See <see cref="PeriodsPerYear"/>.</param>
    /// <param name="riskFree">What is earned without risk, a period; also the least acceptable return of the Sortino ratio.</param>
    public static PerformanceStatistics Of(ReadOnlySpan<double?> values, double periodsPerYear, double riskFree = 0)
    {
        double? drawdown = null;
        double peak = double.NegativeInfinity, least = 1, sum = 0;
        List<double> excess = [];
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } value)
            {
                continue;
            }

            peak = Math.Max(peak, value);
            least = value > 0 ? Math.Min(least, value) : least;
            drawdown = Math.Max(drawdown ?? 0, peak > 0 ? (peak - value) / peak : 0);
            if (i > 0 && values[i - 1] is > 0 and { } previous)
            {
                excess.Add((value - previous) / previous - riskFree);
                sum += excess[^1];
            }
        }

        if (excess.Count == 0)
        {
            return new(drawdown, null, null, null);
        }

        double mean = sum / excess.Count, squares = 0, below = 0;
        foreach (double r in excess)
        {
            squares += (r - mean) * (r - mean);
            below += r < 0 ? r * r : 0;
        }

        double? deviation = excess.Count < 2 ? null : Math.Sqrt(squares / (excess.Count - 1));
        double downside = Math.Sqrt(below / excess.Count), year = Math.Sqrt(periodsPerYear);

        // Even returns do not deviate, though they do by the rounding of the values that they come from, whatever the returns themselves are.
        // A value is 1 and a return, so that a small one has lost digits.
        bool even = !(deviation > RoundingOfValues * (1 + Math.Abs(mean)) / least);
        return new(drawdown, deviation * year, even ? null : mean / deviation * year, downside > 0 && !even ? mean / downside * year : null);
    }
}

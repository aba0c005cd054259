namespace Pnl.Tests.Core.Portfolios;

/// <summary>
/// empyrical, empyrical/tests/test_stats.py (commit 40f61b4): its returns and expected numbers, at its 252, 52 and 12
/// periods a year; it gives drawdowns below zero, ours are above. A contract year here has 365 days, see the last tests.
/// </summary>
public sealed class PerformanceStatisticsTests
{
    private const double Daily = 252, Weekly = 52, Monthly = 12;

    private static readonly double[] Positive = [1, 2, 1, 1, 1, 1, 1, 1, 1];

    private static readonly double[] Negative = [0, -6, -7, -1, -9, -2, -6, -8, -5];

    // The first of its mixed returns is NaN, which it leaves out.
    private static readonly double[] Mixed = [1, 10, -4, 2, 3, 2, 1, -10];

    private static readonly double[] WithZero = [0, 1, 10, -4, 2, 3, 2, 1, -10];

    [Fact]
    public void Drawdown()
    {
        Assert.Equal(0.1, Of(Mixed, Daily).MaxDrawdown!.Value, 1e-12);
        Assert.Equal(0, Of(Positive, Daily).MaxDrawdown!.Value);
        Assert.Equal(0.36590, Of(Negative, Daily).MaxDrawdown!.Value, 5e-5); // test_cum_returns_final: to 4 places
        Assert.Equal(0.1, Of([10, -10, 10], Daily).MaxDrawdown!.Value, 1e-12);
    }

    [Fact]
    public void Volatility()
    {
        Assert.Equal(0.9136465399704637, Of(Mixed, Daily).Volatility!.Value, 1e-9);
        Assert.Equal(0.38851569394870583, Of(WithZero, Weekly).Volatility!.Value, 1e-9);
        Assert.Equal(0.18663690238892558, Of(WithZero, Monthly).Volatility!.Value, 1e-9);
    }

    [Fact]
    public void Sharpe()
    {
        Assert.Equal(1.7238613961706866, Of(Mixed, Daily).Sharpe!.Value, 1e-9);
        Assert.Equal(52.915026221291804, Of(Positive, Daily).Sharpe!.Value, 1e-9);
        Assert.Equal(-24.406808633910085, Of(Negative, Daily).Sharpe!.Value, 1e-9);
        Assert.Null(Of([1, 1, 1, 1, 1, 1, 1, 1, 1], Daily).Sharpe); // infinite there
        Assert.Null(Of([1], Daily).Sharpe);
        Assert.Null(Of([], Daily).Sharpe);
    }

    [Theory]
    [InlineData(1.0001)]
    [InlineData(1.0000001)]
    [InlineData(1.01)]
    [InlineData(0.9999)]
    [InlineData(0.97)]
    public void Returns_that_are_the_same_but_for_rounding_have_no_ratios(double growth)
    {
        // Values as a time-weighted return gives them: each rounded by itself, after a chain of products.
        double?[] values = new double?[400];
        double chain = 1;
        for (int i = 0; i < values.Length; i++, chain *= growth)
        {
            values[i] = chain - 1 + 1;
        }

        PerformanceStatistics statistics = PerformanceStatistics.Of(values, Daily);
        Assert.Equal((null, null), (statistics.Sharpe, statistics.Sortino));
        Assert.Equal(0, statistics.Volatility!.Value, 1e-9);
    }

    [Fact]
    public void Returns_that_differ_a_little_have_ratios()
    {
        double?[] values = [1, 1.0001, 1.0001 * 1.00010001, 1.0001 * 1.00010001 * 1.0001];
        Assert.Equal(Math.Sqrt(Daily) * (0.0001 + 1e-8 / 3) / (1e-8 / Math.Sqrt(3)), PerformanceStatistics.Of(values, Daily).Sharpe!.Value, 1);
    }

    [Fact]
    public void Sortino()
    {
        Assert.Equal(2.605531251673693, Of(Mixed, Daily).Sortino!.Value, 1e-9);
        Assert.Equal(-1.3934779588919977, Of(Mixed, Daily, 0.01).Sortino!.Value, 1e-9);
        Assert.Equal(-13.532743075043401, Of(Negative, Daily).Sortino!.Value, 1e-9);
        Assert.Equal(1.1158901056866439, Of(WithZero, Weekly).Sortino!.Value, 1e-9);
        Assert.Equal(0.53605626741889756, Of(WithZero, Monthly).Sortino!.Value, 1e-9);
        Assert.Null(Of(Positive, Daily).Sortino); // infinite there
    }

    [Fact]
    public void Of_no_values_there_is_nothing_to_say() => Assert.Equal(default, PerformanceStatistics.Of([], 365));

    [Fact]
    public void What_is_unknown_is_left_out_with_the_returns_to_and_from_it()
    {
        PerformanceStatistics whole = PerformanceStatistics.Of([1, 1.1, null, 2, 1.8], 365);

        // Returns of 10 % and -10 %; the leap over the gap is none, the new peak is one.
        Assert.Equal(Math.Sqrt(0.02 * 365), whole.Volatility!.Value, 1e-12);
        Assert.Equal(0, whole.Sharpe!.Value, 1e-12);
        Assert.Equal(0.1, whole.MaxDrawdown!.Value, 1e-12);
    }

    [Theory]
    [InlineData(Interval.FiveMinutes, 105_120)]
    [InlineData(Interval.FifteenMinutes, 35_040)]
    [InlineData(Interval.Hour, 8_760)]
    [InlineData(Interval.FourHours, 2_190)]
    [InlineData(Interval.Day, 365)]
    [InlineData(Interval.Week, 365.0 / 7)]
    [InlineData(Interval.Month, 12)]
    public void A_year_has_365_days(Interval interval, double periods) => Assert.Equal(periods, PerformanceStatistics.PeriodsPerYear(interval));

    private static PerformanceStatistics Of(double[] percents, double periodsPerYear, double riskFree = 0)
    {
        List<double?> values = [1];
        foreach (double percent in percents)
        {
            values.Add(values[^1] * (1 + percent / 100));
        }

        return PerformanceStatistics.Of([.. values], periodsPerYear, riskFree);
    }
}

using CsCheck;

namespace Pnl.Tests.Core.Portfolios;

public sealed class MoneyWeightedReturnTests
{
    /// <summary>
    /// hledger, hledger/test/roi.test (commit 2b28a75), by the number of the test: flows, and its IRR in percent. Its year
    /// has 365.25 days and its periods end with the day after the last; ours has 365, so that its rate is ours to the power of
    /// 365.25 / 365. (The title of its number 5 says -95.73 %, its output -95.74 %.)
    /// </summary>
    [Theory]
    [InlineData(2, "2017-01-01 -100, 2018-01-01 112", 12.01)]
    [InlineData(4, "2017-01-01 -100, 2017-06-01 -100, 2018-01-01 220", 12.73)]
    [InlineData(5, "2017-01-01 -100, 2017-06-01 -100, 2018-01-01 20", -95.74)]
    [InlineData(6, "2017-01-01 -100, 2017-07-01 -100, 2017-10-01 50, 2018-01-01 155", 3.64)]
    [InlineData(10, "2019-11-01 -100, 2019-11-02 101", 3687.75)]
    [InlineData(11, "2020-12-02 -131.23359580, 2021-01-03 148.89009204", 322.40)]
    [InlineData(14, "2022-08-01 -101, 2023-01-01 200", 410.88)]
    [InlineData(15, "2023-01-01 -5, 2024-01-01 6", 20.01)]
    [InlineData(16, "2019-01-01 -43.11, 2019-07-01 -509.30, 2020-01-01 622.49", 24.53)]
    public void Hledger_roi(int number, string flows, double percent)
    {
        double rate = Solve(flows).Rate!.Value;

        Assert.True(number > 0);
        Assert.Equal(percent, 100 * (Math.Pow(1 + rate, 365.25 / 365) - 1), 0.00501);
    }

    /// <summary>
    /// Microsoft's example of XIRR, which this defines: 37.34 % (support.microsoft.com, "XIRR function"): 365-day years.
    /// </summary>
    [Fact]
    public void Excel_xirr() =>
        Assert.Equal(0.373362535, Solve("2008-01-01 -10000, 2008-03-01 2750, 2008-10-30 4250, 2009-02-15 3250, 2009-04-01 2750").Rate!.Value, 1e-8);

    [Fact]
    public void A_year_has_365_days_and_seconds_count()
    {
        Assert.Equal(0.10, Solve("2021-01-01 -100, 2022-01-01 110").Rate!.Value, 1e-12);
        Assert.Equal(Math.Pow(1.1, 2) - 1, Solve("2021-01-01 -100, 2021-07-02T12:00:00Z 110").Rate!.Value, 1e-11);
        Assert.Equal(Math.Pow(1.000001, 365 * 86_400) - 1, Solve("2021-01-01T00:00:00Z -1000000, 2021-01-01T00:00:01Z 1000001").Rate!.Value, 1e6);
    }

    [Theory]
    [InlineData("2021-01-01 -100, 2022-01-01 -5")] // nothing comes back
    [InlineData("2021-01-01 100, 2022-01-01 5")]
    [InlineData("2021-01-01 -100")]
    [InlineData("2021-01-01 -100, 2021-01-01 110")] // no time passes: it is one flow
    [InlineData("2021-01-01 -100, 2022-01-01 100, 2023-01-01 -100")] // discriminant below zero
    [InlineData("")]
    public void Where_there_is_no_solution_none_is_given(string flows)
    {
        Assert.Null(Solve(flows).Rate);
        Assert.Empty(Solve(flows).Rates);
    }

    /// <summary>-100, 230, -132 is -100 (1.1 v)(1.2 v) in reverse: 10 % and 20 % both solve it.</summary>
    [Fact]
    public void Where_there_are_several_all_are_named_and_none_is_the_return()
    {
        MoneyWeightedReturn two = Solve("2021-01-01 -100, 2022-01-01 230, 2023-01-01 -132");

        Assert.Null(two.Rate);
        Assert.Equal([0.1, 0.2], two.Rates.Select(rate => Math.Round(rate, 9)));
        Assert.Equal([0.1, 0.101], Solve("2021-01-01 -1000, 2022-01-01 2201, 2023-01-01 -1211.1").Rates.Select(rate => Math.Round(rate, 9)));
    }

    [Fact]
    public void A_rate_of_nothing_is_a_rate()
    {
        Assert.Equal(0, Solve("2021-01-01 -100, 2022-01-01 100").Rate!.Value, 1e-15);
        Assert.Equal(0, Solve("2021-01-01 -100, 2022-01-01 150, 2022-06-01 -100, 2023-01-01 50").Rate!.Value, 1e-12);
    }

    [Fact]
    public void A_double_zero_is_found_once() =>
        Assert.Equal([0.1], Solve("2021-01-01 -100, 2022-01-01 220, 2023-01-01 -121").Rates.Select(rate => Math.Round(rate, 6)));

    [Fact]
    public void Two_zeros_however_far_apart_are_both_found() =>
        Gen.Select(Gen.Double[-0.95, 20], Gen.Double[0.01, 30], Gen.Double[0.01, 5]).Sample((r, gap, years) =>
        {
            // In the powers of v = (1 + r)^-years: (1 - av)(1 - bv) = 1 - (a + b) v + ab v^2.
            (double a, double b) = (Math.Pow(1 + r, years), Math.Pow(1 + r + gap, years));
            DateTimeOffset start = DateTimeOffset.UnixEpoch;
            TimeSpan step = TimeSpan.FromSeconds(Math.Round(years * 365 * 86_400));
            MoneyWeightedReturn solved = MoneyWeightedReturn.Of([new(start, -1), new(start + step, a + b), new(start + 2 * step, -a * b)]);

            Assert.Equal(2, solved.Rates.Length);
            Assert.Equal(r, solved.Rates[0], 1e-5 * (1 + Math.Abs(r) + 1 / years));
            Assert.Equal(r + gap, solved.Rates[1], 1e-5 * (1 + r + gap + 1 / years));
        }, iter: Effort.Of(300));

    [Fact]
    public void Whatever_is_invested_at_a_rate_has_that_return() =>
        Gen.Select(Gen.Double[-0.9, 5], Gen.Select(Gen.Int[0, 3_000_000], Gen.Double[1, 1_000]).Array[1, 20]).Sample((rate, paid) =>
        {
            DateTimeOffset end = DateTimeOffset.UnixEpoch.AddSeconds(400_000_000);
            CashFlow[] flows = [.. paid.Select(flow => new CashFlow(end.AddSeconds(-100.0 * flow.Item1 - 86_400), -flow.Item2))];
            double worth = flows.Sum(flow => -flow.Amount * Math.Pow(1 + rate, (end - flow.Time).TotalSeconds / 31_536_000));

            Assert.Equal(rate, MoneyWeightedReturn.Of([.. flows, new(end, worth)]).Rate!.Value, 1e-9 * (1 + Math.Abs(rate)));
        }, iter: Effort.Of(1_000));

    private static MoneyWeightedReturn Solve(string flows) => MoneyWeightedReturn.Of(flows.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(flow =>
        new CashFlow(RateTable.At(flow.Split(' ')[0]), double.Parse(flow.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))));
}

using CsCheck;

namespace Pnl.Tests.Core.Portfolios;

public sealed class ValuationSeriesTests
{
    [Fact]
    public void Every_point_is_the_answer_of_its_time() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.PatchyRates, Gen.Int[-5, 2_000].Array[0, 20]).Sample((entries, terms, rates, offsets) =>
        {
            CrossRates cross = rates.Cross;
            Portfolio portfolio = AnyLedger.Accepted(entries, terms, cross);
            int[] slots = [.. offsets.Select(offset => AnyLedger.FirstSlot + offset).Distinct().Order()];
            Dictionary<CurrencyPair, decimal[]> columns = rates.Markets.ToDictionary(market => market, market => slots.Select(slot => rates.AsOf(market, slot) ?? 0m).ToArray());

            ValuationSeries series = ValuationSeries.Of(portfolio, slots, columns, cross);

            for (int i = 0; i < slots.Length; i++)
            {
                DateTimeOffset time = BarTime.Close(slots[i]);
                PortfolioPnl pnl = PortfolioPnl.Of(portfolio.At(time), cross, slots[i]);
                Assert.Equal(time.ToUnixTimeSeconds(), series.Time[i]);
                Assert.Equal(
                    (pnl.MarketValue, pnl.Contributions, pnl.Distributions, pnl.Realised, pnl.Unrealised, pnl.Total, pnl.Complete),
                    (series.MarketValue[i], series.Contributions[i], series.Distributions[i], series.Realised[i], series.Unrealised[i], series.Total[i], series.Complete[i]));
                double? twr = portfolio.Entries.Any(entry => entry.Time <= time)
                    ? Performance.Of(portfolio, time, cross).TimeWeightedReturn(pnl.Complete ? pnl.MarketValue : null)
                    : null;
                Assert.Equal(twr, series.TimeWeightedReturn[i]);
            }
        }, iter: Effort.Of(1_000));

    [Fact]
    public void Its_statistics_are_those_of_the_return_not_of_what_was_paid_in()
    {
        RateTable rates = new RateTable().With("btc", "usd", "2021-01-01", 100m);
        decimal[] closes = [100m, 110m, 99m, 108.9m];
        int first = BarTime.LastClosedSlot(RateTable.At("2021-01-02"));
        int[] slots = [first, first + 288, first + 576, first + 864];
        for (int i = 0; i < slots.Length; i++)
        {
            rates.With("btc", "usd", slots[i], closes[i]);
        }

        Portfolio portfolio = LedgerText.Portfolio("2021-01-02 buy 1 btc @ 100 usd\n2021-01-03T12:00Z buy 9 btc @ 110 usd", new("usd", CostBasis.Fifo, false, false), rates);
        ValuationSeries series = ValuationSeries.Of(portfolio, slots, new Dictionary<CurrencyPair, decimal[]> { [new("btc", "usd")] = closes }, rates.Cross);

        Assert.Equal([100m, 110m, 990m, 1_089m], series.MarketValue.Nearest);
        Assert.Null(series.MarketValue.Exact);
        Assert.Equal([0m, 0.1m, -0.01m, 0.089m], series.TimeWeightedReturn.Select(twr => Math.Round((decimal)twr!.Value, 12)));
        PerformanceStatistics statistics = series.Statistics(Interval.Day);
        Assert.Equal(0.1, statistics.MaxDrawdown!.Value, 1e-12);
        Assert.Equal(Math.Sqrt(0.04 / 3 * 365), statistics.Volatility!.Value, 1e-9); // returns of 10 %, -10 %, 10 %
    }
}

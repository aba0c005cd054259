using CsCheck;

namespace Pnl.Tests.Core.Portfolios;

public sealed class PerformanceTests
{
    private static readonly PortfolioTerms Terms = new("usd", CostBasis.Fifo, AllowShorts: false, TrackCash: true);

    /// <summary>
    /// hledger, hledger/test/roi.test (commit 2b28a75), numbers 2, 4, 6 and 16, with a fund whose rate makes its valuations. Its
    /// TWR solves for a rate within each window between valuations (BAI linked IRR), ours knows the value at every flow: of
    /// number 4 that is 0 % until June and 10 % from then on, there 12.73 %; of 6 it is 1.1 * 155/160, there 7.02 %; of 16
    /// 50.93/43.11 * 622.49/560.23, there 31.48 %.
    /// </summary>
    [Theory]
    [InlineData("2017-01-01 buy 100 fund @ 1 usd", "2017-12-31 1.12", 12.00)]
    [InlineData("2017-01-01 buy 100 fund @ 1 usd\n2017-06-01 buy 100 fund @ 1 usd", "2017-12-31 1.1", 10.00)]
    [InlineData(
        "2017-01-01 buy 100 fund @ 1 usd\n2017-07-01 buy 100 fund @ 1.1 usd\n2017-10-01 sell 50 fund @ 1.1 usd", "2017-06-30 1.1, 2017-12-31 1.065625", 6.5625)]
    [InlineData("2019-01-01 buy 43.11 fund @ 1 usd\n2019-07-01 buy 10 fund @ 2 usd", "2019-06-30 1.181396427743, 2019-12-31 1.3", null)]
    public void Hledger_twr(string ledger, string rates, double? percent)
    {
        RateTable table = new RateTable().With("fund", "usd", "2017-01-01", 1m);
        foreach (string[] rate in rates.Split(", ").Select(rate => rate.Split(' ')))
        {
            table.With("fund", "usd", rate[0], decimal.Parse(rate[1], System.Globalization.CultureInfo.InvariantCulture));
        }

        double? twr = Twr(ledger, Terms with { TrackCash = false }, table);
        if (percent is { } expected)
        {
            Assert.Equal(expected / 100, twr!.Value, 1e-9);
        }
        else
        {
            Assert.NotNull(twr);
        }
    }

    [Fact]
    public void Money_paid_in_or_out_is_no_return()
    {
        RateTable rates = new RateTable().With("btc", "usd", "2021-01-01", 100m).With("btc", "usd", "2021-02-01", 150m).With("btc", "usd", "2021-03-01", 120m);

        // Half in bitcoin: 25 % up; then 37,500 of 61,250 in cash, and the rest 20 % down.
        Assert.Equal(1.25 * (1 - 0.2 * 15_000 / 62_500.0) - 1, Twr(
            "2021-01-01 deposit 20000 usd\n2021-01-01T01:00Z buy 100 btc @ 100 usd\n2021-02-01T01:00Z deposit 37500 usd", Terms, rates)!.Value, 1e-12);
    }

    [Fact]
    public void Fees_and_prices_off_the_market_are_performance()
    {
        RateTable rates = new RateTable().With("btc", "usd", "2021-01-01", 100m);

        Assert.Equal(100.0 / 103 - 1, Twr("2021-01-02 buy 1 btc @ 101 usd fee 2 usd", Terms with { TrackCash = false }, rates)!.Value, 1e-12);
        Assert.Equal(100.0 / 103 * 99 / 100 - 1, Twr("2021-01-02 buy 1 btc @ 101 usd fee 2 usd\n2021-01-03 sell 1 btc @ 100 usd fee 1 usd", Terms with { TrackCash = false }, rates)!.Value, 1e-12);
    }

    [Fact]
    public void What_is_bought_within_a_bar_has_gained_nothing_in_it()
    {
        RateTable rates = new RateTable().With("abc", "usd", "2024-03-01T12:05Z", 90m).With("abc", "usd", "2024-03-01T12:10Z", 100m);
        PortfolioTerms terms = Terms with { TrackCash = false };

        Assert.Equal(0, Twr("2024-03-01T12:06Z buy 1 abc @ 100 usd\n2024-03-01T12:07Z buy 3 abc @ 100 usd\n2024-03-01T12:08Z sell 2 abc @ 100 usd", terms, rates)!.Value, 1e-12);
        Assert.Equal(100 / 96.0 - 1, Twr("2024-03-01T12:06Z buy 1 abc @ 96 usd\n2024-03-01T12:07Z buy 3 abc @ 100 usd", terms, rates)!.Value, 1e-12);

        // A gift, or a mistake, says nothing of what the rest is worth.
        Assert.Equal(200 / 91.0 - 1, Twr("2024-03-01T12:05Z buy 1 abc @ 90 usd\n2024-03-01T12:07Z buy 1 abc @ 1 usd", terms, rates)!.Value, 1e-12);
    }

    [Fact]
    public void Without_capital_there_is_no_return()
    {
        RateTable rates = new RateTable().With("abc", "usd", "2024-01-01", 90m).With("abc", "usd", "2024-03-01", 100m);

        Assert.Null(Twr("2024-02-01 income 2 abc", Terms, rates)); // nobody has paid anything for it
        Assert.Equal(100 / 90.0 - 1, Twr("2024-02-01 deposit 2 abc", Terms, rates)!.Value, 1e-12);
    }

    [Fact]
    public void What_is_received_first_and_paid_back_has_no_money_weighted_return()
    {
        // A short that is closed at a gain: as a loan it costs less than nothing, as an investment there is none.
        RateTable rates = new RateTable().With("abc", "usd", "2024-01-01", 100m);
        Portfolio portfolio = LedgerText.Portfolio("2024-01-02 sell 1 abc @ 100 usd\n2024-06-02 buy 1 abc @ 80 usd", new("usd", CostBasis.Fifo, AllowShorts: true, TrackCash: false), rates);

        Assert.Null(Performance.Of(portfolio, DateTimeOffset.MaxValue, rates.Cross).MoneyWeightedReturn(0m, RateTable.At("2025-01-01")));
    }

    [Fact]
    public void A_deposit_counts_at_market_whatever_it_once_cost()
    {
        RateTable rates = new RateTable().With("btc", "usd", "2021-01-01", 100m).With("btc", "usd", "2021-02-01", 110m);
        Portfolio portfolio = LedgerText.Portfolio("2021-01-02 deposit 1 btc @ 5 usd", Terms, rates);

        Performance performance = Performance.Of(portfolio, DateTimeOffset.MaxValue, rates.Cross);

        Assert.Equal(0.1, performance.TimeWeightedReturn(110m)!.Value, 1e-12);
        Assert.Equal([new CashFlow(RateTable.At("2021-01-02"), -100)], performance.Flows);
        Assert.Equal(0.1, performance.MoneyWeightedReturn(110m, RateTable.At("2022-01-02"))!.Rate!.Value, 1e-12);
    }

    [Fact]
    public void A_deposit_that_closes_a_short_names_the_rate_of_what_is_not_held_any_more()
    {
        RateTable rates = new RateTable().With("btc", "usd", "2021-01-01", 100m);
        Portfolio portfolio = LedgerText.Portfolio("2021-01-02 sell 1 btc @ 100 usd\n2021-01-03 deposit 1 btc @ 5 usd", new("usd", CostBasis.Fifo, true, false), rates);
        HashSet<RateNeed> needs = [];

        Performance.Needs(portfolio, DateTimeOffset.MaxValue, rates.Graph, needs);

        Assert.Contains(new RateNeed(new("btc", "usd"), BarTime.LastClosedSlot(RateTable.At("2021-01-03"))), needs);
    }

    [Fact]
    public void Without_a_value_at_a_flow_there_is_no_time_weighted_return_from_there_on()
    {
        RateTable rates = new RateTable().With("btc", "usd", "2021-03-01", 100m);
        Portfolio portfolio = LedgerText.Portfolio("2021-01-02 buy 1 btc @ 90 usd\n2021-01-03 buy 1 btc @ 90 usd", Terms with { TrackCash = false }, rates);
        Performance performance = Performance.Of(portfolio, DateTimeOffset.MaxValue, rates.Cross);

        Assert.Null(performance.TimeWeightedReturn(200m));
        Assert.Equal([-90, -90], performance.Flows!.Select(flow => flow.Amount)); // what was paid is known all the same
        Assert.Null(performance.MoneyWeightedReturn(null, RateTable.At("2022-01-02")));
        Assert.Null(Twr("2021-03-02 sell 1 btc @ 100 usd", new("usd", CostBasis.Fifo, true, false), rates)); // a value below zero
        Assert.Null(Twr("2021-03-02 deposit 1 gold", Terms, rates)); // no flow that is known
    }

    [Fact]
    public void Trades_at_the_market_leave_the_return_to_the_market() =>
        Gen.Select(AnyLedger.Rates, Gen.Select(Gen.Int[0, 1_999], Gen.Int[1, 1_000], Gen.Bool).Array[1, 30]).Sample((rates, trades) =>
        {
            PortfolioTerms terms = new("usd", CostBasis.Fifo, false, false);
            decimal At(int slot) => rates.AsOf(new("btc", "usd"), slot)!.Value;
            Portfolio portfolio = AnyLedger.Accepted(
                [
                    new("0", BarTime.Close(AnyLedger.FirstSlot - 1), EntryKind.Buy, "btc", 1m, At(AnyLedger.FirstSlot - 1), "usd", [], null),
                    .. trades.Select((trade, i) => new LedgerEntry(
                        $"{i + 1}", BarTime.Close(AnyLedger.FirstSlot + trade.Item1), trade.Item3 ? EntryKind.Buy : EntryKind.Sell, "btc", trade.Item2 / 999m,
                        At(AnyLedger.FirstSlot + trade.Item1), "usd", [], null)),
                ], terms, rates.Cross);
            Amount held = portfolio.Book.Position("btc")!.Quantity;
            if (portfolio.Entries.Any(entry => portfolio.At(entry.Time).Position("btc")!.Quantity.IsZero))
            {
                return; // out of the market for a while
            }

            double? twr = Performance.Of(portfolio, DateTimeOffset.MaxValue, rates.Cross).TimeWeightedReturn(held * At(AnyLedger.LastSlot));

            double expected = (double)(At(AnyLedger.LastSlot) / At(AnyLedger.FirstSlot - 1)) - 1;
            Assert.Equal(expected, twr!.Value, 1e-9 * (1 + expected));
        }, iter: Effort.Of(500));

    private static double? Twr(string ledger, PortfolioTerms terms, RateTable rates)
    {
        Portfolio portfolio = LedgerText.Portfolio(ledger, terms, rates);
        PortfolioPnl pnl = PortfolioPnl.Of(portfolio.Book, rates.Cross, BarTime.LastClosedSlot(RateTable.At("2025-01-01")));
        return Performance.Of(portfolio, DateTimeOffset.MaxValue, rates.Cross).TimeWeightedReturn(pnl.Complete ? pnl.MarketValue : null);
    }
}

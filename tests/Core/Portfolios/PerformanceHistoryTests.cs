using System.Globalization;
using CsCheck;

namespace Pnl.Tests.Core.Portfolios;

/// <summary>The performance goes on from where it is, and says what the whole ledger replayed and valued exactly says.</summary>
public sealed class PerformanceHistoryTests
{
    private static readonly Amount[] Ends = [12_345m, 0m, -5m];

    [Fact]
    public void Of_any_ledger_it_is_that_of_the_plain_replay() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.PatchyRates).Sample((entries, terms, rates) =>
        {
            Portfolio portfolio = AnyLedger.Accepted(entries, terms, rates.Cross);
            for (int count = portfolio.Count; count >= 0; count -= 7)
            {
                PerformanceHistory history = LedgerFlows.Of(portfolio, PerformanceHistory.Empty, count, rates.Graph).Performance(rates.Cross);
                Assert.Equal(count, history.Count);
                AssertSame(PlainPerformance.Of(portfolio, count, rates.Cross), history.Performance);
            }
        }, iter: Effort.Of(500));

    [Fact]
    public void It_goes_on_from_wherever_it_is() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.PatchyRates, Gen.Int[0, 30].Array[0, 4]).Sample((entries, terms, rates, stops) =>
        {
            Portfolio portfolio = AnyLedger.Accepted(entries, terms, rates.Cross);
            PerformanceHistory history = PerformanceHistory.Empty;
            foreach (int stop in stops.Where(stop => stop < portfolio.Count).Order().Append(portfolio.Count))
            {
                history = LedgerFlows.Of(portfolio, history, stop, rates.Graph).Performance(rates.Cross);
            }

            AssertSame(PlainPerformance.Of(portfolio, portfolio.Count, rates.Cross), history.Performance);
            Performance atOnce = Performance.Of(portfolio, DateTimeOffset.MaxValue, rates.Cross);
            Assert.Equal((atOnce.TimeWeightedReturn(12_345m), atOnce.TimeWeightedReturn(0m)), (history.Performance.TimeWeightedReturn(12_345m), history.Performance.TimeWeightedReturn(0m))); // to the last bit
        }, iter: Effort.Of(300));

    [Fact]
    public void It_names_no_rate_that_the_plain_replay_does_not_and_asks_for_none_that_it_did_not_name() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.PatchyRates).Sample((entries, terms, rates) =>
        {
            Portfolio portfolio = AnyLedger.Accepted(entries, terms, rates.Cross);
            LedgerFlows flows = LedgerFlows.Of(portfolio, PerformanceHistory.Empty, portfolio.Count, rates.Graph);
            HashSet<RateNeed> named = [.. flows.Needs.SelectMany(need => need.Slots.Select(slot => new RateNeed(need.Market, slot)))];
            rates.Asked.Clear();
            flows.Performance(rates.Cross);

            Assert.Empty(rates.Asked.Except(named));
            Assert.Empty(named.Except(PlainPerformance.Needs(portfolio, rates.Graph)));
            Assert.All(flows.Needs, need => Assert.Equal(need.Slots.Order().Distinct(), need.Slots));
        }, iter: Effort.Of(300));

    /// <summary>3 * 0.1 - 0.3 is 5.6e-17 in doubles. By the definition the sub-period starts with nothing, so it has no return.</summary>
    [Theory]
    [InlineData("0.3", 0.0)]
    [InlineData("0.30000000000000000001", null)] // below zero by 1e-20
    public void What_is_zero_or_below_by_the_last_digit_is_so(string price, double? expected)
    {
        RateTable rates = new RateTable()
            .With("a", "usd", "2021-01-01", 0.1m).With("b", "usd", "2021-01-01", decimal.Parse(price, CultureInfo.InvariantCulture)).With("c", "usd", "2021-01-01", 1m);
        Portfolio portfolio = LedgerText.Portfolio(
            $"2021-01-02 buy 3 a @ 0.1 usd\n2021-01-03 sell 1 b @ {price} usd\n2021-01-04 buy 1 c @ 1 usd", new("usd", CostBasis.Fifo, AllowShorts: true, TrackCash: false), rates);

        Performance performance = Performance.Of(portfolio, DateTimeOffset.MaxValue, rates.Cross);

        AssertSame(PlainPerformance.Of(portfolio, 3, rates.Cross), performance);
        Assert.Equal(expected, performance.TimeWeightedReturn(1m) is { } twr ? Math.Round(twr, 12) : null);
    }

    [Fact]
    public void A_long_ledger_that_is_corrected_is_replayed_from_the_last_point_before()
    {
        Random random = new(7);
        RateTable rates = new();
        string[] tokens = ["btc", "eth", "doge"];
        for (int slot = 0; slot <= 40; slot++)
        {
            Array.ForEach(tokens, token => rates.With(token, "usd", AnyLedger.FirstSlot + slot * 100, random.Next(1, 100_000) / 1000m));
        }

        int ids = 0;
        LedgerEntry Buy(int minute) => new(
            $"e{ids++}", BarTime.Open(AnyLedger.FirstSlot).AddMinutes(minute), EntryKind.Buy, tokens[random.Next(3)], random.Next(1, 1000) / 100m, random.Next(1, 100), "usd", [new(0.01m, "usd")], null);
        Portfolio portfolio = Portfolio.Empty(new("usd", CostBasis.Fifo, false, false)).Post([.. Enumerable.Range(0, 3_400).Select(i => Buy(5 * i))], rates.Cross).After;
        PerformanceHistory history = PerformanceHistory.Empty;
        int replayed = -1;
        void Go(int place)
        {
            LedgerFlows flows = LedgerFlows.Of(portfolio, history = history.UpTo(place), portfolio.Count, rates.Graph);
            replayed = portfolio.Count - history.Count;
            Assert.All(flows.Needs, need => Assert.InRange(need.Slots.Count, 0, replayed));
            history = flows.Performance(rates.Cross);
            AssertSame(PlainPerformance.Of(portfolio, portfolio.Count, rates.Cross), history.Performance);
        }

        void Change(Func<Portfolio, PortfolioChange> make)
        {
            PortfolioChange change = make(portfolio);
            Assert.Null(change.Refused);
            portfolio = change.After;
            Go(change.First);
        }

        Go(0);
        Assert.Equal(3_400, replayed);
        Change(from => from.Post([Buy(20_000)], rates.Cross));
        Assert.Equal(1, replayed);
        Change(from => from.Post([.. Enumerable.Range(0, 1_700).Select(i => Buy(20_001 + i))], rates.Cross)); // over two points
        Assert.Equal(1_700, replayed);
        Change(from => from.Post([Buy(5 * 2_500)], rates.Cross));
        Assert.Equal(portfolio.Count - 2_000, replayed);
        Change(from => from.Correct(from[3_010] with { Quantity = 3m }, rates.Cross));
        Assert.Equal(portfolio.Count - 3_000, replayed);
        Change(from => from.Delete(from[1_000].Id));
        Assert.Equal(portfolio.Count - 1_000, replayed);
        Change(from => from.Delete(from[999].Id));
        Assert.Equal(portfolio.Count, replayed);
        Change(from => from.Post([Buy(5 * 1_010), Buy(30_000)], rates.Cross));
        Assert.Equal(portfolio.Count - 1_000, replayed);

        // A corrected rate counts for the entries behind its close.
        int slot2 = AnyLedger.FirstSlot + 2_400;
        rates.With("eth", "usd", slot2, 77m);
        int place = portfolio.CountBefore(slot2);
        portfolio = portfolio.Reconverted(slot2, rates.Cross);
        Go(place);
        Assert.InRange(replayed, portfolio.Count - place, portfolio.Count - place + 999);

        // As of a time: from the last point before it.
        PerformanceHistory at = LedgerFlows.Of(portfolio, history.UpTo(2_345), 2_345, rates.Graph).Performance(rates.Cross);
        Assert.Equal((2_000, 2_345), (history.UpTo(2_345).Count, at.Count));
        AssertSame(PlainPerformance.Of(portfolio, 2_345, rates.Cross), at.Performance);
    }

    private static void AssertSame(PlainPerformance plain, Performance performance)
    {
        Assert.Equal(plain.Flows?.Count, performance.Flows?.Count);
        foreach ((CashFlow expected, CashFlow actual) in (plain.Flows ?? []).Zip(performance.Flows ?? []))
        {
            Assert.Equal(expected.Time, actual.Time);
            Assert.Equal(expected.Amount, actual.Amount, 1e-15 * Math.Abs(expected.Amount));
        }

        foreach (Amount end in Ends)
        {
            (double? expected, double? actual) = (plain.TimeWeightedReturn(end) + 1, performance.TimeWeightedReturn(end) + 1);
            Assert.Equal(expected is null, actual is null);
            if (expected is { } value && !double.IsNaN(value))
            {
                Assert.True(actual == value || Math.Abs(actual!.Value - value) <= 1e-12 * Math.Max(1, Math.Abs(value)), $"{actual} and not {value}");
            }
        }
    }
}

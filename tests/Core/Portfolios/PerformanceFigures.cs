using System.Diagnostics;
using System.Globalization;

namespace Pnl.Tests.Core.Portfolios;

/// <summary>What the performance of a ledger of 100,000 entries over 20 tokens takes beside the plain replay, in time of this thread's processor. Decision 32 has the figures.</summary>
public sealed class PerformanceFigures
{
    private const int Entries = 100_000, Tokens = 20;

    [Fact(Explicit = true)] // it measures; some 10 s
    public void A_long_ledger()
    {
        Random random = new(1);
        Columns rates = new();
        decimal[][] prices = new decimal[Tokens][];
        int first = AnyLedger.FirstSlot;
        for (int t = 0; t < Tokens; t++)
        {
            prices[t] = new decimal[Entries + 1];
            double log = Math.Log(10 + 500 * t);
            Dictionary<int, decimal> column = rates.Of[$"tok{t}"] = new(Entries + 1);
            for (int i = 0; i <= Entries; i++)
            {
                column[first + i - 1] = prices[t][i] = Math.Round((decimal)Math.Exp(log += (random.NextDouble() - 0.5) / 300), 4);
            }
        }

        LedgerEntry Trade(int i, bool sells, string id)
        {
            int t = random.Next(Tokens);
            return new(id, BarTime.Open(first + i), sells ? EntryKind.Sell : EntryKind.Buy, $"tok{t}", sells ? 0.0001m : random.Next(1, 5000) / 1000m, prices[t][i], "usd", [new(0.25m, "usd")], null);
        }

        RateGraph graph = new(Enumerable.Range(0, Tokens).Select(t => new CurrencyPair($"tok{t}", "usd")));
        CrossRates Cross() => new(graph, rates);
        LedgerEntry[] entries = [.. Enumerable.Range(0, Entries).Select(i => Trade(i, i > 1000 && random.Next(5) < 2, $"e{i}"))];
        for (int run = 0; run < 3; run++)
        {
            Portfolio portfolio = Timed("post 100,000 entries", () => Portfolio.Empty(new("usd", CostBasis.Fifo, false, false)).Post(entries, Cross()).After);
            HashSet<RateNeed> needs = Timed("plain: names the rates", () => PlainPerformance.Needs(portfolio, graph));
            PlainPerformance plain = Timed("plain: replays and values", () => PlainPerformance.Of(portfolio, portfolio.Count, Cross()));
            LedgerFlows flows = Timed("finds the flows and names the rates", () => LedgerFlows.Of(portfolio, PerformanceHistory.Empty, portfolio.Count, graph));
            PerformanceHistory history = Timed("values the flows", () => flows.Performance(Cross()));
            Assert.Equal(needs.Count, flows.Needs.Sum(need => need.Slots.Count));
            Assert.Equal(plain.TimeWeightedReturn(1_000_000_000m)!.Value, history.Performance.TimeWeightedReturn(1_000_000_000m)!.Value, 1e-12 * plain.TimeWeightedReturn(1_000_000_000m)!.Value);
            Timed("money-weighted return", () => history.Performance.MoneyWeightedReturn(5_000_000_000m, BarTime.Open(first + Entries)));
            foreach ((string what, int at, int count) in ((string, int, int)[])[("one entry at the end", Entries - 1, 1), ("100 entries at the end", Entries - 1, 100), ("one in the middle", Entries / 2, 1), ("one at the begin", 1, 1)])
            {
                PortfolioChange change = Timed($"{what}: the change", () => portfolio.Post([.. Enumerable.Range(0, count).Select(i => Trade(at, false, $"n{i}"))], Cross()));
                Timed($"{what}: the performance", () => LedgerFlows.Of(change.After, history.UpTo(change.First), change.After.Count, graph).Performance(Cross()));
            }
        }
    }

    private static T Timed<T>(string what, Func<T> work)
    {
        GC.Collect();
        (TimeSpan before, long began) = (Processor(), Stopwatch.GetTimestamp());
        T result = work();
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {(Processor() - before).TotalMilliseconds:0} ms of the processor, {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms passed"));
        return result;
    }

    private static TimeSpan Processor() => Process.GetCurrentProcess().TotalProcessorTime;

    private sealed class Columns : IRates
    {
        public Dictionary<string, Dictionary<int, decimal>> Of { get; } = [];

        public decimal? AsOf(CurrencyPair market, int slot) => Of[market.Token].TryGetValue(slot, out decimal rate) ? rate : null;
    }
}

using System.Diagnostics;
using System.Globalization;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Portfolios;

/// <summary>What the profit and loss of a ledger of 99,000 entries over 20 tokens takes. Decision 32 has the figures.</summary>
public sealed class LongLedgerFigures
{
    private const int Entries = 99_000, Tokens = 20, First = 2_000, Samples = 5; // a portfolio takes 100,000

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)] // it measures; a minute
    public async Task A_long_ledger()
    {
        await using PnlCluster cluster = new();
        await cluster.InitializeAsync();
        int last = BarTime.LastClosedSlot(PnlCluster.Noon), begin = last - Entries - First;
        Random random = new(1);
        long[][] rates = new long[Tokens][];
        for (int t = 0; t < Tokens; t++)
        {
            rates[t] = new long[Entries + First + 1];
            double log = Math.Log(10 + 500 * t);
            for (int i = 0; i < rates[t].Length; i++)
            {
                log += (random.NextDouble() - 0.5) / 300;
                rates[t][i] = (long)(Math.Exp(log) * 1e4);
            }

            await cluster.Client.RegisterTokenAsync(Id(t), new() { Quote = "usd" }, Cancellation);
            await cluster.Token(Id(t)).IngestHistory(new() { Slots = Enumerable.Range(begin, rates[t].Length).ToArray(), Mantissas = rates[t], Scale = 4 });
        }

        PortfolioEntry Trade(string id, int i, bool sells)
        {
            int t = random.Next(Tokens);
            return new()
            {
                Id = id, Time = BarTime.Close(begin + i), Kind = sells ? EntryKind.Sell : EntryKind.Buy, Token = Id(t), Quantity = sells ? 0.0001m : random.Next(1, 5000) / 1000m,
                Price = rates[t][i] / 10_000m, Currency = "usd", Fees = [new(0.25m, "usd")],
            };
        }

        await cluster.Client.PutPortfolioAsync("long", new() { BaseCurrency = "usd" }, Cancellation);
        List<PortfolioEntry> ledger = [.. Enumerable.Range(0, Entries).Select(i => Trade(string.Create(CultureInfo.InvariantCulture, $"e{i}"), i + 100, i > 1000 && random.Next(5) < 2))];
        foreach (PortfolioEntry[] some in ledger.Chunk(10_000))
        {
            Assert.Null((await cluster.Client.PostEntriesAsync("long", some, Cancellation)).Refused);
        }

        int added = 0;
        string Next() => string.Create(CultureInfo.InvariantCulture, $"n{added++}");
        async Task<PortfolioReport> PnlAsync()
        {
            while (true)
            {
                try
                {
                    return await cluster.Client.GetPortfolioPnlAsync("long", new(), Cancellation);
                }
                catch (PnlUnavailableException)
                {
                    // On a machine that does other things besides; its time counts.
                }
            }
        }

        Task PostAsync(params PortfolioEntry[] entries) => cluster.Client.PostEntriesAsync("long", entries, Cancellation);
        async Task TellAsync(string what, Func<Task>? change)
        {
            List<double> changed = [], answered = [], processor = [];
            for (int i = 0; i < Samples; i++)
            {
                long began = Stopwatch.GetTimestamp();
                await (change?.Invoke() ?? Task.CompletedTask);
                changed.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                (began, TimeSpan before) = (Stopwatch.GetTimestamp(), Process.GetCurrentProcess().TotalProcessorTime);
                PortfolioReport report = await PnlAsync();
                processor.Add((Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds);
                answered.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                Assert.True(report.Complete && report.Twr is not null);
            }

            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{what}: the change {Text(changed)} ms, then pnl {Text(answered)} ms, of the processor {Text(processor)} ms"));
        }

        await TellAsync("after the import, and asked again", null);
        int end = Entries + 100;
        await TellAsync("one entry more at the end", () => PostAsync(Trade(Next(), end++, false)));
        end = Entries + 120;
        await TellAsync("10 entries more at the end", () => PostAsync([.. Enumerable.Range(0, 10).Select(_ => Trade(Next(), end++, false))]));
        await TellAsync("an entry in the middle", () => PostAsync(Trade(Next(), Entries / 2, false)));
        await TellAsync("an entry at the begin", () => PostAsync(Trade(Next(), 101, false)));
        await TellAsync("a rate corrected in the middle", () => cluster.IngestAsync(Id(3), new Bar(begin + Entries / 2, 77m + added++ / 100m)));
        await TellAsync("a rate corrected at the begin", () => cluster.IngestAsync(Id(3), new Bar(begin + 100, 77m + added++ / 100m)));
        await TellAsync("activated anew", async () =>
        {
            await cluster.Orleans.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
            long began = Stopwatch.GetTimestamp();
            await cluster.Client.GetPortfolioAsync("long", Cancellation);
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"loading {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0.0} ms"));
        });
    }

    private static string Text(List<double> values) => string.Join(' ', values.Select(value => value.ToString("0", CultureInfo.InvariantCulture)));

    private static string Id(int token) => string.Create(CultureInfo.InvariantCulture, $"tok{token}");
}

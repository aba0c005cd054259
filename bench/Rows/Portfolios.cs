using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Pnl.Bench.Data;
using Pnl.Bench.Hosts;
using Pnl.Bench.Reporting;
using Pnl.Grains;

namespace Pnl.Bench.Rows;

/// <summary>
/// Portfolios as they are served: PnL and series of 2,000 trades over four tokens, the newest entry of a ledger of 100,000,
/// and 10,000 portfolios after a tick. All in one process with those who ask.
/// </summary>
internal sealed class Portfolios : IRow
{
    private const int Tokens = 4, Days = 2190, Trades = 2000, LongLedger = 100_000, Samples = 300, SeriesSamples = 20;
    private const int Many = 10_000, ManyTokens = 200, TokensAPortfolio = 20, AtOnce = 32, Ticks = 5;

    private static readonly DateTimeOffset End = new(2025, 6, 30, 3, 0, 0, TimeSpan.Zero);

    public IReadOnlyList<string> Names => ["portfolio.pnl", "portfolio.series.1d", "portfolio.series.5m", "portfolio.add.100k", "portfolio.tick"];

    public async Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        await using SiloInProcess silo = await SiloInProcess.StartAsync(run, cancel);
        TokenBars[] tokens = [.. TokenMarket.EachOfSameDays(Tokens, End, Days)];
        foreach (TokenBars token in tokens)
        {
            await silo.LoadAsync(token);
        }

        BenchRun.Log($"{tokens.Sum(token => token.Count)} bars loaded");
        using HttpClient http = new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = silo.Address };
        const string NoPeer = "no peer measured";

        IPortfolioGrain portfolio = await SetUpAsync(silo, "trades", Ledger(tokens, Trades));
        int last = tokens.Max(token => token.Slots[^1]), tick = last;
        Uri pnl = new("/v1/portfolios/trades/pnl", UriKind.Relative);
        async Task BarAsync() => await silo.Token(tokens[++tick % Tokens].Id).Ingest(Bar(tick, 100m + tick % 7));
        for (int i = 0; i < Samples; i++)
        {
            await BarAsync(); // the JIT's tiers take longer than the usual warm-up
            await http.GetByteArrayAsync(pnl, cancel);
        }

        (double quietP50, double quietP99) = await Timing.PercentilesAsync(() => http.GetByteArrayAsync(pnl, cancel), Samples);
        (double p50, double p99) = await Timing.PercentilesAsync(
            () => http.GetByteArrayAsync(pnl, cancel), Samples, BarAsync);
        BenchRun.Log("series");
        Uri daily = new("/v1/portfolios/trades/pnl/series?interval=1d", UriKind.Relative);
        Uri bars = new(string.Create(CultureInfo.InvariantCulture, $"/v1/portfolios/trades/pnl/series?interval=5m&from={BarTime.OpenSeconds(last - BarTime.BarsPerYear + 1)}&to={BarTime.CloseSeconds(last)}"), UriKind.Relative);
        int dailyBytes = (await http.GetByteArrayAsync(daily, cancel)).Length, barsBytes = (await http.GetByteArrayAsync(bars, cancel)).Length;
        (double dailyP50, double dailyP99) = await Timing.PercentilesAsync(() => http.GetByteArrayAsync(daily, cancel), SeriesSamples);
        (double barsP50, double barsP99) = await Timing.PercentilesAsync(() => http.GetByteArrayAsync(bars, cancel), SeriesSamples);
        PortfolioSeriesQuery year = new() { Interval = Interval.FiveMinutes, From = BarTime.Open(last - BarTime.BarsPerYear + 1), To = BarTime.Close(last) };
        int points = 0;
        (double barsGrain, _) = await Timing.PercentilesAsync(async () => points = (await portfolio.GetSeries(year))!.Time.Length, SeriesSamples);

        BenchRun.Log("a ledger of 100,000");
        IPortfolioGrain ledger = await SetUpAsync(silo, "long", Ledger(tokens, LongLedger));
        int added = 0;
        Uri entries = new("/v1/portfolios/long/entries", UriKind.Relative);
        (double addP50, double addP99) = await Timing.PercentilesAsync(
            async () =>
            {
                string body = string.Create(
                    CultureInfo.InvariantCulture,
                    $$"""{"entries":[{"id":"new{{added}}","time":{{BarTime.CloseSeconds(tick) + added++}},"kind":"buy","token":"{{tokens[0].Id}}","quantity":1,"price":100.5,"currency":"usd"}]}""");
                using StringContent content = new(body, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
                using HttpResponseMessage answer = await http.PostAsync(entries, content, cancel);
                answer.EnsureSuccessStatusCode();
            },
            Samples);
        int length = (await ledger.Get())!.Entries;

        BenchRun.Log("10,000 portfolios");
        (double revalued, double asked) = await ManyAsync(silo, cancel);
        return
        [
            Figure.Lower("portfolio.pnl.p50", "ms", p50 * 1e3, null,
                $"{Trades} trades over {Tokens} tokens by HTTP, each after another bar of one of them; nothing changed since the last answer {Significant.Text(quietP50 * 1e3)}; {NoPeer}"),
            Figure.Lower("portfolio.pnl.p99", "ms", p99 * 1e3, null, $"target below 20; nothing changed {Significant.Text(quietP99 * 1e3)}"),
            Figure.Lower("portfolio.series.1d", "ms", dailyP50 * 1e3, null, $"the same over its whole life by HTTP, {dailyBytes} bytes, worst of {SeriesSamples} {Significant.Text(dailyP99 * 1e3)}; target below 100; {NoPeer}"),
            Figure.Lower("portfolio.series.5m", "ms", barsP50 * 1e3, null, $"over one year by HTTP, {points} points, {barsBytes} bytes, worst of {SeriesSamples} {Significant.Text(barsP99 * 1e3)}; by a grain call {Significant.Text(barsGrain * 1e3)}; target below 100; {NoPeer}"),
            Figure.Lower("portfolio.add.100k", "ms", addP50 * 1e3, null, $"the newest entry of a ledger of {length} by HTTP until it is durable, p99 {Significant.Text(addP99 * 1e3)}; target below 20; {NoPeer}"),
            Figure.Lower("portfolio.tick", "s", revalued, null,
                $"{Many} portfolios of {TokensAPortfolio} tokens of {ManyTokens} each revalued after a bar of every token, {AtOnce} at once by grain calls, median of {Ticks}; asked again with nothing new {Significant.Text(asked)}; {NoPeer}"),
        ];
    }

    private static async Task<IPortfolioGrain> SetUpAsync(SiloInProcess silo, string id, IEnumerable<PortfolioEntry> entries)
    {
        IPortfolioGrain portfolio = silo.Grains.GetGrain<IPortfolioGrain>(id);
        await portfolio.Put(new() { BaseCurrency = "usd" });
        foreach (PortfolioEntry[] batch in entries.Chunk(10_000))
        {
            if (await portfolio.Post(batch) is not { Refused: null })
            {
                throw new InvalidOperationException($"entries of {id} were refused");
            }
        }

        return portfolio;
    }

    /// <summary>Trades at the market over the life of the tokens, three of five of them purchases, never more sold than is held.</summary>
    private static IEnumerable<PortfolioEntry> Ledger(TokenBars[] tokens, int count)
    {
        Random random = new(count);
        decimal[] held = new decimal[tokens.Length];
        for (int i = 0; i < count; i++)
        {
            int t = random.Next(tokens.Length);
            TokenBars token = tokens[t];
            int bar = (int)((long)(token.Count - 2) * i / count);
            bool sells = held[t] > 0m && random.Next(5) < 2;
            decimal quantity = sells ? Math.Round(held[t] / random.Next(1, 5), 4, MidpointRounding.ToZero) : random.Next(1, 5000) / 1000m;
            if (quantity == 0m)
            {
                (sells, quantity) = (false, 1m);
            }

            held[t] += sells ? -quantity : quantity;
            yield return new()
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"t{i}"),
                Time = BarTime.Close(token.Slots[bar]).AddMilliseconds(i % 1000),
                Kind = sells ? EntryKind.Sell : EntryKind.Buy,
                Token = token.Id,
                Quantity = quantity,
                Price = Mantissa.ToRate(token.Mantissas[bar], token.Scale),
                Currency = "usd",
                Fees = [new(0.25m, "usd")],
            };
        }
    }

    private static BarBatch Bar(int slot, decimal rate) => new() { Time = new[] { BarTime.OpenSeconds(slot) }, Rate = new[] { rate } };

    private static async Task<(double Revalued, double Asked)> ManyAsync(SiloInProcess silo, CancellationToken cancel)
    {
        int slot = BarTime.SlotAt(End);
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
        ITokenGrain[] tokens = [.. Enumerable.Range(0, ManyTokens).Select(i => silo.Token(string.Create(CultureInfo.InvariantCulture, $"many{i}")))];
        await Parallel.ForEachAsync(tokens, parallel, async (token, _) =>
        {
            await token.Register(new());
            await token.Ingest(Bar(slot, 5m));
        });
        IPortfolioGrain[] portfolios = [.. Enumerable.Range(0, Many).Select(i => silo.Grains.GetGrain<IPortfolioGrain>(string.Create(CultureInfo.InvariantCulture, $"p{i}")))];
        await Parallel.ForEachAsync(Enumerable.Range(0, Many), parallel, async (i, _) =>
        {
            await portfolios[i].Put(new() { BaseCurrency = "usd" });
            await portfolios[i].Post(
            [
                .. Enumerable.Range(0, TokensAPortfolio).Select(n => new PortfolioEntry
                {
                    Id = string.Create(CultureInfo.InvariantCulture, $"e{n}"), Time = BarTime.Close(slot), Kind = EntryKind.Buy,
                    Token = string.Create(CultureInfo.InvariantCulture, $"many{(i * 7 + n * 3) % ManyTokens}"), Quantity = 1 + n, Price = 4.5m, Currency = "usd", Fees = [],
                }),
            ]);
        });
        async Task<double> AskAsync()
        {
            long began = Stopwatch.GetTimestamp();
            await Parallel.ForEachAsync(portfolios, parallel, async (portfolio, _) => await portfolio.GetPnl(new()));
            return Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        await AskAsync();
        double[] revalued = new double[Ticks], asked = new double[Ticks];
        for (int i = 0; i < Ticks; i++)
        {
            slot++;
            await Parallel.ForEachAsync(tokens, parallel, async (token, _) => await token.Ingest(Bar(slot, 5m + i)));
            revalued[i] = await AskAsync();
            asked[i] = await AskAsync();
        }

        Array.Sort(revalued);
        Array.Sort(asked);
        return (revalued[Ticks / 2], asked[Ticks / 2]);
    }
}

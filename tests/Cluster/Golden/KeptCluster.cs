using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Rates.Simulation;
using Pnl.Tests.Cluster.Tokens;

namespace Pnl.Tests.Cluster.Golden;

/// <summary>A silo that has kept something of every kind, and what can be asked of it.</summary>
internal static class KeptCluster
{
    private const string Source = "simulated";

    private static readonly SimulatedMarket Market = new(new() { Tokens = 3 });
    private static readonly DateTimeOffset Day = new(PnlCluster.Noon.Date, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts a silo over what is kept, in Azure's storage or else in a folder.</summary>
    public static async Task<PnlCluster> StartAsync(string? folder = null, string? azure = null, string? prefix = null, DateTimeOffset? now = null)
    {
        FakeTimeProvider clock = new(now ?? PnlCluster.Noon);
        PnlCluster cluster = new()
        {
            Folder = folder, Azure = azure, Prefix = prefix ?? $"t{Guid.NewGuid():n}"[..20], Clock = clock,
            CandleSources = [new SimulatedCandleSource(Market, clock)], Reconcile = new() { Source = Source },
        };
        await cluster.InitializeAsync();
        return cluster;
    }

    /// <summary>Has it keep something of every kind.</summary>
    public static async Task FillAsync(PnlCluster cluster)
    {
        int last = BarTime.LastClosedSlot(PnlCluster.Noon);
        foreach (string token in (string[])["btc", "eur", "tiny"])
        {
            await cluster.Client.RegisterTokenAsync(
                token, new() { Symbol = token.ToUpperInvariant(), Name = $"The \"{token}\", \u00e9\u4e16", Quote = token == "tiny" ? "eur" : "usd", Sources = new() { ["binance"] = token + "usdt" } }, Cancellation);
        }

        await cluster.Client.RegisterTokenAsync(
            "new", new() { Quote = "usd", Listed = new DateTimeOffset(2024, 2, 29, 12, 0, 0, TimeSpan.Zero), Delisted = PnlCluster.Noon.AddDays(-1), StalenessSeconds = 60 }, Cancellation);

        // Months, of which one is corrected; open days; a hole that was not read, and one that is the source's; what is no bar.
        await cluster.Client.IngestAsync("btc", Batches.Of([.. RegularBars.UpToNow(80, step: 290)]), Cancellation);
        await cluster.Client.IngestAsync("btc", Batches.Of([.. RegularBars.UpToNow(300)]), Cancellation);
        await cluster.Client.IngestAsync("btc", Batches.Of([RegularBars.At(last - 290 * 60) with { Rate = 123.45678901m }]), Cancellation);
        await cluster.Client.IngestAsync(
            "eur", new() { Time = new[] { last - 40, last - 20, last }.Select(BarTime.OpenSeconds).ToArray(), Rate = new[] { 1.1m, 1.07m, 1.125m }, CoveredFrom = BarTime.OpenSeconds(last - 60), CoveredTo = BarTime.OpenSeconds(last - 10) }, Cancellation);
        await cluster.Client.IngestAsync(
            "tiny", new() { Time = Enumerable.Range(last - 5, 6).Select(BarTime.OpenSeconds).ToArray(), Rate = new[] { 0.0000000000000000000000000001m, 7922816251426433759354395033m, 0.1m, 0.10m, 1e-8m, 0m } }, Cancellation);
        await cluster.Token("btc").IngestEvent(new(BarTime.OpenSeconds(last), 0)); // put aside

        await cluster.Client.PutPortfolioAsync("mine", new() { BaseCurrency = "usd", CostBasis = CostBasis.Fifo }, Cancellation);
        await cluster.Client.PostEntriesAsync("mine", [.. Enumerable.Range(0, 4).Select(i => Entry(i)), Entry(9) with { Kind = EntryKind.Income, Price = null, Currency = null, Note = "a \"note\"\n\u00e9" }], Cancellation);
        await cluster.Client.PostEntriesAsync("mine", [Entry(5) with { Kind = EntryKind.Sell, Quantity = 1.25m, Fees = [new(1.5m, "usd"), new(-0.0000001m, "btc")] }], Cancellation);
        await cluster.Client.CorrectEntryAsync("mine", Entry(1) with { Quantity = 2.000000000000000000001m }, Cancellation);
        await cluster.Client.DeleteEntryAsync("mine", "e002", Cancellation);
        await cluster.Client.PutPortfolioAsync("many", new() { BaseCurrency = "eur", CostBasis = CostBasis.Avco, AllowShorts = true, TrackCash = true }, Cancellation);
        await cluster.Client.PostEntriesAsync("many", [.. Enumerable.Range(0, 95).Select(i => Entry(i))], Cancellation);
        await cluster.Client.PutPortfolioAsync("gone", new() { BaseCurrency = "usd" }, Cancellation);
        await cluster.Client.PostEntriesAsync("gone", [Entry(1)], Cancellation);
        await cluster.Client.GetPortfolioPnlAsync("gone", new(null), Cancellation);
        await cluster.Client.DeletePortfolioAsync("gone", Cancellation);

        IApiKeysGrain keys = cluster.Orleans.Client.GetGrain<IApiKeysGrain>(0);
        foreach (int i in (int[])[1, 2])
        {
            await keys.Add(new() { Id = $"key{i}", Name = "a key", Owner = "alice", Scopes = ["read", "portfolio"], Hash = new string((char)('a' + i), 64), CreatedAt = PnlCluster.Noon.AddTicks(1234567) });
        }

        await keys.Revoke("key1");

        await EndAsync(cluster, new() { Source = Source, From = Day.AddHours(-6), Tokens = [Market.Tokens[0].Id, "new"] });
        await Reconciliation(cluster).Check(); // from now on
    }

    /// <summary>All that can be asked, as JSON.</summary>
    public static async Task<string> AnswersAsync(PnlCluster cluster)
    {
        Dictionary<string, object?> answers = [];
        foreach (TokenInfo token in await cluster.Client.ListTokensAsync(null, null, 100, Cancellation))
        {
            answers[$"token {token.Id}"] = await cluster.Client.GetCoverageAsync(token.Id, 1000, Cancellation);
            answers[$"pnl {token.Id}"] = await cluster.Client.GetPnlAsync(token.Id, Cancellation);
            answers[$"bars {token.Id}"] = await cluster.Client.GetSeriesAsync(token.Id, new() { Interval = Interval.FiveMinutes }, Cancellation);
            answers[$"days {token.Id}"] = await cluster.Client.GetRatesAsync(token.Id, new() { Interval = Interval.Day }, Cancellation);
        }

        foreach (PortfolioListing portfolio in await cluster.Client.ListPortfoliosAsync(null, 100, Cancellation))
        {
            answers[$"portfolio {portfolio.Id}"] = await cluster.Client.GetPortfolioAsync(portfolio.Id, Cancellation);
            answers[$"entries {portfolio.Id}"] = (await cluster.Client.GetEntriesAsync(portfolio.Id, null, 1000, Cancellation)).Items;
            answers[$"position {portfolio.Id}"] = await cluster.Client.GetPortfolioPnlAsync(portfolio.Id, new(null), Cancellation);
        }

        answers["keys"] = await cluster.Orleans.Client.GetGrain<IApiKeysGrain>(0).List();
        foreach (string id in await cluster.Client.ListBackfillsAsync(Cancellation))
        {
            answers[$"backfill {id}"] = await cluster.Client.GetBackfillAsync(id, Cancellation);
        }

        answers["deadLetters"] = (await cluster.Store.Inner.DeadLettersAsync(null, 10, Cancellation)).Select(letter => new { letter.Token, letter.Reason, letter.Payload });
        return AnswerJson.Of(answers.OrderBy(answer => answer.Key, StringComparer.Ordinal).ToDictionary()).Replace("},\"", "},\n\"", StringComparison.Ordinal);
    }

    /// <summary>
    /// Asserts what shows only in what is done next, of a silo that starts a day later: a portfolio that comes again under an
    /// id goes on from the revision that was told, and the day after the last one that was reconciled is the next.
    /// </summary>
    public static async Task AssertGoesOnAsync(PnlCluster cluster)
    {
        Assert.True((await cluster.Client.PutPortfolioAsync("gone", new() { BaseCurrency = "usd" }, Cancellation)).Portfolio!.Revision > 2);
        await Reconciliation(cluster).Check();
        BackfillStatus status = (await cluster.Client.GetBackfillAsync("b2", Cancellation))!;
        Assert.Equal((BackfillKind.Reconciliation, Day), (status.Kind, status.From!.Value));
    }

    private static IReconciliationGrain Reconciliation(PnlCluster cluster) => cluster.Orleans.Client.GetGrain<IReconciliationGrain>(Source);

    private static async Task EndAsync(PnlCluster cluster, BackfillRequest request)
    {
        BackfillStatus status = await cluster.Client.StartBackfillAsync(request, Cancellation);
        while (status.EndedAt is null)
        {
            await Task.Delay(10, Cancellation); // which can only be asked for
            status = (await cluster.Client.GetBackfillAsync(status.Id, Cancellation))!;
        }
    }

    private static PortfolioEntry Entry(int i) => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"e{i:d3}"), Time = PnlCluster.Noon.AddDays(-3 + i / 50.0).AddTicks(i), Kind = EntryKind.Buy, Token = "btc",
        Quantity = 1m + i / 8m, Price = 100.1m, Currency = i % 2 == 0 ? "usd" : "eur", Fees = [],
    };
}

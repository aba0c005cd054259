using System.Globalization;
using System.Text.Json;
using Pnl.Tests.Acceptance.Durability;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Exchange;

/// <summary>
/// History over HTTP from an exchange that limits, gaps, fails and lies, by a silo that dies. At full size:
/// <code>dotnet run -c Release --project tests/Acceptance -- -explicit only -class Pnl.Tests.Acceptance.Exchange.ExchangeBackfillTests</code>
/// fetches two years of 500 pairs through ten deaths, and tells how far it is; see <see cref="BackfillSize.Large"/> for what can be set.
/// </summary>
public sealed class ExchangeBackfillTests
{
    public static TheoryData<int> AllSeeds => Seeds.All;

    [Fact]
    public async Task A_silo_fetches_every_candle_once_within_the_limit_and_tells_absent_from_not_fetched()
    {
        await using ExchangeBackfill backfill = await ExchangeBackfill.StartAsync(BackfillSize.Small, 7);

        // A token that somebody knew before: a bar of the day before, and the pair by its name.
        TradedPair known = backfill.Exchange.Pairs.First();
        long dayBefore = BackfillSize.From.AddDays(-1).ToUnixTimeSeconds();
        await backfill.Http.RegisterAsync(known.Id, $$$"""{"quote":"usdt","sources":{"binance":"{{{known.Symbol}}}"}}""");
        (await backfill.Http.IngestAsync(known.Id, (dayBefore, 1.5m))).Ok();

        await CheckAsync(backfill, await backfill.RunAsync());

        // That there is nothing, before a listing, is believed when it is said twice.
        Dictionary<string, TradedPair> pairs = backfill.Exchange.Pairs.ToDictionary(pair => pair.Symbol);
        Assert.All(backfill.Exchange.Served, page => Assert.Equal(pairs[page.Key.Symbol].ListedSlot < BarTime.FirstSlotOfMonth(BarTime.MonthOf(page.Key.FirstSlot) + 1) ? 1 : 2, page.Value));
        Assert.All(backfill.Exchange.Met, fault => Assert.True(fault.Value > 0, $"{fault.Key} was not met"));
        JsonElement missing = Assert.Single((await backfill.Http.GetAnswerAsync($"/v1/tokens/{known.Id}")).Ok()["coverage"].GetProperty("missing").EnumerateArray());
        Assert.Equal((dayBefore + 300, BackfillSize.From.ToUnixTimeSeconds()), (Answer.Seconds(missing.GetProperty("from")), Answer.Seconds(missing.GetProperty("to"))));
    }

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public async Task Kill_9_in_the_middle_of_a_backfill_costs_no_finished_month_and_no_bar(int seed)
    {
        await using ExchangeBackfill backfill = await ExchangeBackfill.StartAsync(BackfillSize.Small with { Kills = 1 }, seed);
        await CheckAsync(backfill, await backfill.RunAsync());
    }

    [Fact]
    public async Task A_limit_too_small_for_a_request_is_refused_at_start()
    {
        using DataFolder folder = new();
        using ProgramRun run = SiloProcess.Launch(folder, null, "--Pnl:Feed=none", "--Pnl:Sources:binance:PermitsAWindow=19");
        Assert.Equal(1, await run.ExitAsync(TimeSpan.FromMinutes(1)));
        Assert.Contains("PermitsAWindow of a source must suffice for its dearest request; for binance that is 20.", run.Output, StringComparison.Ordinal);
    }

    /// <summary>In the short run tests/Cluster has it of a source without HTTP.</summary>
    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task A_token_that_the_exchange_does_not_have_fails_by_itself()
    {
        await using ExchangeBackfill backfill = await ExchangeBackfill.StartAsync(BackfillSize.Small with { Symbols = 1, FaultShare = 0 }, 1);
        JsonElement end = await backfill.RunAsync($$"""["nobody","{{backfill.Exchange.Pairs.Single().Id}}"]""");
        Assert.Equal("completedWithFailures", end.GetProperty("status").GetString());
        JsonElement failure = Assert.Single(end.GetProperty("failures").EnumerateArray());
        Assert.Equal(("nobody", "symbol.unknown"), (failure.GetProperty("token").GetString(), failure.GetProperty("code").GetString()));
        Assert.NotEqual(0, await backfill.CompareAsync());
    }

    [Fact(Explicit = true)]
    public async Task Two_years_of_500_pairs_through_ten_deaths()
    {
        BackfillSize size = BackfillSize.Large;
        DateTimeOffset began = TimeProvider.System.GetUtcNow();
        void Tell(string what) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow() - began:hh\\:mm\\:ss} {what}"));
        Tell($"{size}, seed {BackfillSize.Seed}");
        await using ExchangeBackfill backfill = await ExchangeBackfill.StartAsync(size, BackfillSize.Seed, Tell);
        JsonElement end = await backfill.RunAsync();
        Tell($"ended: {end.GetRawText()}");
        await CheckAsync(backfill, end, Tell);
        Assert.True(backfill.ShareUsed >= 0.9, $"{backfill.ShareUsed:P1} of the allowed rate were used");
    }

    private static async Task CheckAsync(ExchangeBackfill backfill, JsonElement end, Action<string>? tell = null)
    {
        FakeBinance exchange = backfill.Exchange;
        string outcome = string.Create(
            CultureInfo.InvariantCulture,
            $"{exchange.Requests:N0} requests, {exchange.Limit.Over} over the limit, {exchange.Limit.Banned} banned, {backfill.ShareUsed:P1} of the allowed rate used; {exchange.Pages:N0} pages; faults: {string.Join(", ", exchange.Met.Select(fault => $"{fault.Key} {fault.Value}"))}; {backfill.FinishedAtDeath:N0} months finished at a death, {backfill.FetchedTwice} of them fetched twice; retries of work: {end.GetProperty("retries")}");
        (tell ?? TestContext.Current.TestOutputHelper!.WriteLine)(outcome);
        Assert.True(end.GetProperty("status").GetString() == "completed", end.GetRawText());
        JsonElement tokens = end.GetProperty("tokens");
        Assert.Equal((exchange.Pairs.Count, exchange.Pairs.Count, 0), (tokens.GetProperty("total").GetInt32(), tokens.GetProperty("done").GetInt32(), tokens.GetProperty("failed").GetInt32()));
        Assert.Equal(0, end.GetProperty("bars").GetProperty("quarantined").GetInt64());
        Assert.Equal((0, 0), (exchange.Limit.Over, exchange.Limit.Banned));
        Assert.Equal(0, backfill.FetchedTwice);
        long bars = await backfill.CompareAsync();
        (tell ?? TestContext.Current.TestOutputHelper!.WriteLine)($"{bars:N0} bars are those of the exchange");
    }
}

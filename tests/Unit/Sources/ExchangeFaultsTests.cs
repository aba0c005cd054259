using Microsoft.Extensions.DependencyInjection;
using Pnl.Rates;
using WireMock;
using WireMock.ResponseBuilders;

namespace Pnl.Tests.Unit.Sources;

/// <summary>What goes wrong between an exchange and us, over real sockets.</summary>
public sealed class ExchangeFaultsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly SourcePair Pair = new("BTCUSDT", "btc", "usdt");
    private static readonly int Eleven = Slots.At("2024-03-13T11:00");
    private static readonly SlotRange Hour = new(Eleven, Eleven + 12);

    private static Task<CandlePage> HourAsync(FakeExchange exchange, string source = "binance") =>
        exchange.RunAsync(c => exchange.Source(source).ReadAsync(Pair, Hour, c));

    private static void IsTheHour(CandlePage page)
    {
        Assert.Equal(Enumerable.Range(Eleven, 12), page.Candles.Select(c => c.Slot));
        Assert.Equal(Hour, page.Covered);
    }

    private static IResponseBuilder WholeHour() => FakeExchange.Klines(Enumerable.Range(Eleven, 12));

    [Fact]
    public async Task A_page_costs_its_weight_and_what_is_used_is_reported()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(WholeHour().WithHeader("X-MBX-USED-WEIGHT-1M", "137"));

        IsTheHour(await HourAsync(exchange));

        Assert.Equal(2, Assert.Single(exchange.Quota.Permits).Permits);
        Assert.Equal(137, Assert.Single(exchange.Quota.Used));
    }

    [Theory]
    [InlineData("""{"code":"\ud800","msg":"of half a character"}""", 400)]
    [InlineData("""{"code":-1121,"msg":"\ud800"}""", 400)]
    public async Task An_error_that_cannot_be_read_is_tried_again_like_any_that_broke_off(string body, int status)
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Json(body, status), WholeHour());

        IsTheHour(await HourAsync(exchange));

        Assert.Equal(2, exchange.Asked.Count);
    }

    [Fact]
    public async Task That_there_is_nothing_is_believed_when_it_is_said_twice()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Klines([]), WholeHour());
        IsTheHour(await HourAsync(exchange));

        exchange.Answers(FakeExchange.Klines([]));
        CandlePage page = await HourAsync(exchange);
        Assert.Equal((0, Hour), (page.Candles.Count, page.Covered));
        Assert.Equal(4, exchange.Asked.Count);
    }

    [Fact]
    public async Task A_storm_of_refusals_is_waited_out_as_the_source_says()
    {
        await using FakeExchange exchange = new();
        IResponseBuilder refusal = FakeExchange.Json("""{"code":-1003,"msg":"Too many requests."}""", 429).WithHeader("Retry-After", "7");
        exchange.Answers(refusal, refusal, refusal, refusal, WholeHour());

        IsTheHour(await HourAsync(exchange));

        (DateTimeOffset At, string, int)[] tries = [.. exchange.Quota.Permits];
        Assert.Equal(5, tries.Length);
        Assert.All(tries.Zip(tries.Skip(1)), p => Assert.True(p.Second.At - p.First.At >= TimeSpan.FromSeconds(7)));
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromSeconds(7), 4), exchange.Quota.Refusals);
    }

    [Fact]
    public async Task A_ban_longer_than_anybody_waits_fails_at_once_and_is_reported()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Json("{}", 418).WithHeader("Retry-After", "3600"));

        SourceException e = await Assert.ThrowsAsync<SourceException>(() => HourAsync(exchange));

        Assert.Equal(("source.refused", true, TimeSpan.FromHours(1)), (e.Code, e.IsTransient, e.RetryAfter!.Value));
        Assert.Single(exchange.Asked);
        Assert.Equal(TimeSpan.FromHours(1), Assert.Single(exchange.Quota.Refusals));
    }

    [Fact]
    public async Task A_ban_without_a_header_lasts_as_long_as_its_words_say()
    {
        await using FakeExchange exchange = new();
        long until = exchange.Time.GetUtcNow().AddSeconds(30).ToUnixTimeMilliseconds();
        exchange.Answers(
            FakeExchange.Json($$"""{"code":-1003,"msg":"Way too many requests; IP banned until {{until}}."}""", 418), WholeHour());

        IsTheHour(await HourAsync(exchange));

        Assert.True(exchange.Quota.Permits.Last().At.ToUnixTimeMilliseconds() >= until);
    }

    [Fact]
    public async Task Without_a_word_about_the_wait_a_whole_window_is_waited()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Json("{}", 429), WholeHour());

        IsTheHour(await HourAsync(exchange));

        Assert.Equal(TimeSpan.FromMinutes(1), Assert.Single(exchange.Quota.Refusals));
    }

    [Fact]
    public async Task A_source_that_is_down_for_a_moment_is_tried_again()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(
            FakeExchange.Json("<html>Bad gateway</html>", 502),
            FakeExchange.Json("""{"code":-1001,"msg":"DISCONNECTED"}""", 400),
            FakeExchange.Json("", 503).WithHeader("Retry-After", "2"),
            WholeHour());

        IsTheHour(await HourAsync(exchange));
        Assert.Equal(4, exchange.Quota.Permits.Count); // every try is paid for
    }

    [Fact]
    public async Task A_source_that_stays_down_fails_for_now_after_some_tries()
    {
        await using FakeExchange exchange = new(o => o.Retries = 3);
        exchange.Answers(FakeExchange.Json("", 500));

        SourceException e = await Assert.ThrowsAsync<SourceException>(() => HourAsync(exchange));

        Assert.Equal(("source.unavailable", true), (e.Code, e.IsTransient));
        Assert.Equal(4, exchange.Asked.Count);
    }

    [Fact]
    public async Task A_source_that_fails_and_fails_is_left_alone()
    {
        await using FakeExchange exchange = new(o => o.Retries = 30);
        exchange.Answers(FakeExchange.Json("", 500));

        SourceException e = await Assert.ThrowsAsync<SourceException>(
            () => exchange.RunAsync(async c =>
            {
                // Many at once, so that their failures fall into the half minute that is looked at.
                await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => exchange.Source("binance").ReadAsync(Pair, Hour, c).AsTask()));
                return 0;
            }));

        Assert.Equal("source.unavailable", e.Code);
        Assert.True(exchange.Asked.Count < 40 * 31);
        await Assert.ThrowsAsync<SourceException>(async () => await exchange.Source("binance").ReadAsync(Pair, Hour, Cancel));
    }

    [Theory]
    [InlineData("""[[1,"1","1",""")] // truncated
    [InlineData("<!DOCTYPE html><title>Just a moment...</title>")]
    [InlineData("")]
    [InlineData("[] []")]
    public async Task A_body_that_is_not_whole_is_asked_for_again(string body)
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Json(body), FakeExchange.Json(body), WholeHour());

        IsTheHour(await HourAsync(exchange));
    }

    [Fact]
    public async Task A_body_that_stays_malformed_is_an_error_and_never_an_empty_page()
    {
        await using FakeExchange exchange = new(o => o.Retries = 2);
        exchange.Answers(FakeExchange.Json("<html></html>"));

        SourceException e = await Assert.ThrowsAsync<SourceException>(() => HourAsync(exchange));
        Assert.Equal(("source.malformed", true), (e.Code, e.IsTransient));
        Assert.Equal(3, exchange.Asked.Count);
    }

    [Fact]
    public async Task Json_of_another_shape_is_malformed()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Json("""{"msg":"hello"}"""));

        Assert.Equal("source.malformed", (await Assert.ThrowsAsync<SourceException>(() => HourAsync(exchange))).Code);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_asked_for_again()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(Response.Create().WithFault(FaultType.MALFORMED_RESPONSE_CHUNK), WholeHour());

        IsTheHour(await HourAsync(exchange));
    }

    [Fact]
    public async Task An_answer_without_end_is_given_up()
    {
        await using FakeExchange exchange = new(o => o.MaxBodyBytes = 100);
        exchange.Answers(WholeHour());

        SourceException e = await Assert.ThrowsAsync<SourceException>(() => HourAsync(exchange));
        Assert.Equal(("source.malformed", false), (e.Code, e.IsTransient));
        Assert.Single(exchange.Asked);
    }

    [Fact]
    public async Task A_slow_answer_is_given_up_and_asked_for_again()
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FakeExchange exchange = new(o => o.TryTimeout = TimeSpan.FromHours(6));
        exchange.Answers(
            Response.Create().WithCallback(async _ =>
            {
                exchange.Time.Advance(TimeSpan.FromHours(7));
                await ended.Task;
                return new ResponseMessage();
            }),
            WholeHour());

        try
        {
            IsTheHour(await HourAsync(exchange));
        }
        finally
        {
            ended.SetResult(); // so that the server can stop
        }
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_not_told_of_a_failed_source()
    {
        await using FakeExchange exchange = new(time: TimeProvider.System);
        exchange.Answers(WholeHour().WithDelay(TimeSpan.FromSeconds(2)));
        using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await exchange.Source("binance").ReadAsync(Pair, Hour, cancel.Token));
    }

    [Fact]
    public async Task A_symbol_that_vanished_is_not_asked_for_again()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Json("""{"code":-1121,"msg":"Invalid symbol."}""", 400));

        SourceException e = await Assert.ThrowsAsync<SourceException>(() => HourAsync(exchange));
        Assert.Equal(("symbol.unknown", false), (e.Code, e.IsTransient));
        Assert.Single(exchange.Asked);
    }

    [Fact]
    public async Task An_error_behind_status_200_is_tried_again_too()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(
            FakeExchange.Json("""{"error":["EService:Unavailable"]}"""),
            FakeExchange.Json($$$"""{"error":[],"result":{"X":[[{{{Eleven * 300L}}},"1","1","1","1","1","1",1]],"last":{{{(Eleven + 20) * 300L}}}}}"""));

        CandlePage page = await HourAsync(exchange, "kraken");
        Assert.Equal(Eleven, Assert.Single(page.Candles).Slot);
    }

    [Fact]
    public async Task A_page_that_is_empty_though_later_data_exists_is_covered_and_the_next_one_goes_on()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Json("[]"), FakeExchange.Json($"[[{(Eleven + 301) * 300L},1,1,1,1,1]]"));
        ICandleSource coinbase = exchange.Source("coinbase");
        SlotRange range = new(Eleven - 600, Eleven - 1);

        CandlePage first = await exchange.RunAsync(c => coinbase.ReadAsync(Pair, range, c));
        CandlePage second = await exchange.RunAsync(c => coinbase.ReadAsync(Pair, range with { From = first.Covered.To }, c));

        Assert.Empty(first.Candles);
        Assert.Equal(new(Eleven - 600, Eleven - 300), first.Covered);
        Assert.Equal(new(Eleven - 300, Eleven - 1), second.Covered);
    }

    [Fact]
    public async Task The_open_bar_is_neither_read_nor_covered()
    {
        // It is 12:00:10: the bar of 12:00 is open, the one of 11:55 closed.
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Klines(Enumerable.Range(Eleven, 13)));

        CandlePage page = await exchange.RunAsync(c => exchange.Source("binance").ReadAsync(Pair, Hour with { To = Eleven + 50 }, c));
        IsTheHour(page);

        CandlePage nothing = await exchange.Source("binance").ReadAsync(Pair, new(Eleven + 13, Eleven + 14), Cancel);
        Assert.Equal(new(Eleven + 13, Eleven + 13), nothing.Covered);
        Assert.Single(exchange.Asked);
    }

    [Fact]
    public async Task What_a_cache_answers_is_as_old_as_it_says()
    {
        // The answer is written now, by the clock of this machine, less ten years: long before the hour began.
        await using FakeExchange exchange = new();
        exchange.Answers(WholeHour().WithHeader("Age", $"{(int)TimeSpan.FromDays(3650).TotalSeconds}"));

        CandlePage page = await HourAsync(exchange);
        Assert.Empty(page.Candles);
        Assert.Equal(new(Eleven, Eleven), page.Covered);
    }

    [Fact]
    public async Task Before_what_an_API_keeps_nothing_is_asked_for_and_nothing_is_covered()
    {
        await using FakeExchange exchange = new();
        int present = Slots.At("2024-03-13T12:00");

        CandlePage page = await exchange.Source("kraken").ReadAsync(Pair, new(present - 5000, present - 4000), Cancel);

        Assert.Equal(new(present - 4000, present - 4000), page.Covered);
        Assert.Empty(exchange.Asked);
    }

    [Fact]
    public async Task CoinGecko_leaves_the_newest_slots_to_settle()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Json("""{"prices":[],"market_caps":[],"total_volumes":[]}"""));

        CandlePage page = await HourAsync(exchange, "coingecko");
        Assert.Equal(new(Eleven, Eleven + 10), page.Covered);
    }

    [Fact]
    public async Task Newest_rates_of_many_pairs_are_one_request_and_vanished_ones_are_left_out()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Json("""[{"symbol":"BTCUSDT","price":"73380.60"},{"symbol":"OTHER","price":"1"}]"""));

        IReadOnlyList<LatestRate> rates = await exchange.RunAsync(
            c => exchange.Source("binance").LatestAsync([Pair, new("GONE", "gone", "usdt")], c));

        Assert.Equal(new(Pair, 73380.6m), Assert.Single(rates));
        Assert.Equal(["/api/v3/ticker/price"], exchange.Asked);
        Assert.Equal(4, Assert.Single(exchange.Quota.Permits).Permits);
    }

    [Fact]
    public async Task Where_each_pair_is_a_request_a_vanished_one_does_not_stop_the_others()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Json("""{"message":"NotFound"}""", 404), FakeExchange.Json("""{"price":"2.50"}"""));

        IReadOnlyList<LatestRate> rates = await exchange.RunAsync(
            c => exchange.Source("coinbase").LatestAsync([new("A-USD", "a", "usd"), new("B-USD", "b", "usd")], c));

        Assert.Equal(new(new("B-USD", "b", "usd"), 2.5m), Assert.Single(rates));
    }

    [Fact]
    public async Task A_key_and_limits_of_ones_own_are_settings()
    {
        await using FakeExchange exchange = new(o =>
        {
            o.Sources["coingecko"].ApiKey = "secret";
            o.Sources["coingecko"].ApiKeyHeader = "x-cg-demo-api-key";
            o.Sources["coingecko"].PermitsAWindow = 30;
        });
        exchange.Answers(FakeExchange.Json("""{"bitcoin":{"usd":1}}"""));

        await exchange.RunAsync(c => exchange.Source("coingecko").LatestAsync([new("bitcoin", "bitcoin", "usd")], c));

        Assert.Equal(30, exchange.Source("coingecko").Limits.PermitsAWindow);
        Assert.Equal("secret", exchange.Header("x-cg-demo-api-key"));
    }

    [Fact]
    public async Task Without_a_quota_of_the_cluster_there_is_one_of_the_process()
    {
        await using ServiceProvider services = new ServiceCollection()
            .AddCandleSources(o => o.FilesPath = "somewhere").AddCandleSources().BuildServiceProvider(validateScopes: true);

        Assert.IsType<LocalQuota>(services.GetRequiredService<IRequestQuota>());
        Assert.Equal(
            ["binance", "bitfinex", "bitstamp", "bybit", "coinbase", "coingecko", "kraken", "okx", "files"],
            services.GetRequiredService<CandleSources>().All.Select(s => s.Name));
    }

    [Fact]
    public async Task A_list_of_pairs_goes_on_to_its_end()
    {
        await using FakeExchange exchange = new();
        string Instruments(string symbol, string next) =>
            $$$"""{"retCode":0,"result":{"nextPageCursor":"{{{next}}}","list":[{"symbol":"{{{symbol}}}","baseCoin":"{{{symbol}}}","quoteCoin":"USDT","status":"Trading"}]}}""";
        exchange.Answers(FakeExchange.Json(Instruments("A", "p=2")), FakeExchange.Json(Instruments("B", "")));

        Assert.Equal(["A", "B"], (await exchange.RunAsync(c => exchange.Source("bybit").ListAsync(c))).Select(p => p.Symbol));
        Assert.EndsWith("&cursor=p%3D2", exchange.Asked[1], StringComparison.Ordinal);
    }
}

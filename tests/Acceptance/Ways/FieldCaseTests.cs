using System.Globalization;
using System.Net;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Ways;

/// <summary>What people reported to go wrong with rates elsewhere, by the tool and by HTTP, with the right values of shared/cases/rates.</summary>
public sealed class FieldCaseTests(FieldCaseTests.Market market) : IClassFixture<FieldCaseTests.Market>
{
    private static readonly TimeSpan ToolLimit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Case_01_a_daily_close_is_known_at_the_end_of_its_day()
    {
        (int code, string output) = await ImportAsync(MarketData.Find("cases", "rates", "01-daily-close-at-open"));
        Assert.True(code == 0, output);
        Assert.Contains("3 bars of 1d", output, StringComparison.Ordinal);
        Assert.Equal(230m, await RateAsync("day", "2013-04-10T01:00:00Z"));
        Assert.Equal(165m, await RateAsync("day", "2013-04-11T00:00:00Z"));
        Assert.Equal(80m, await RateAsync("day", "2013-04-12T00:00:00Z"));
        Answer day = await GetAsync("/v1/tokens/day/pnl?from=2013-04-10T00:00:00Z&to=2013-04-11T00:00:00Z");
        Assert.Equal(-65m, day["pnl"].GetDecimal());

        await market.Http.SendAsync(HttpMethod.Put, "/v1/portfolios/of-days", Requests.Json("""{"baseCurrency":"usd"}"""));
        (await market.Http.SendAsync(HttpMethod.Post, "/v1/portfolios/of-days/entries", Requests.Json(
            """{"entries":[{"id":"1","time":"2013-04-10T01:00:00Z","kind":"deposit","token":"day","quantity":1}]}"""))).Ok();
        Answer owned = await GetAsync("/v1/portfolios/of-days/pnl?at=2013-04-12T00:00:00Z");
        Assert.Equal(230m, owned["costBasisValue"].GetDecimal());
    }

    [Fact]
    public async Task Case_01_by_HTTP_with_times_or_dates()
    {
        MarketData.Find("cases", "rates");
        await market.Http.RegisterAsync("day-http", """{"quote":"usd"}""");
        Answer posted = (await market.Http.SendAsync(HttpMethod.Post, "/v1/tokens/day-http/rates?interval=1d", Requests.Json(
            """{"time":["2013-04-09","2013-04-10T00:00:00Z",1365638400],"rate":[230,165,80]}"""))).Ok();
        Assert.Equal(3, posted["accepted"].GetInt32());
        Assert.Equal(230m, await RateAsync("day-http", "2013-04-10T01:00:00Z"));
        Assert.Equal(80m, await RateAsync("day-http", "2013-04-12T00:00:00Z"));

        // Without the interval a date is no bar, and certainly none at midnight.
        posted = (await market.Http.SendAsync(HttpMethod.Post, "/v1/tokens/day-http/rates", Requests.Csv("date,price\n2013-04-12,90\n"))).Ok();
        Assert.Equal("time.isDate", Assert.Single(posted["rejected"].EnumerateArray()).GetProperty("code").GetString());

        // What is no interval of bars is refused, and so is a row that opens at none of its periods.
        Answer refused = await market.Http.SendAsync(HttpMethod.Post, "/v1/tokens/day-http/rates?interval=30m", Requests.Csv("time,rate\n1365638400,1\n"));
        Assert.Equal((HttpStatusCode.BadRequest, "interval.unknown"), (refused.Status, refused["code"].GetString()));
        posted = (await market.Http.SendAsync(HttpMethod.Post, "/v1/tokens/day-http/rates?interval=1h", Requests.Csv("time,rate\n1365638400,81\n1365640200,82\n"))).Ok();
        Assert.Equal((1, "time.unaligned"), (posted["accepted"].GetInt32(), Assert.Single(posted["rejected"].EnumerateArray()).GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Case_02_days_at_2355_and_then_5_minutes_are_bars_as_they_are()
    {
        (int code, string output) = await ImportAsync(MarketData.Find("cases", "rates", "02-daily-then-5m-volatility"));
        Assert.True(code == 0, output);
        Assert.Contains("bars of 5m", output, StringComparison.Ordinal);
        Assert.Equal("2023-01-01T23:55:00Z", (await GetAsync("/v1/tokens/mix"))["firstBar"].GetString());
    }

    [Fact]
    public async Task Case_03_hours_say_nothing_new_over_their_own_5_minutes()
    {
        Assert.Equal(0, (await ImportAsync(MarketData.Find("cases", "rates", "03-hourly-over-5m", "a"))).Code);
        (int code, string output) = await ImportAsync(MarketData.Find("cases", "rates", "03-hourly-over-5m", "b"));
        Assert.True(code == 0, output);
        Assert.Contains("hourly rates: 24 bars of 1h", output, StringComparison.Ordinal);
        Assert.Equal(244m, await RateAsync("hr", "2024-03-05T12:05:00Z"));
        Assert.Equal(255m, await RateAsync("hr", "2024-03-05T13:00:00Z"));
        Answer day = await GetAsync("/v1/tokens/hr/pnl?from=2024-03-05T12:00:00Z&to=2024-03-05T13:00:00Z");
        Assert.Equal((12m, 0d, 12), (day["pnl"].GetDecimal(), day["maxDrawdown"].GetDouble(), day["bars"].GetInt32()));
    }

    [Fact]
    public async Task Case_06_a_symbol_that_was_another_coin_before_begins_when_it_is_listed()
    {
        MarketData.Find("cases", "rates", "06-symbol-reused");
        await market.Http.RegisterAsync("rluna", """{"quote":"usdt","listed":"2022-05-28T00:00:00Z","sources":{"files":"RLUNA-USDT"}}""");
        (int code, string output) = await ToolAsync("backfill", "rluna", "--source", "files");
        Assert.True(code == 0, output);
        Assert.Equal("2022-05-31T06:00:00Z", (await GetAsync("/v1/tokens/rluna"))["firstBar"].GetString());
        Assert.Equal(-3m, (await GetAsync("/v1/tokens/rluna/pnl"))["windows"].GetProperty("inception").GetProperty("pnl").GetDecimal());
    }

    [Fact]
    public async Task Case_08_of_three_quotes_one_is_taken_and_what_is_left_out_is_said()
    {
        string folder = MarketData.Find("cases", "rates", "08-three-quotes", "folder");
        (int code, string output) = await ToolAsync("backfill", "qbtc", "--source", "files");
        Assert.True(code == 0, output);
        Assert.Contains("qbtc is files's QBTC-USD; not fetched: QBTC-EUR, QBTC-USDT", output, StringComparison.Ordinal);
        Assert.Equal("usd", (await GetAsync("/v1/tokens/qbtc"))["quote"].GetString());

        await market.Http.RegisterAsync("qeur", """{"quote":"usd","sources":{"files":"QBTC-EUR"}}""");
        (code, output) = await ToolAsync("backfill", "qeur", "--source", "files");
        Assert.Equal(1, code);
        Assert.Contains("is in eur, and qeur takes it as in usd", output, StringComparison.Ordinal);
        Assert.Equal(0, (await GetAsync("/v1/tokens/qeur"))["bars"].GetInt32());

        // The same preference by import, of a token that nobody knows yet.
        (code, output) = await ToolAsync("import", folder, "--id", "imported-{symbol}");
        Assert.Equal(1, code);
        Assert.Contains("token 'imported-qbtc' is quoted in usd, the file in usdt", output, StringComparison.Ordinal);
        Assert.Contains("--id {symbol}-{quote}", output, StringComparison.Ordinal);
        Assert.Equal(3, (await GetAsync("/v1/tokens/imported-qbtc"))["bars"].GetInt32());
    }

    [Fact]
    public async Task Case_09_a_day_that_the_month_lacks_is_filled_by_its_own_file()
    {
        string folder = MarketData.Find("cases", "rates", "09-monthly-zip-lacks-a-day", "folder");
        (int code, string output) = await ToolAsync("backfill", "mis", "--source", "files");
        Assert.True(code == 0, output);
        Assert.Equal(8_640, (await GetAsync("/v1/tokens/mis"))["bars"].GetInt32());
        Assert.Equal(107m, await RateAsync("mis", "2023-04-07T12:00:00Z"));

        (code, output) = await ToolAsync("import", folder, "--id", "imported-{symbol}");
        Assert.True(code == 0, output);
        Assert.Equal(8_640, (await GetAsync("/v1/tokens/imported-mis"))["bars"].GetInt32());
    }

    [Fact]
    public async Task Case_11_an_interval_or_a_date_is_no_currency()
    {
        foreach (string folder in new[] { "extracted", "freqtrade" })
        {
            (int code, string output) = await ImportAsync(MarketData.Find("cases", "rates", "11-interval-in-the-name", folder));
            Assert.NotEqual(0, code);
            Assert.Contains("is an interval or a date and no currency", output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain((await GetAsync("/v1/tokens?search=xbt"))["items"].EnumerateArray(), token => token.GetProperty("id").GetString()!.StartsWith("xbt", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Case_12_small_rates_of_many_digits_are_taken_as_far_as_digits_are_kept()
    {
        string file = MarketData.Find("cases", "rates", "12-28-digits-small-rate", "TINY-BTC.csv");
        (int code, string output) = await ImportAsync(file);
        Assert.True(code == 0, output);
        Assert.Contains("3 rates had more digits than are kept", output, StringComparison.Ordinal);
        string[] expected = ["0.0000111731843575418994413408", "0.0000000000002173913043478261", "0.0000000000002173913043478261", "0.0000111731843575418994413408", "0.00000000000021739"];
        Assert.Equal(expected, (await GetAsync("/v1/tokens/tiny/rates"))["close"].EnumerateArray().Select(rate => rate.GetRawText()));

        await market.Http.RegisterAsync("tiny-http", """{"quote":"btc"}""");
        Answer posted = (await market.Http.SendAsync(HttpMethod.Post, "/v1/tokens/tiny-http/rates", Requests.Csv(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)))).Ok();
        Assert.Equal((5, 3), (posted["accepted"].GetInt32(), posted["rounded"].GetInt32()));
        Assert.Equal(expected, (await GetAsync("/v1/tokens/tiny-http/rates"))["close"].EnumerateArray().Select(rate => rate.GetRawText()));
    }

    [Fact]
    public async Task Case_x2_minutes_are_folded_into_the_close_of_the_last_one()
    {
        (int code, string output) = await ImportAsync(MarketData.Find("cases", "rates", "x2-one-minute"));
        Assert.True(code == 0, output);
        Assert.Contains("1-minute candles: 15 rows make 3 bars of 5m", output, StringComparison.Ordinal);
        Assert.Equal([104m, 109m, 114m], (await GetAsync("/v1/tokens/min/rates")).Decimals("close"));
    }

    [Fact]
    public async Task Case_x3_seconds_and_milliseconds_in_one_file()
    {
        Assert.Equal(0, (await ImportAsync(MarketData.Find("cases", "rates", "x3-mixed-seconds-milliseconds"))).Code);
        Answer rates = await GetAsync("/v1/tokens/sms/rates");
        Assert.Equal([100m, 101m, 102m, 103m, 104m, 105m], rates.Decimals("close"));
        Assert.Equal(Enumerable.Range(0, 6).Select(i => 1_709_640_000L + 300 * i), rates.Times());
    }

    [Fact]
    public async Task Case_x5_a_date_is_its_day()
    {
        (int code, string output) = await ImportAsync(MarketData.Find("cases", "rates", "x5-date-only"));
        Assert.True(code == 0, output);
        Assert.Null(await RateAsync("date", "2010-07-18T23:59:59Z"));
        Assert.Equal(0.086m, await RateAsync("date", "2010-07-19T00:00:00Z"));
    }

    [Fact]
    public async Task Case_x7_a_candle_is_known_when_it_has_closed()
    {
        MarketData.Find("cases", "rates");
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        long open = now.ToUnixTimeSeconds() / 300 * 300; // of the candle that is open now, or has just closed
        string file = Path.Combine(market.Folder, "OPN-USD.csv");
        await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $"time,rate\n{open - 600},100\n{open - 300},101\n{open + 600},150\n{open + 3_600},170\n"), TestContext.Current.CancellationToken);
        (int code, string output) = await ImportAsync(file);
        Assert.True(code == 0, output);
        Assert.Contains("time.inFuture", output, StringComparison.Ordinal);
        Answer pnl = await GetAsync("/v1/tokens/opn/pnl");
        Assert.Equal(101m, pnl["rate"].GetDecimal());
        Assert.True(Answer.Seconds(pnl["asOf"]) <= TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());

        // By HTTP: the bar of 5 minutes and the hour that are open are refused one by one, and the closed one is kept.
        await market.Http.RegisterAsync("opn-http", """{"quote":"usd"}""");
        long later = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 300 * 300 + 300;
        Answer posted = (await market.Http.IngestAsync("opn-http", (open - 300, 101m), (later, 150m))).Ok();
        Assert.Equal((1, "bar.open"), (posted["accepted"].GetInt32(), Assert.Single(posted["rejected"].EnumerateArray()).GetProperty("code").GetString()));
        posted = (await market.Http.SendAsync(HttpMethod.Post, "/v1/tokens/opn-http/rates?interval=1d", Requests.Json($$"""{"time":["{{DateTimeOffset.FromUnixTimeSeconds(later).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}}"],"rate":[5]}"""))).Ok();
        Assert.Equal("bar.open", Assert.Single(posted["rejected"].EnumerateArray()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Rates_in_another_currency_than_the_token_s_are_refused_by_the_name_of_their_column()
    {
        await market.Http.RegisterAsync("euros", """{"quote":"eur"}""");
        Answer posted = await market.Http.SendAsync(HttpMethod.Post, "/v1/tokens/euros/rates", Requests.Csv("time,price_usd\n1709640000,5\n"));
        Assert.Equal((HttpStatusCode.BadRequest, "quote.mismatch"), (posted.Status, posted["code"].GetString()));
        posted = (await market.Http.SendAsync(HttpMethod.Post, "/v1/tokens/euros/rates", Requests.Csv("Unix;PriceEUR\n1709640000;1.234,5\n"))).Ok();
        Assert.Equal(1, posted["accepted"].GetInt32());
        Assert.Equal(1234.5m, await RateAsync("euros", "2024-03-05T12:05:00Z"));
    }

    private Task<(int Code, string Output)> ImportAsync(string path) => ToolAsync("import", path);

    private Task<(int Code, string Output)> ToolAsync(params string[] arguments) =>
        ProgramRun.ToEndAsync(Built.Tool, ToolLimit, [.. arguments, "--server", market.Http.BaseAddress!.ToString()]);

    private async Task<Answer> GetAsync(string path) => (await market.Http.GetAnswerAsync(path)).Ok();

    private async Task<decimal?> RateAsync(string token, string at)
    {
        JsonElement rate = (await GetAsync($"/v1/tokens/{token}/pnl?to={at}"))["rate"];
        return rate.ValueKind == JsonValueKind.Null ? null : rate.GetDecimal();
    }

    /// <summary>A silo without a feed, whose source of files has the folders of all cases.</summary>
    public sealed class Market : IAsyncLifetime
    {
        private readonly DataFolder _data = new(), _files = new();
        private SiloProcess? _silo;

        internal HttpClient Http => _silo!.Http;

        internal string Folder => _files.Path;

        public async ValueTask InitializeAsync()
        {
            string source = Path.Combine(_files.Path, "source");
            Directory.CreateDirectory(source);
            foreach (string name in new[] { "06-symbol-reused", "08-three-quotes", "09-monthly-zip-lacks-a-day" })
            {
                if (MarketData.Locate("cases", "rates", name, "folder") is { } folder)
                {
                    foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
                    {
                        string to = Path.Combine(source, Path.GetRelativePath(folder, file));
                        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                        File.WriteAllBytes(to, File.ReadAllBytes(file)); // the cases are read-only
                    }
                }
            }

            _silo = await SiloProcess.ListeningAsync(_data, ["--Pnl:Feed=none", $"--Pnl:Sources:Files:Path={source}"]);
            await _silo.ReadyAsync(TimeSpan.FromMinutes(2));
        }

        public ValueTask DisposeAsync()
        {
            _silo?.Dispose();
            _data.Dispose();
            _files.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

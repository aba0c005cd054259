using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pnl.Client;
using Pnl.Grains;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Acceptance.Sdk;
using Pnl.Tests.Acceptance.Streams;

namespace Pnl.Tests.Acceptance.Exact;

/// <summary>Money has as many digits as it needs in every answer, whoever asks and however it is cut into pages.</summary>
public sealed class ExactTests(QuietSilo silo)
{
    private const string Quantity = "0.987654321098765432";
    private const long Start = 1709640000; // 2024-03-05T12:00:00Z

    private static readonly TimeSpan ToolLimit = TimeSpan.FromMinutes(1);

    // 28 digits each, of sizes so different that a difference has 37.
    private static readonly string[] Wide = ["500000000", "0.7654321098765432109876543211", "40", "0.0000000000000000000000000003"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_pnl_of_a_quantity_has_every_digit_and_pages_join_to_the_whole()
    {
        await RatesAsync("tiny", "0.000000000003", "0.000000000005", "0.000000000004", "0.000000000011");
        string path = $"/v1/tokens/tiny/pnl/series?quantity={Quantity}";

        Answer whole = (await silo.Http.GetAnswerAsync(path)).Ok();
        Assert.Equal(Numbers("0", "0.000000000001975308642197530864", "-0.000000000000987654321098765432", "0.000000000006913580247691358024"), Numbers(whole, "pnl"));
        Assert.Equal(Numbers("0", "0.000000000001975308642197530864", "0.000000000000987654321098765432", "0.000000000007901234568790123456"), Numbers(whole, "cumulativePnl"));
        Assert.Equal(Amount.Parse("0.000000000007901234568790123456"), Number((await silo.Http.GetAnswerAsync($"/v1/tokens/tiny/pnl?quantity={Quantity}"))["pnl"]));
        foreach (int limit in (int[])[1, 2, 3])
        {
            List<Answer> pages = await PagesAsync($"{path}&limit={limit}");
            Assert.Equal(Numbers(whole, "pnl"), pages.SelectMany(page => Numbers(page, "pnl")));
            Assert.Equal(Numbers(whole, "cumulativePnl"), pages.SelectMany(page => Numbers(page, "cumulativePnl")));
        }
    }

    [Theory]
    [InlineData("0.000000000000000000000000000001", "quantity.malformed")] // 30 places: it was taken as 0
    [InlineData("0.12345678901234567890123456789", "quantity.malformed")]
    public async Task A_quantity_that_would_be_rounded_is_refused(string quantity, string code)
    {
        await RatesAsync("refused", "1", "2");
        Assert.Equal(code, (await silo.Http.GetAnswerAsync($"/v1/tokens/refused/pnl?quantity={quantity}"))["code"].GetString());
    }

    [Fact]
    public async Task Differences_of_long_rates_have_every_digit_in_windows_series_streams_and_rankings()
    {
        await RatesAsync("wide", Wide);
        string[] pnl = ["0", "-499999999.2345678901234567890123456789", "39.2345678901234567890123456789", "-39.9999999999999999999999999997"];
        const string Life = "-499999999.9999999999999999999999999997";

        Answer series = (await silo.Http.GetAnswerAsync("/v1/tokens/wide/pnl/series")).Ok();
        Assert.Equal(pnl, series["pnl"].EnumerateArray().Select(value => value.GetRawText()));
        Assert.Equal(Life, series["cumulativePnl"][3].GetRawText());
        Answer windows = (await silo.Http.GetAnswerAsync("/v1/tokens/wide/pnl")).Ok();
        Assert.Equal((pnl[3], Life), (Pnl(windows, "5m"), Pnl(windows, "inception")));
        Assert.Equal(
            ["from", "startRate", "pnl", "return", "high", "low", "maxDrawdown", "volatility", "bars", "expectedBars", "partial"],
            windows["windows"].GetProperty("5m").EnumerateObject().Select(property => property.Name).Take(11));
        for (int i = 1; i < Wide.Length; i++)
        {
            Answer window = (await silo.Http.GetAnswerAsync($"/v1/tokens/wide/pnl?from={Start + 300 * i}&to={Start + 300 * (i + 1)}")).Ok();
            Assert.Equal(pnl[i], window["pnl"].GetRawText());
        }

        await using EventReader events = await EventReader.OpenAsync(silo.Http, "wide");
        Assert.Equal(Life, (await events.SnapshotAsync()).GetProperty("windows").GetProperty("inception").GetProperty("pnl").GetRawText());
        using CancellationTokenSource patience = new(ToolLimit);
        for (string? place = null; place is null;) // until the shard has been told
        {
            patience.Token.ThrowIfCancellationRequested();
            Answer board = (await silo.Http.GetAnswerAsync("/v1/leaderboard?window=inception&by=pnl&order=asc&include=all&limit=1000")).Ok();
            place = board["items"].EnumerateArray().Where(item => item.GetProperty("token").GetString() == "wide").Select(item => item.GetProperty("pnl").GetRawText()).FirstOrDefault(text => text == Life);
        }

        (int code, string output) = await ProgramRun.ToEndAsync(Built.Tool, ToolLimit, "show", "wide", "--server", silo.Http.BaseAddress!.ToString());
        Assert.True(code == 0, output);
        Assert.Contains("499999999", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_clients_give_every_digit_beside_the_nearest_decimal()
    {
        await RatesAsync("sdk-wide", Wide);
        using IHost service = await SdkService.StartAsync(silo.GatewayPort);
        await using ServiceProvider services = SdkService.OverHttp(silo.Http.BaseAddress!);
        foreach (IPnlClient client in (IPnlClient[])[service.Client(), services.GetRequiredService<IPnlClient>()])
        {
            WindowPnl life = (await client.GetPnlAsync("sdk-wide", Cancellation)).Windows["inception"];
            Assert.Equal((-500_000_000m, "-499999999.9999999999999999999999999997"), (life.Pnl!.Value.ToNearestDecimal(), life.Pnl.ToString()));

            // No decimal holds it: 4 times 10^36.
            TokenWindow large = await client.GetWindowAsync("sdk-wide", new(At(2), At(3), 9_999_999_999_999_999_999_999_999_999m), Cancellation);
            Assert.Equal(Amount.Parse("39.2345678901234567890123456789") * 9_999_999_999_999_999_999_999_999_999m, large.Pnl);
            Assert.Equal(decimal.MaxValue, large.Pnl!.Value.ToNearestDecimal());

            PnlSeries series = await client.GetSeriesAsync("sdk-wide", new() { Quantity = -3m }, Cancellation);
            Assert.Equal("1499999997.7037036703703703670370370367", series.Pnl.Exact![1].ToString());
            Assert.Equal("1499999999.9999999999999999999999999991", series.CumulativePnl.Exact![3].ToString());
            Assert.Equal(1_499_999_997.7037036703703703670m, Math.Round(series.Pnl.Nearest[1], 19));
            List<Amount> pages = [];
            await foreach (PnlSeries page in client.StreamSeriesAsync("sdk-wide", new() { Quantity = -3m, Limit = 1 }, Cancellation))
            {
                pages.Add(page.CumulativePnl[0]);
            }

            Assert.Equal(series.CumulativePnl.Exact, pages);
            Assert.Null((await client.GetSeriesAsync("sdk-wide", new() { To = At(1) }, Cancellation)).Pnl.Exact);
        }
    }

    [Fact]
    public async Task Points_that_are_kept_for_drawing_add_up()
    {
        await RatesAsync("thin", "2", "3", "5", "4", "11", "6", "7", "1", "8", "9");

        Answer thin = (await silo.Http.GetAnswerAsync("/v1/tokens/thin/pnl/series?maxPoints=5&quantity=1.5")).Ok();

        Assert.InRange(thin["pnl"].GetArrayLength(), 4, 5);
        decimal sum = 0;
        Assert.All(thin.Decimals("pnl").Zip(thin.Decimals("cumulativePnl")), point => Assert.Equal(point.Second, sum += point.First));
        Assert.Equal(10.5m, sum);
    }

    [Fact]
    public async Task A_range_without_a_bar_is_as_of_none_and_pages_say_the_same_of_the_whole()
    {
        await RatesAsync("ranges", "2", "3", "4", "5");

        foreach (string call in (string[])["pnl/series", "rates"])
        {
            Assert.Equal(JsonValueKind.Null, (await silo.Http.GetAnswerAsync($"/v1/tokens/ranges/{call}?from={Start + 1200}")).Ok()["asOf"].ValueKind);
            Assert.Equal(JsonValueKind.Null, (await silo.Http.GetAnswerAsync($"/v1/tokens/ranges/{call}?from={Start + 300}&to={Start + 300}")).Ok()["asOf"].ValueKind);
            Answer whole = (await silo.Http.GetAnswerAsync($"/v1/tokens/ranges/{call}?to={Start + 900}")).Ok();
            Assert.Equal(Start + 900, Answer.Seconds(whole["asOf"]));

            // The first bar is missing a neighbour, so that the whole is not complete, and the rest of it would be.
            (await silo.Http.IngestAsync("ranges", (Start - 900, 1m))).Ok();
            Assert.All(await PagesAsync($"/v1/tokens/ranges/{call}?to={Start + 900}&limit=1"), page => Assert.Equal((false, Start + 900), (page["complete"].GetBoolean(), Answer.Seconds(page["asOf"]))));
        }
    }

    [Fact]
    public async Task A_part_of_a_second_counts_in_every_time_of_a_query()
    {
        await RatesAsync("parts", "10", "20", "30");

        // [from, to) of open times: a bar that opens at the whole second lies before it and a part.
        foreach (string call in (string[])["pnl/series", "rates"])
        {
            Answer answer = (await silo.Http.GetAnswerAsync($"/v1/tokens/parts/{call}?from=2024-03-05T12:00:00.25Z&to=2024-03-05T12:10:00.001Z")).Ok();
            Assert.Equal([Start + 300, Start + 600], answer.Times());
        }

        Answer window = (await silo.Http.GetAnswerAsync("/v1/tokens/parts/pnl?from=2024-03-05T12:05:00.75Z&to=2024-03-05T12:14:59.9999999Z")).Ok();
        Assert.Equal(("2024-03-05T12:05:00.75Z", "2024-03-05T12:14:59.9999999Z", 10m), (window["from"].GetString(), window["to"].GetString(), window["pnl"].GetDecimal()));

        await PortfolioAsync("parts", """{"id":"1","time":"2024-03-05T12:06:07.25Z","kind":"buy","token":"parts","quantity":3,"price":10,"currency":"usd"}""");
        foreach ((string at, int contributions) in ((string, int)[])[("12:06:07.2499999Z", 0), ("12:06:07.25Z", 30), ("12:06:07.9Z", 30), ("14:06:07.24%2B02:00", 0)])
        {
            Answer pnl = (await silo.Http.GetAnswerAsync($"/v1/portfolios/parts/pnl?at=2024-03-05T{at}")).Ok();
            Assert.Equal(contributions, pnl["contributions"].GetInt32());
        }

        Assert.Equal("2024-03-05T12:06:07.25Z", (await silo.Http.GetAnswerAsync("/v1/portfolios/parts/lots")).Ok()["items"][0].GetProperty("opened").GetString());
        (int code, string output) = await ProgramRun.ToEndAsync(
            Built.Tool, ToolLimit, "portfolio", "show", "parts", "--at", "2024-03-05T12:06:07.24Z", "--server", silo.Http.BaseAddress!.ToString());
        Assert.True(code == 0, output);
        Assert.Contains("contributions 0", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2024-03-05T12:13:00Z")]
    [InlineData("2024-03-05T12:13:00.5Z")]
    [InlineData("2024-03-05T12:15:00Z")]
    public async Task The_series_of_a_portfolio_ends_with_its_last_entry_though_no_bar_follows(string last)
    {
        string id = "ends-" + last.Length + last[15];
        await RatesAsync(id, "20", "25");
        await PortfolioAsync(
            id,
            $$"""{"id":"0","time":"2024-03-05T12:07:00Z","kind":"buy","token":"{{id}}","quantity":2,"price":20,"currency":"usd"}""",
            $$"""{"id":"1","time":"{{last}}","kind":"buy","token":"{{id}}","quantity":1,"price":31,"currency":"usd"}""");

        foreach (string interval in (string[])["5m", "1h", "1d", "1M"])
        {
            Answer series = (await silo.Http.GetAnswerAsync($"/v1/portfolios/{id}/pnl/series?interval={interval}")).Ok();
            Assert.Equal((75m, 71m, 4m), (series.Decimals("marketValue")[^1], series.Decimals("contributions")[^1], series.Decimals("totalPnl")[^1]));
        }
    }

    [Theory]
    [InlineData("2021-10-27T10:02:00Z")]
    [InlineData("2021-10-27T00:00:00Z")]
    [InlineData("2021-10-27T10:05:00Z")]
    public async Task The_series_of_cash_alone_has_a_point(string time)
    {
        string id = "cash-" + time[11..16].Replace(":", "", StringComparison.Ordinal);
        await PortfolioAsync(id, $$"""{"id":"1","time":"{{time}}","kind":"deposit","token":"usd","quantity":70}""");

        foreach (string interval in (string[])["5m", "1d"])
        {
            Answer series = (await silo.Http.GetAnswerAsync($"/v1/portfolios/{id}/pnl/series?interval={interval}")).Ok();
            Assert.Equal((70m, 70m, 0m), (Assert.Single(series.Decimals("marketValue")), Assert.Single(series.Decimals("contributions")), Assert.Single(series.Decimals("totalPnl"))));
        }
    }

    [Fact]
    public async Task Statistics_of_a_portfolio_are_of_the_whole_series_on_each_page()
    {
        (await silo.Http.SendAsync(HttpMethod.Put, "/v1/tokens/paged-value", Requests.Json("{}"))).Ok();
        (await silo.Http.IngestAsync("paged-value", [.. ((decimal[])[40m, 50m, 20m, 30m, 24m]).Select((rate, day) => (Start / 86_400 * 86_400 + 86_400L * (day + 1) - 300, rate))])).Ok();
        await PortfolioAsync("paged-value", """{"id":"1","time":"2024-03-06T00:00:00Z","kind":"buy","token":"paged-value","quantity":2,"price":40,"currency":"usd"}""");
        foreach (string range in (string[])["", "&from=2024-03-07T00:00:00Z", "&to=2024-03-09T00:00:00Z"])
        {
            string path = "/v1/portfolios/paged-value/pnl/series?interval=1d" + range;
            Answer whole = (await silo.Http.GetAnswerAsync(path)).Ok();
            foreach (int limit in (int[])[1, 2, 3])
            {
                List<Answer> pages = await PagesAsync($"{path}&limit={limit}");
                Assert.All(pages, page => Assert.Equal(
                    (whole["statistics"].GetRawText(), whole["complete"].GetBoolean(), whole["asOf"].GetString()),
                    (page["statistics"].GetRawText(), page["complete"].GetBoolean(), page["asOf"].GetString())));
                Assert.Equal(whole["totalPnl"].GetRawText(), $"[{string.Join(',', pages.Select(page => page["totalPnl"].GetRawText().Trim('[', ']')))}]");
            }
        }

        Assert.Equal(0.6, (await silo.Http.GetAnswerAsync("/v1/portfolios/paged-value/pnl/series?interval=1d&limit=1"))["statistics"].GetProperty("maxDrawdown").GetDouble(), 1e-12);
    }

    [Fact]
    public async Task Money_of_a_portfolio_series_has_every_digit()
    {
        await RatesAsync("fine", "0.1234567890123456789012345678", "3.000000000000000000000000001");
        await PortfolioAsync("fine", """{"id":"1","time":"2024-03-05T12:06:00Z","kind":"buy","token":"fine","quantity":0.000000000000000000007,"price":0.1234567890123456789012345678,"currency":"usd"}""");

        Answer series = (await silo.Http.GetAnswerAsync("/v1/portfolios/fine/pnl/series?interval=5m")).Ok();
        Answer pnl = (await silo.Http.GetAnswerAsync("/v1/portfolios/fine/pnl")).Ok();

        Assert.Equal("0.000000000000000000021000000000000000000000000007", pnl["marketValue"].GetRawText());
        Assert.Equal("0.0000000000000000000008641975230864197523086419746", pnl["contributions"].GetRawText());
        Assert.All(["marketValue", "contributions", "realisedPnl", "unrealisedPnl", "totalPnl"], column => Assert.Equal(Number(pnl[column]), Number(series[column][series[column].GetArrayLength() - 1])));
    }

    private static DateTimeOffset At(int bar) => DateTimeOffset.FromUnixTimeSeconds(Start + 300 * bar);

    private static string Pnl(Answer windows, string window) => windows["windows"].GetProperty(window).GetProperty("pnl").GetRawText();

    private static Amount Number(JsonElement number) => Amount.Parse(number.GetRawText());

    private static IEnumerable<Amount> Numbers(Answer answer, string column) => answer[column].EnumerateArray().Select(Number);

    private static IEnumerable<Amount> Numbers(params string[] numbers) => numbers.Select(number => Amount.Parse(number));

    private async Task RatesAsync(string token, params string[] rates)
    {
        await silo.Http.RegisterAsync(token);
        string csv = "time,rate\n" + string.Concat(rates.Select((rate, i) => string.Create(CultureInfo.InvariantCulture, $"{Start + 300 * i},{rate}\n")));
        Answer answer = (await silo.Http.SendAsync(HttpMethod.Post, $"/v1/tokens/{token}/rates", Requests.Csv(csv))).Ok();
        Assert.Equal(0, answer["rejected"].GetArrayLength());
    }

    private async Task PortfolioAsync(string id, params string[] entries)
    {
        (await silo.Http.SendAsync(HttpMethod.Put, $"/v1/portfolios/{id}", Requests.Json("""{"baseCurrency":"usd"}"""))).Ok();
        (await silo.Http.SendAsync(HttpMethod.Post, $"/v1/portfolios/{id}/entries", Requests.Json($$"""{"entries":[{{string.Join(',', entries)}}]}"""))).Ok();
    }

    /// <summary>All pages of a path that has a query already.</summary>
    private async Task<List<Answer>> PagesAsync(string path)
    {
        List<Answer> pages = [];
        for (string? cursor = ""; cursor is not null; cursor = pages[^1]["nextCursor"].GetString())
        {
            pages.Add((await silo.Http.GetAnswerAsync(path + (cursor.Length == 0 ? "" : "&cursor=" + cursor))).Ok());
        }

        return pages;
    }
}

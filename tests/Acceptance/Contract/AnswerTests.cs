using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Contract;

/// <summary>What holds of all answers: exact digits, nulls, tags, compression, pages.</summary>
public sealed class AnswerTests(QuietSilo silo)
{
    private const long Start = 1621427700; // 2021-05-19T12:35:00Z

    [Fact]
    public async Task Rates_and_money_come_back_digit_for_digit()
    {
        await silo.Http.RegisterAsync("digits");
        string[] rates = ["0.0000000123", "0.000000000000000001", "1234567890.123456789012345678", "79228162514264337593543950000"];
        (await silo.Http.SendAsync(HttpMethod.Post, "/v1/tokens/digits/rates", Requests.Json(
            $$"""{"time":[{{string.Join(',', rates.Select((_, i) => Start + 300 * i))}}],"rate":[{{string.Join(',', rates)}}]}"""))).Ok();

        Answer series = (await silo.Http.GetAnswerAsync("/v1/tokens/digits/pnl/series")).Ok();
        Answer candles = (await silo.Http.GetAnswerAsync("/v1/tokens/digits/rates")).Ok();

        Assert.Equal(rates, series["rate"].EnumerateArray().Select(rate => rate.GetRawText()));
        Assert.Equal(rates, candles["close"].EnumerateArray().Select(rate => rate.GetRawText()));
        Assert.Equal("-0.000000012299999999", series["pnl"][1].GetRawText());
        Assert.DoesNotContain("E", candles.Text.Split("\"close\"")[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(8193)]
    [InlineData(20_000)]
    public async Task A_long_column_is_one_array_byte_for_byte(int points)
    {
        (long Time, decimal Rate)[] bars = [.. Enumerable.Range(0, 20_000).Select(i => (Start + 300L * i, 1 + i / 3 * 0.0000001m))];
        await silo.Http.RegisterAsync("columns");
        (await silo.Http.IngestAsync("columns", bars)).Ok();

        string text = (await silo.Http.GetAnswerAsync($"/v1/tokens/columns/rates?interval=5m&limit={points}")).Ok().Text;

        string times = string.Join(',', bars.Take(points).Select(bar => $"\"{DateTimeOffset.FromUnixTimeSeconds(bar.Time):yyyy-MM-ddTHH:mm:ssZ}\""));
        string rates = string.Join(',', bars.Take(points).Select(bar => bar.Rate.ToString("0.#######", CultureInfo.InvariantCulture)));
        Assert.Contains($"\"time\":[{times}],\"open\":[{rates}],\"high\":[{rates}],\"low\":[{rates}],\"close\":[{rates}],\"nextCursor\":", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_small_rate_is_written_in_plain_digits_in_every_answer()
    {
        await silo.Http.RegisterAsync("small");
        (await silo.Http.IngestAsync("small", (Start, 0.0000000123m))).Ok();

        Assert.Equal("0.0000000123", (await silo.Http.GetAnswerAsync("/v1/tokens/small/pnl"))["rate"].GetRawText());
        Assert.Equal("0.0000000123", (await silo.Http.GetAnswerAsync("/v1/tokens/small/pnl?from=0"))["startRate"].GetRawText());
        Assert.Equal("0.0000000123", (await silo.Http.GetAnswerAsync("/v1/tokens/small/rates"))["low"][0].GetRawText());
    }

    [Fact]
    public async Task Nulls_are_not_left_out_and_nothing_absent_is_zero()
    {
        await silo.Http.RegisterAsync("nulls");

        Answer token = (await silo.Http.GetAnswerAsync("/v1/tokens/nulls")).Ok();
        Answer pnl = (await silo.Http.GetAnswerAsync("/v1/tokens/nulls/pnl")).Ok();
        Answer window = (await silo.Http.GetAnswerAsync("/v1/tokens/nulls/pnl?from=0&to=300")).Ok();

        Assert.All(["firstBar", "lastBar", "listed", "delisted"], name => Assert.Equal(JsonValueKind.Null, token[name].ValueKind));
        Assert.All(["asOf", "rate", "ageSeconds"], name => Assert.Equal(JsonValueKind.Null, pnl[name].ValueKind));
        Assert.All(
            ["asOf", "rate", "startRate", "pnl", "return", "high", "low", "maxDrawdown", "volatility"],
            name => Assert.Equal(JsonValueKind.Null, window[name].ValueKind));
    }

    [Fact]
    public async Task The_windows_are_those_of_the_contract_in_their_order()
    {
        await silo.Http.RegisterAsync("windows");
        (await silo.Http.IngestAsync("windows", (Start, 2m), (Start + 300, 3m))).Ok();

        Answer pnl = (await silo.Http.GetAnswerAsync("/v1/tokens/windows/pnl")).Ok();

        Assert.Equal(
            ["5m", "1h", "24h", "7d", "30d", "90d", "1y", "ytd", "inception"],
            pnl["windows"].EnumerateObject().Select(window => window.Name));
        Assert.Equal("2021-05-19T12:45:00Z", pnl["asOf"].GetString());
        Assert.True(pnl["stale"].GetBoolean());
        JsonElement last = pnl["windows"].GetProperty("5m");
        Assert.Equal(("2021-05-19T12:40:00Z", 2m, 1m, 0.5), (last.GetProperty("from").GetString(), last.GetProperty("startRate").GetDecimal(), last.GetProperty("pnl").GetDecimal(), last.GetProperty("return").GetDouble()));
        Assert.Equal(JsonValueKind.Null, last.GetProperty("volatility").ValueKind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/pnl")]
    [InlineData("/pnl?from=1621427700")]
    [InlineData("/pnl/series")]
    [InlineData("/rates")]
    public async Task An_answer_that_is_known_is_not_sent_again_until_a_bar_changes_it(string call)
    {
        string path = "/v1/tokens/tags" + call;
        await silo.Http.RegisterAsync("tags");
        (await silo.Http.IngestAsync("tags", (Start, 2m))).Ok();
        string tag = (await silo.Http.GetAnswerAsync(path)).Ok().ETag!;

        Answer known = await silo.Http.GetAnswerAsync(path, ("If-None-Match", tag));
        Answer amongOthers = await silo.Http.GetAnswerAsync(path, ("If-None-Match", $"\"other\", W/{tag}"));
        Answer unknown = await silo.Http.GetAnswerAsync(path, ("If-None-Match", "\"other\""));
        (await silo.Http.IngestAsync("tags", (Start, 2m))).Ok(); // changes nothing
        Answer still = await silo.Http.GetAnswerAsync(path, ("If-None-Match", tag));
        decimal other = (await silo.Http.GetAnswerAsync("/v1/tokens/tags/rates")).Decimals("close")[0] + 1;
        (await silo.Http.IngestAsync("tags", (Start, other))).Ok();
        Answer changed = (await silo.Http.GetAnswerAsync(path, ("If-None-Match", tag))).Ok();

        Assert.Equal((HttpStatusCode.NotModified, "", tag), (known.Status, known.Text, known.ETag));
        Assert.Equal(HttpStatusCode.NotModified, amongOthers.Status);
        Assert.Equal(HttpStatusCode.OK, unknown.Status);
        Assert.Equal(HttpStatusCode.NotModified, still.Status);
        Assert.NotEqual(tag, changed.ETag);
        (await silo.Http.IngestAsync("tags", (Start, 2m))).Ok();
    }

    [Fact]
    public async Task Becoming_stale_changes_the_tag_although_no_bar_did()
    {
        // Only the limit changes here, and not the clock: the bar is older than 5 minutes and younger than a year.
        long recent = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 300 * 300 - 3600;
        await silo.Http.RegisterAsync("stale", """{"stalenessSeconds":31536000}""");
        (await silo.Http.IngestAsync("stale", (recent, 2m))).Ok();
        Answer fresh = (await silo.Http.GetAnswerAsync("/v1/tokens/stale/pnl")).Ok();

        await silo.Http.RegisterAsync("stale", """{"stalenessSeconds":300}""");
        Answer stale = (await silo.Http.GetAnswerAsync("/v1/tokens/stale/pnl", ("If-None-Match", fresh.ETag!))).Ok();

        Assert.False(fresh["stale"].GetBoolean());
        Assert.True(stale["stale"].GetBoolean());
        Assert.Matches($"^\"[0-9a-f]{{16}}~{stale["revision"]}-stale\"$", stale.ETag);
        Assert.Matches($"^\"[0-9a-f]{{16}}~{fresh["revision"]}\"$", fresh.ETag);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Answers_are_compressed_where_the_client_accepts_it(string encoding)
    {
        await IngestHundredAsync("compressed");
        Answer plain = (await silo.Http.GetAnswerAsync("/v1/tokens/compressed/pnl/series")).Ok();
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri("/v1/tokens/compressed/pnl/series", UriKind.Relative));
        request.Headers.AcceptEncoding.ParseAdd(encoding);

        using HttpResponseMessage answer = await silo.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(encoding, Assert.Single(answer.Content.Headers.ContentEncoding));
        Stream body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await using Stream unpacked = encoding == "br" ? new BrotliStream(body, CompressionMode.Decompress) : new GZipStream(body, CompressionMode.Decompress);
        using StreamReader reader = new(unpacked);
        Assert.Equal(plain.Text, await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Pages_of_tokens_join_to_the_whole_list()
    {
        for (int i = 0; i < 7; i++)
        {
            await silo.Http.RegisterAsync(string.Create(CultureInfo.InvariantCulture, $"paged-{i}"), """{"name":"Joined by pages"}""");
        }

        string[] whole = Ids(await silo.Http.GetAnswerAsync("/v1/tokens?search=JOINED%20by"));
        List<string> pages = [];
        string? cursor = null;
        do
        {
            Answer page = (await silo.Http.GetAnswerAsync("/v1/tokens?search=joined%20by&limit=3" + (cursor is null ? "" : "&cursor=" + cursor))).Ok();
            pages.AddRange(Ids(page));
            cursor = page["nextCursor"].GetString();
        }
        while (cursor is not null);

        Assert.Equal(["paged-0", "paged-1", "paged-2", "paged-3", "paged-4", "paged-5", "paged-6"], whole);
        Assert.Equal(whole, pages);

        static string[] Ids(Answer answer) => [.. answer.Ok()["items"].EnumerateArray().Select(token => token.GetProperty("id").GetString()!)];
    }

    [Theory]
    [InlineData("pnl/series", "5m", "time rate pnl cumulativePnl")]
    [InlineData("pnl/series", "1h", "time rate pnl cumulativePnl")]
    [InlineData("rates", "15m", "time open high low close")]
    public async Task Pages_of_a_series_join_to_the_whole(string call, string interval, string columns)
    {
        await IngestHundredAsync("pages");
        string path = $"/v1/tokens/pages/{call}?interval={interval}&from={Start + 900}&to={Start + 27_000}";
        Answer whole = (await silo.Http.GetAnswerAsync(path)).Ok();
        Dictionary<string, List<JsonElement>> joined = columns.Split(' ').ToDictionary(column => column, _ => new List<JsonElement>());
        string? cursor = null;
        int pages = 0;
        do
        {
            Answer page = (await silo.Http.GetAnswerAsync($"{path}&limit=7" + (cursor is null ? "" : "&cursor=" + cursor))).Ok();
            foreach ((string column, List<JsonElement> values) in joined)
            {
                values.AddRange(page[column].EnumerateArray());
            }

            cursor = page["nextCursor"].GetString();
            pages++;
        }
        while (cursor is not null);

        Assert.True(pages > 1);
        Assert.Equal(JsonValueKind.Null, whole["nextCursor"].ValueKind);
        Assert.All(joined, column => Assert.Equal(whole[column.Key].EnumerateArray().Select(Value), column.Value.Select(Value)));

        // 2.50 is 2.5: trailing zeros carry no value.
        static object Value(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDecimal() : value.GetString()!;
    }

    [Fact]
    public async Task The_series_of_a_range_adds_up_to_the_window_of_that_range()
    {
        await IngestHundredAsync("sums");
        (long from, long to) = (Start + 3_000, Start + 24_000);

        Answer window = (await silo.Http.GetAnswerAsync($"/v1/tokens/sums/pnl?from={from}&to={to}&quantity=2.5")).Ok();
        Answer series = (await silo.Http.GetAnswerAsync($"/v1/tokens/sums/pnl/series?from={from}&to={to}&quantity=2.5")).Ok();

        Assert.Equal(window["pnl"].GetDecimal(), series.Decimals("pnl").Sum());
        Assert.Equal(window["pnl"].GetDecimal(), series.Decimals("cumulativePnl")[^1]);
    }

    [Fact]
    public async Task A_series_for_drawing_keeps_its_ends_and_extremes()
    {
        await IngestHundredAsync("drawn");
        Answer whole = (await silo.Http.GetAnswerAsync("/v1/tokens/drawn/pnl/series")).Ok();
        Answer drawn = (await silo.Http.GetAnswerAsync("/v1/tokens/drawn/pnl/series?maxPoints=20")).Ok();

        (decimal[] all, decimal[] kept) = (whole.Decimals("rate"), drawn.Decimals("rate"));
        Assert.InRange(kept.Length, 4, 20);
        Assert.Equal((all[0], all[^1], all.Min(), all.Max()), (kept[0], kept[^1], kept.Min(), kept.Max()));
    }

    [Fact]
    public async Task Probes_page_and_dashboard_answer()
    {
        Assert.Equal(HttpStatusCode.OK, (await silo.Http.GetAnswerAsync("/health/live")).Status);
        Assert.Equal("ready", (await silo.Http.GetAnswerAsync("/health/ready")).Ok()["status"].GetString());
        Assert.Equal("text/html", (await silo.Http.GetAnswerAsync("/dashboard")).Ok().ContentType);
        Assert.Equal("text/html", (await silo.Http.GetAnswerAsync("/")).Ok().ContentType);
    }

    /// <summary>A hundred bars with gaps, up and down.</summary>
    private async Task IngestHundredAsync(string token)
    {
        await silo.Http.RegisterAsync(token);
        (await silo.Http.IngestAsync(token, [.. Enumerable.Range(0, 100).Where(i => i % 9 != 5).Select(i => (Start + 300L * i, 100m + i * 37 % 101 * 0.125m))])).Ok();
    }
}

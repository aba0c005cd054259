using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Pnl.Tests.Acceptance.Programs;
using static Microsoft.Playwright.Assertions;

namespace Pnl.Tests.Browser;

/// <summary>The page of a token whose bars are of several listings, and not all of 5 minutes.</summary>
public sealed class CoarseTokenTests(QuietSilo silo, Chromium chromium)
{
    private const long Begin = 1362096000, Change = 1364774400; // 2013-03-01, 2013-04-01

    private Uri Address => silo.Http.BaseAddress!;

    [Fact]
    public async Task A_token_of_daily_and_then_of_5_minute_bars_says_since_when()
    {
        await FillAsync("coarse", """{"listings":[{"source":"api"},{"source":"api","interval":"1d"},{"source":"binance","symbol":"COARSEUSDT","quote":"usdt"}]}""", "?interval=1d");
        await using Tab tab = await chromium.OpenAsync(Address, "#/token/coarse");

        await AssertToldAsync(tab);
        await Expect(tab.Page.Locator("#listings tbody tr")).ToHaveCountAsync(3);
        await Expect(tab.Page.Locator("#listings tbody tr").Nth(2)).ToContainTextAsync("never fetched");
    }

    /// <summary>The page alone, of answers that say what those of a token of such bars say.</summary>
    [Theory]
    [InlineData(1280, false)]
    [InlineData(390, false)]
    [InlineData(1280, true)]
    public async Task The_page_tells_what_the_answers_say_of_listings_and_intervals(int width, bool dark)
    {
        await FillAsync("told", "{}", "");
        await using Tab tab = await chromium.OpenAsync(Address, "#/token/told", dark, width, prepare: async page =>
        {
            await AnswerAsync(page, "**/v1/tokens/told", token =>
            {
                token["interval"] = "1d";
                token["coverage"] = JsonNode.Parse("""{"fetched":[],"absent":[],"missing":[{"from":"2013-04-02T12:00:00Z","to":"2013-04-02T18:00:00Z"}],"absentBars":0,"missingBars":72,"truncated":false}""");
                token["life"] = JsonNode.Parse(
                    """
                    [{"from":"2013-03-01T00:00:00Z","to":"2013-04-01T00:00:00Z","source":"files","symbol":"TOLD-USD","quote":"usd","interval":"1d","bars":31},
                     {"from":"2013-04-01T00:00:00Z","to":"2013-04-03T00:00:00Z","source":"bitfinex","symbol":"tTLDUSD","quote":"usd","interval":"5m","bars":300},
                     {"from":"2013-04-03T00:00:00Z","to":"2013-04-04T00:00:00Z","source":"binance","symbol":"TOLDUSDT","quote":"usdt","interval":"5m","bars":204}]
                    """);
                token["listings"] = JsonNode.Parse(
                    """
                    [{"source":"bitfinex","symbol":"tTLDUSD","quote":"usd","interval":"5m","from":null,"to":null,"firstBar":"2013-04-01T00:00:00Z","lastBar":"2013-04-02T23:55:00Z","bars":300,"fetched":[],"neverFetched":false},
                     {"source":"binance","symbol":"TOLDUSDT","quote":"usdt","interval":"5m","from":"2013-04-02T00:00:00Z","to":null,"firstBar":"2013-04-03T00:00:00Z","lastBar":"2013-04-03T23:55:00Z","bars":204,"fetched":[],"neverFetched":false},
                     {"source":"files","symbol":"TOLD-USD","quote":"usd","interval":"1d","from":null,"to":"2013-04-01T00:00:00Z","firstBar":"2013-03-01T00:00:00Z","lastBar":"2013-03-31T00:00:00Z","bars":31,"fetched":[],"neverFetched":false},
                     {"source":"okx","symbol":"TOLD-USDT","quote":"usdt","interval":"5m","from":null,"to":null,"firstBar":null,"lastBar":null,"bars":0,"fetched":[],"neverFetched":true}]
                    """);
                token["formerListings"] = JsonNode.Parse("""[{"source":"api","symbol":"","quote":"usd","interval":"4h","from":null,"to":null,"firstBar":"2013-03-09T04:00:00Z","lastBar":"2013-03-09T08:00:00Z","bars":2,"fetched":[],"neverFetched":false}]""");
            });
            await AnswerAsync(page, "**/v1/tokens/told/pnl", pnl =>
            {
                foreach ((string name, JsonNode? window) in pnl["windows"]!.AsObject())
                {
                    window!["interval"] = name is "5m" or "1h" or "24h" ? "5m" : "1d";
                }
            });
        });

        await AssertToldAsync(tab);
        await Expect(tab.Page.Locator("#life tbody tr").Nth(0)).ToContainTextAsync("usdt, converted");
        await Expect(tab.Page.Locator("#listings tbody tr")).ToHaveCountAsync(5);
        await Expect(tab.Page.Locator("#listings tbody tr").Nth(3)).ToContainTextAsync("never fetched");
        await Expect(tab.Page.Locator("#listings tbody tr").Nth(4)).ToContainTextAsync("no listing any more");
        await tab.KeepAsync($"token-coarse-{(dark ? "dark" : "light")}-{width}");
        await tab.AssertAccessibleAsync();
    }

    [Fact]
    public async Task Of_5_minute_bars_alone_nothing_is_said_of_intervals()
    {
        await silo.Http.IngestWaveAsync("fine", 288, 2m, Rates.LastBar);
        await using Tab tab = await chromium.OpenAsync(Address, "#/token/fine");
        await tab.PointsAsync();

        await Expect(tab.Page.Locator("#stands-on")).ToBeHiddenAsync();
        await Expect(tab.Page.Locator("section[aria-labelledby=windows-title]").GetByRole(AriaRole.Columnheader, new() { Name = "Interval" })).ToHaveCountAsync(0);
    }

    /// <summary>31 daily closes, then three days of 5 minutes with six hours of the second one absent.</summary>
    /// <param name="details">What is registered of it.</param>
    /// <param name="days">The query with which the daily closes are sent; without one they are sent as bars of the last slot of each day.</param>
    private async Task FillAsync(string token, string details, string days)
    {
        await silo.Http.RegisterAsync(token, details);
        (await silo.Http.SendAsync(HttpMethod.Post, $"/v1/tokens/{token}/rates{days}", Requests.Json(
            $$"""{"time":[{{string.Join(',', Enumerable.Range(0, 31).Select(day => Begin + 86_400 * day + (days.Length == 0 ? 86_100 : 0)))}}],"rate":[{{string.Join(',', Enumerable.Range(0, 31).Select(day => 34 + day * 2))}}]}"""))).Ok();
        (await silo.Http.IngestAsync(token, [.. Enumerable.Range(0, 3 * 288).Where(i => i is < 432 or >= 504).Select(i => (Change + 300L * i, 96m + i * 7 % 13))])).Ok();
    }

    private static async Task AssertToldAsync(Tab tab)
    {
        await Expect(tab.Page.Locator("#stands-on")).ToHaveTextAsync("Daily rates until 2013-04-01, 5-minute rates since.");
        ILocator last = tab.Page.Locator("#life tbody tr").Last;
        await Expect(last).ToContainTextAsync("1d");
        await Expect(last).ToContainTextAsync("2013-03-01 00:00");
        await Expect(last).ToContainTextAsync("31");
        ILocator windows = tab.Page.Locator("section[aria-labelledby=windows-title]");
        await Expect(windows.GetByRole(AriaRole.Columnheader, new() { Name = "Interval" })).ToHaveCountAsync(1);
        await Expect(windows.GetByRole(AriaRole.Row).Filter(new() { HasText = "Since the first bar" }).GetByRole(AriaRole.Cell, new() { Name = "1d", Exact = true })).ToHaveCountAsync(1);
        await Expect(windows.GetByRole(AriaRole.Row).Filter(new() { HasText = "24 hours" }).GetByRole(AriaRole.Cell, new() { Name = "5m", Exact = true })).ToHaveCountAsync(1);
        await tab.PointsAsync();

        // Daily points are joined by a line; six hours without bars of 5 minutes, from 2013-04-02 12:00, are not.
        await Expect(tab.Chart).ToHaveAttributeAsync("data-fine", "true");
        Assert.True(await tab.HasLineAsync(0.3));
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "7 d", Exact = true }).ClickAsync();
        await Expect(tab.Page.Locator(".range")).ToHaveTextAsync("In view: 2013-03-28 00:00 UTC to 2013-04-04 00:00 UTC");
        Assert.True(await tab.HasLineAsync(0.2));
        Assert.False(await tab.HasLineAsync(135.0 / 168));
        Assert.True(await tab.HasLineAsync(0.95));
    }

    /// <summary>Changes what the server answers to the page.</summary>
    private static Task<IAsyncDisposable> AnswerAsync(IPage page, string path, Action<JsonNode> change) => page.RouteAsync(path, async route =>
    {
        IAPIResponse answer = await route.FetchAsync();
        JsonNode body = JsonNode.Parse(await answer.TextAsync())!;
        change(body);
        await route.FulfillAsync(new() { Response = answer, Body = body.ToJsonString() });
    });
}

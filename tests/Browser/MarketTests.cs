using System.Globalization;
using Microsoft.Playwright;
using Pnl.Tests.Acceptance.Programs;
using static Microsoft.Playwright.Assertions;

namespace Pnl.Tests.Browser;

/// <summary>The market: rankings, search and lines, live.</summary>
public sealed class MarketTests(QuietSilo silo, Chromium chromium)
{
    private Uri Address => silo.Http.BaseAddress!;

    [Fact]
    public async Task Tokens_are_ranked_over_the_window_that_is_chosen_and_tiny_rates_are_readable()
    {
        long last = Rates.LastBar;
        await silo.Http.RegisterAsync("market-tiny");
        await silo.Http.RegisterAsync("market-big");
        (await silo.Http.IngestAsync("market-tiny", (last - 3600, 0.0000000100m), (last - 300, 0.0000000120m), (last, 0.0000000123m))).Ok();
        (await silo.Http.IngestAsync("market-big", (last - 3600, 12345.6m), (last - 300, 20000m), (last, 12345.67m))).Ok();
        await using Tab tab = await chromium.OpenAsync(Address, "#/?window=5m&all=1");

        await Expect(tab.Row("market-tiny")).ToContainTextAsync("0.0000000123 usd");
        await Expect(tab.Row("market-tiny")).ToContainTextAsync("+2.50\u00a0%");
        await Expect(tab.Row("market-big")).ToContainTextAsync("12,345.67 usd");
        await Expect(tab.Row("market-tiny").Locator("svg path")).ToHaveCountAsync(1);
        Assert.True(await PlaceAsync(tab, "market-tiny") < await PlaceAsync(tab, "market-big"));

        await tab.Page.GetByLabel("Order").SelectOptionAsync("asc");
        await Expect(tab.Page.GetByRole(AriaRole.Table)).ToHaveAccessibleNameAsync("Tokens by return, smallest first");
        Assert.True(await PlaceAsync(tab, "market-tiny") > await PlaceAsync(tab, "market-big"));
        await tab.Page.GetByLabel("Window").SelectOptionAsync("1h");
        await Expect(tab.Row("market-tiny")).ToContainTextAsync("+23.00\u00a0%");
        Assert.Contains("window=1h", tab.Page.Url, StringComparison.Ordinal);
        await Expect(tab.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("ranked over 1 hour, as of ");
    }

    [Fact]
    public async Task A_new_bar_shows_without_anything_being_done()
    {
        long last = Rates.LastBar;
        await silo.Http.RegisterAsync("market-live");
        (await silo.Http.IngestAsync("market-live", (last - 600, 2m), (last - 300, 3m))).Ok();
        await using Tab tab = await chromium.OpenAsync(Address, "#/?window=5m&all=1&search=market-live");
        await Expect(tab.Row("market-live")).ToContainTextAsync("3 usd");
        await Expect(tab.Page.Locator("#connection")).ToHaveTextAsync("live");

        (await silo.Http.IngestAsync("market-live", (last, 4.5m))).Ok();

        await Expect(tab.Row("market-live")).ToContainTextAsync("4.5 usd");
        await Expect(tab.Row("market-live")).ToContainTextAsync("+50.00\u00a0%");
    }

    [Fact]
    public async Task The_ranking_follows_new_bars()
    {
        using DataFolder folder = new();
        using SiloProcess own = await SiloProcess.StartAsync(folder);
        long last = Rates.LastBar;
        foreach (string token in (string[])["first", "second"])
        {
            await own.Http.RegisterAsync(token);
            (await own.Http.IngestAsync(token, (last - 600, 2m), (last - 300, token == "first" ? 4m : 3m))).Ok();
        }

        await using Tab tab = await chromium.OpenAsync(own.Http.BaseAddress!, "#/?window=5m&by=pnl&all=1");
        await Expect(tab.Page.GetByRole(AriaRole.Rowheader).First).ToContainTextAsync("first");
        (await own.Http.IngestAsync("second", (last, 10m))).Ok();

        await Expect(tab.Page.GetByRole(AriaRole.Rowheader).First).ToContainTextAsync("second");
        await Expect(tab.Row("second")).ToContainTextAsync("+7");
    }

    [Fact]
    public async Task Search_finds_a_token_and_says_so_when_there_is_none()
    {
        await silo.Http.IngestWaveAsync("needle", 12, 5m, Rates.LastBar);
        await using Tab tab = await chromium.OpenAsync(Address, "");

        await tab.Page.GetByRole(AriaRole.Searchbox).FillAsync("NEEDL");
        await Expect(tab.Row("NEEDLE")).ToContainTextAsync("12");
        await Expect(tab.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("1 tokens found.");
        await tab.Page.GetByRole(AriaRole.Searchbox).FillAsync("no such token at all");
        await tab.ShowsAsync("Nothing found.");
        await tab.KeepAsync("search-nothing");
        await tab.Page.GetByRole(AriaRole.Searchbox).FillAsync("needle");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "NEEDLE" }).ClickAsync();
        await Expect(tab.Heading).ToContainTextAsync("NEEDLE");
        await Expect(tab.Heading).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_page_of_an_empty_engine_says_how_to_begin_and_one_that_cannot_be_reached_what_to_do()
    {
        using DataFolder folder = new();
        using SiloProcess own = await SiloProcess.StartAsync(folder);
        await using Tab tab = await chromium.OpenAsync(own.Http.BaseAddress!, "");
        await tab.ShowsAsync("There are no tokens yet.");
        await tab.KeepAsync("market-empty");
        await tab.AssertAccessibleAsync();

        tab.Expected.Add("ERR_CONNECTION_REFUSED");
        own.Kill();
        await tab.Page.GetByLabel("Window").SelectOptionAsync("7d");
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The server cannot be reached.");
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();
        await tab.KeepAsync("market-unreachable");
        await tab.AssertAccessibleAsync();
    }

    [Fact]
    public async Task A_stale_token_is_shown_as_such()
    {
        await silo.Http.RegisterAsync("market-stale");
        (await silo.Http.IngestAsync("market-stale", (1621427700, 2m), (1621428000, 3m))).Ok();
        await using Tab tab = await chromium.OpenAsync(Address, "#/token/market-stale");

        await tab.ShowsAsync("stale: the last rate is older than it should be");
        await Expect(tab.Page.Locator("#as-of")).ToHaveTextAsync("2021-05-19 12:45 UTC");
    }

    private static async Task<int> PlaceAsync(Tab tab, string token) =>
        int.Parse(await tab.Row(token).GetByRole(AriaRole.Cell).First.InnerTextAsync(), CultureInfo.InvariantCulture);
}

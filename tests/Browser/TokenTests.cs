using System.Globalization;
using Microsoft.Playwright;
using Pnl.Tests.Acceptance.Programs;
using static Microsoft.Playwright.Assertions;

namespace Pnl.Tests.Browser;

/// <summary>The page of a token: its chart, its windows and what changes while one looks.</summary>
public sealed class TokenTests(QuietSilo silo, Chromium chromium)
{
    private const int BarsOfHalfAYear = 180 * 288;

    private Uri Address => silo.Http.BaseAddress!;

    [Fact]
    public async Task The_chart_begins_with_the_first_bar_and_loads_finer_points_as_it_zooms()
    {
        long last = await silo.Http.IngestWaveAsync("zoomed", BarsOfHalfAYear, 2m, Rates.LastBar);
        List<string> asked = [];
        await using Tab tab = await chromium.OpenAsync(Address, "#/token/zoomed", prepare: page =>
        {
            page.Request += (_, request) => asked.Add(request.Url);
            return Task.CompletedTask;
        });
        await Expect(tab.Page.Locator(".range")).ToHaveTextAsync($"In view: {Utc(last + 300 - (BarsOfHalfAYear - 1) * 300L)} to {Utc(last + 300)}");
        Assert.InRange(await tab.PointsAsync(), 1000, 4000);
        await Expect(tab.Chart).ToHaveAttributeAsync("data-fine", "false");

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "24 h", Exact = true }).ClickAsync();
        await Expect(tab.Chart).ToHaveAttributeAsync("data-fine", "true");
        await Expect(tab.Page.Locator(".range")).ToHaveTextAsync($"In view: {Utc(last + 300 - 86_400)} to {Utc(last + 300)}");
        Assert.InRange(await tab.PointsAsync(), 288, 3 * 288 + 2);

        // By keys down to three bars, each of which can be read.
        await tab.Chart.FocusAsync();
        for (int i = 0; i < 8; i++)
        {
            await tab.Page.Keyboard.PressAsync("+");
        }

        await tab.Page.Keyboard.PressAsync("End");
        await tab.Page.GetByText("Values in view, as a table").ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Rowheader, new() { Name = Utc(last).Replace(" UTC", "", StringComparison.Ordinal) })).ToBeVisibleAsync();
        await tab.Chart.FocusAsync();
        await tab.Page.Keyboard.PressAsync("Home");
        await Expect(tab.Page.Locator(".range")).ToContainTextAsync(Utc(last + 300 - (BarsOfHalfAYear - 1) * 300L));
        Assert.True(asked.Count(url => url.Contains("/pnl/series?", StringComparison.Ordinal)) >= 2);
        Assert.Contains(asked, url => url.Contains("/pnl/series?from=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_mouse_moves_and_zooms_the_chart_and_reads_its_points()
    {
        await silo.Http.IngestWaveAsync("dragged", 10_000, 0.0000000123m, Rates.LastBar);
        await using Tab tab = await chromium.OpenAsync(Address, "#/token/dragged");
        await tab.PointsAsync();
        ILocator over = tab.Page.Locator(".u-over").First;
        await over.HoverAsync();
        await Expect(tab.Page.Locator(".readout")).ToContainTextAsync("usd, PnL since the first bar");
        Assert.Matches(@"UTC: rate 0\.00000001\d+ usd", await tab.Page.Locator(".readout").InnerTextAsync());

        await tab.Page.Keyboard.DownAsync("Control");
        await tab.Page.Mouse.WheelAsync(0, -100);
        await tab.Page.Mouse.WheelAsync(0, -100);
        await tab.Page.Mouse.WheelAsync(0, -100);
        await tab.Page.Keyboard.UpAsync("Control");
        string zoomed = await ChangedAsync(tab, "");
        LocatorBoundingBoxResult box = (await over.BoundingBoxAsync())!;
        await tab.Page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + 50);
        await tab.Page.Mouse.DownAsync();
        await tab.Page.Mouse.MoveAsync(box.X + box.Width / 2 + 200, box.Y + 50, new() { Steps = 5 });
        await tab.Page.Mouse.UpAsync();
        await ChangedAsync(tab, zoomed);
    }

    [Fact]
    public async Task A_new_bar_moves_as_of_and_the_end_of_the_chart()
    {
        long last = await silo.Http.IngestWaveAsync("grows", 100, 3m, Rates.LastBar - 300);
        await using Tab tab = await chromium.OpenAsync(Address, "#/token/grows");
        await Expect(tab.Page.Locator(".range")).ToContainTextAsync("to " + Utc(last + 300));

        (await silo.Http.IngestAsync("grows", (last + 300, 1234.5678901234567890123456m))).Ok();

        await Expect(tab.Page.Locator("#as-of")).ToHaveTextAsync(Utc(last + 600));
        await Expect(tab.Page.Locator(".range")).ToContainTextAsync("to " + Utc(last + 600));
        await tab.ShowsAsync("1,234.5678901234567890123456"); // every digit, which no double holds
    }

    [Fact]
    public async Task A_correction_is_marked_and_told_with_both_rates()
    {
        long last = await silo.Http.IngestWaveAsync("corrected", 200, 5m, Rates.LastBar);
        await using Tab tab = await chromium.OpenAsync(Address, "#/token/corrected");
        await tab.PointsAsync();
        string was = (await silo.Http.GetAnswerAsync($"/v1/tokens/corrected/pnl/series?from={last - 3000}&to={last - 2999}")).Ok().Decimals("rate")[0].ToString(CultureInfo.InvariantCulture);

        (await silo.Http.IngestAsync("corrected", (last - 3000, 7.77m))).Ok();

        ILocator row = tab.Page.Locator("#corrections tbody tr");
        await Expect(row).ToHaveCountAsync(1);
        await Expect(row).ToContainTextAsync(Utc(last - 2700).Replace(" UTC", "", StringComparison.Ordinal));
        await Expect(row).ToContainTextAsync(was.TrimEnd('0').TrimEnd('.'));
        await Expect(row).ToContainTextAsync("7.77");
        await Expect(tab.Page.Locator("#announcer")).ToContainTextAsync("1 rates were corrected in revision");
        await tab.KeepAsync("token-corrected");
        await tab.AssertAccessibleAsync();
    }

    [Fact]
    public async Task A_gap_is_drawn_as_a_gap_and_listed()
    {
        // Of the last day, the hours from 12 to 6 before the end are absent.
        await silo.Http.IngestWaveAsync("gapped", 288, 2m, Rates.LastBar, i => i is >= 72 and < 144);
        await using Tab tab = await chromium.OpenAsync(Address, "#/token/gapped");
        await tab.PointsAsync();
        await tab.ShowsAsync("incomplete: bars are missing in some window");
        await tab.Page.GetByText("Gaps (1)").ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Cell, new() { Name = "6 h", Exact = true })).ToBeVisibleAsync();
        await tab.KeepAsync("token-gap");

        Assert.True(await tab.HasLineAsync(0.25));
        Assert.False(await tab.HasLineAsync(0.65));
        Assert.True(await tab.HasLineAsync(0.9));
    }

    [Fact]
    public async Task The_window_between_any_two_times_is_computed_with_all_its_digits()
    {
        const long Start = 1621427700; // 2021-05-19T12:35:00Z
        await silo.Http.RegisterAsync("between");
        (await silo.Http.IngestAsync("between", (Start, 0.1m), (Start + 300, 0.1234567890123456789m), (Start + 600, 0.5m))).Ok();
        await using Tab tab = await chromium.OpenAsync(Address, "#/token/between");

        await tab.Page.GetByLabel("From, UTC").FillAsync("2021-05-19T12:40");
        await tab.Page.GetByLabel("To, UTC").FillAsync("2021-05-19T12:45");
        await tab.Page.GetByLabel("Quantity").FillAsync("-250");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Compute" }).ClickAsync();
        await tab.ShowsAsync("-5.864197253086419725");
        await tab.Page.GetByLabel("Quantity").FillAsync("much");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Compute" }).ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("'much' is no quantity.");
        tab.Expected.Add("400 (Bad Request)");
    }

    [Fact]
    public async Task What_is_not_there_is_said_with_what_to_do()
    {
        await silo.Http.RegisterAsync("no-bars");
        await using (Tab tab = await chromium.OpenAsync(Address, "#/token/no-bars"))
        {
            await tab.ShowsAsync("There is no bar yet.");
            await tab.ShowsAsync("Windows end with the last bar, and there is none yet.");
            await Expect(tab.Page.GetByRole(AriaRole.Definition).First).ToHaveTextAsync("—not known");
            await tab.KeepAsync("token-no-bars");
            await tab.AssertAccessibleAsync();
        }

        await using Tab unknown = await chromium.OpenAsync(Address, "#/token/nobody");
        unknown.Expected.Add("404 (Not Found)");
        await unknown.ShowsAsync("There is no token “nobody”.");
        await unknown.Page.GotoAsync("/#/nowhere");
        await Expect(unknown.Heading).ToHaveTextAsync("No such page");
    }

    [Fact]
    public async Task What_a_token_is_called_is_never_markup()
    {
        await silo.Http.RegisterAsync("markup", """{"symbol":"<b>MU</b>","name":"<img src=x onerror=document.title='run'>"}""");
        await using Tab tab = await chromium.OpenAsync(Address, "#/token/markup");

        await Expect(tab.Heading).ToContainTextAsync("<b>MU</b> <img src=x");
        Assert.Equal("<b>MU</b> – Orleans.Pnl", await tab.Page.TitleAsync());
    }

    [Fact]
    public async Task Without_the_chart_library_the_page_draws_plain_lines_and_says_so()
    {
        await silo.Http.IngestWaveAsync("plain", BarsOfHalfAYear, 2m, Rates.LastBar);
        // As a build without npm writes it.
        await using Tab tab = await chromium.OpenAsync(Address, "#/token/plain", width: 390, prepare: page =>
            page.RouteAsync("**/page/vendored.js", route => route.FulfillAsync(new() { ContentType = "text/javascript", Body = "export const uplot = null;" })));

        await tab.ShowsAsync("This build has no chart library");
        await Expect(tab.Page.Locator("svg.plain path").First).ToHaveAttributeAsync("d", Patterns.Path());
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "24 h", Exact = true }).ClickAsync();
        await Expect(tab.Chart).ToHaveAttributeAsync("data-fine", "true");
        await tab.KeepAsync("token-plain-line");
        await tab.AssertAccessibleAsync();
    }

    private static async Task<string> ChangedAsync(Tab tab, string before)
    {
        ILocator range = tab.Page.Locator(".range");
        await Expect(range).Not.ToHaveTextAsync(before);
        return await range.InnerTextAsync();
    }

    private static string Utc(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}

using Microsoft.Playwright;
using Pnl.Tests.Acceptance.Programs;
using static Microsoft.Playwright.Assertions;

namespace Pnl.Tests.Browser;

/// <summary>Every page in dark and light, at the width of a desk and of a phone: axe finds nothing, and a picture is kept.</summary>
public sealed class LooksTests(QuietSilo silo, Chromium chromium)
{
    private static readonly Dictionary<string, string> Pages = new()
    {
        ["market"] = "#/?all=1",
        ["token"] = "#/token/looks-2",
        ["token-without-bars"] = "#/token/looks-none",
        ["portfolios"] = "#/portfolios",
        ["portfolio"] = "#/portfolio/looks",
        ["backfills"] = "#/backfills",
    };

    /// <summary>Each page.</summary>
    public static TheoryData<string> Names => [.. Pages.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_page_is_accessible_in_light_and_wide_and_in_dark_and_narrow(string name)
    {
        await LookAsync(name, dark: false, 1280);
        await LookAsync(name, dark: true, 390);
    }

    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [MemberData(nameof(Names))]
    public async Task Every_page_is_accessible_in_dark_and_wide_and_in_light_and_narrow(string name)
    {
        await LookAsync(name, dark: true, 1280);
        await LookAsync(name, dark: false, 390);
    }

    private async Task LookAsync(string name, bool dark, int width)
    {
        await FillAsync();
        await using Tab tab = await chromium.OpenAsync(silo.Http.BaseAddress!, Pages[name], dark, width);
        await Expect(tab.Heading).ToBeVisibleAsync();
        await Expect(tab.Page.GetByText("Loading …")).ToHaveCountAsync(0);
        if (name == "market")
        {
            await Expect(tab.Row("looks-0").Locator("svg path")).ToHaveCountAsync(1);
        }
        else if (name is "token" or "portfolio")
        {
            await tab.PointsAsync();
        }

        await tab.KeepAsync($"{name}-{(dark ? "dark" : "light")}-{width}");
        await tab.AssertAccessibleAsync();
    }

    [Fact]
    public async Task The_keyboard_reaches_everything_and_shows_where_it_is()
    {
        await FillAsync();
        await using Tab tab = await chromium.OpenAsync(silo.Http.BaseAddress!, "");
        await Expect(tab.Row("looks-0")).ToBeVisibleAsync();
        await tab.Page.Keyboard.PressAsync("Tab");
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "Skip to the content" })).ToBeFocusedAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "Skip to the content" })).ToBeInViewportAsync();
        HashSet<string> reached = [];
        for (int i = 0; i < 20; i++)
        {
            await tab.Page.Keyboard.PressAsync("Tab");
            if (await tab.Page.EvaluateAsync<bool>("document.activeElement === document.body"))
            {
                break; // behind the last one: the browser's own
            }

            reached.Add(await tab.Page.EvaluateAsync<string>("(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"));
            Assert.NotEqual("none", await tab.Page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
        }

        Assert.Superset(new HashSet<string> { "Orleans.Pnl", "Market", "Portfolios", "Backfills", "Search all tokens", "Window", "Ranked by", "Order", "Also stale and partial" }, reached);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/page/app.js")]
    public async Task The_page_runs_no_script_but_its_own_and_is_framed_by_nobody(string path)
    {
        Answer answer = (await silo.Http.GetAnswerAsync(path)).Ok();

        string policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Equal(System.Net.HttpStatusCode.NotModified, (await silo.Http.GetAnswerAsync(path, ("If-None-Match", answer.ETag!))).Status);
    }

    [Fact]
    public async Task The_chart_library_comes_with_its_licence()
    {
        string vendored = (await silo.Http.GetAnswerAsync("/page/vendored.js")).Ok().Text;
        Assert.SkipWhen(vendored.Contains("= null", StringComparison.Ordinal), "This build found no npm, and so has no chart library.");

        Answer licence = (await silo.Http.GetAnswerAsync("/page/uplot/LICENSE")).Ok();
        Assert.Equal("text/plain", licence.ContentType);
        Assert.Contains("The MIT License", licence.Text, StringComparison.Ordinal);
    }

    private async Task FillAsync()
    {
        if ((await silo.Http.GetAnswerAsync("/v1/portfolios/looks")).Status == System.Net.HttpStatusCode.OK)
        {
            return;
        }

        await silo.Http.RegisterAsync("looks-none");
        decimal[] about = [64123.5m, 3.21m, 0.0000000123m, 151.25m, 0.04512m];
        for (int i = 0; i < about.Length; i++)
        {
            await silo.Http.IngestWaveAsync($"looks-{i}", 40 * 288, about[i], Rates.LastBar, bar => bar is > 4000 and < 5200 || bar % 977 == 0);
        }

        (await silo.Http.SendAsync(HttpMethod.Put, "/v1/portfolios/looks", Requests.Json("""{"baseCurrency":"usd","costBasis":"fifo"}"""))).Ok();
        string Time(int days) => DateTimeOffset.FromUnixTimeSeconds(Rates.LastBar - days * 86_400L).ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        (await silo.Http.SendAsync(HttpMethod.Post, "/v1/portfolios/looks/entries", Requests.Json(
            $$"""
            {"entries":[
              {"id":"1","time":"{{Time(30)}}","kind":"buy","token":"looks-0","quantity":0.5,"price":60000,"currency":"usd","fees":[{"amount":12.5,"currency":"usd"}],"note":"first"},
              {"id":"2","time":"{{Time(28)}}","kind":"buy","token":"looks-2","quantity":1000000000,"price":0.0000000125,"currency":"usd"},
              {"id":"3","time":"{{Time(9)}}","kind":"sell","token":"looks-0","quantity":0.2,"price":66000,"currency":"usd"},
              {"id":"4","time":"{{Time(3)}}","kind":"income","token":"looks-3","quantity":4}
            ]}
            """))).Ok();
    }
}

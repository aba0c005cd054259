using Microsoft.Playwright;
using Pnl.Tests.Acceptance.Programs;
using static Microsoft.Playwright.Assertions;

namespace Pnl.Tests.Browser;

/// <summary>Backfills: begun, followed and ended in the browser.</summary>
public sealed class BackfillTests(QuietSilo silo, Chromium chromium)
{
    [Fact]
    public async Task A_backfill_is_begun_and_followed_to_its_end()
    {
        using DataFolder folder = new();
        using SiloProcess own = await SiloProcess.ListeningAsync(folder, "--Pnl:Feed=none", "--Pnl:Simulated:Tokens=40");
        await own.ReadyAsync(TimeSpan.FromMinutes(2));
        await using Tab tab = await chromium.OpenAsync(own.Http.BaseAddress!, "#/backfills");
        await tab.ShowsAsync("No history has been fetched yet.");
        await tab.KeepAsync("backfills-empty");

        await tab.Page.GetByLabel("Source").FillAsync("simulated");
        await tab.Page.GetByLabel("From, UTC").FillAsync(DateTime.UtcNow.AddDays(-120).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        ILocator card = tab.Page.GetByRole(AriaRole.Article, new() { Name = "Backfill from simulated" });
        await Expect(card).ToContainTextAsync("completed");
        await Expect(card).ToContainTextAsync(" tokens, 100");
        Assert.Equal(await card.GetByRole(AriaRole.Progressbar).GetAttributeAsync("max"), await card.GetByRole(AriaRole.Progressbar).GetAttributeAsync("value"));
        await Expect(tab.Page.Locator("#announcer")).ToHaveTextAsync("The backfill from simulated is completed.");
        await tab.KeepAsync("backfills");
        await tab.AssertAccessibleAsync();
    }

    [Fact]
    public async Task Tokens_that_are_given_up_are_listed_with_why_within_a_phones_width()
    {
        string token = "no-such-token-" + new string('x', 40);
        await using Tab tab = await chromium.OpenAsync(silo.Http.BaseAddress!, "#/backfills", width: 390);
        await tab.Page.GetByLabel("Source").FillAsync("simulated");
        await tab.Page.GetByLabel("Tokens").FillAsync(token);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        ILocator card = tab.Page.GetByRole(AriaRole.Article, new() { Name = "Backfill from simulated" });
        await Expect(card).ToContainTextAsync("completed with failures");
        await card.GetByText("Tokens given up (1)").ClickAsync();
        await Expect(tab.Row(token)).ToContainTextAsync($"simulated has no pair of {token}");
        await tab.KeepAsync("backfills-given-up");
        await tab.AssertAccessibleAsync();
    }

    [Fact]
    public async Task A_source_that_is_not_known_is_answered_with_those_that_are()
    {
        await using Tab tab = await chromium.OpenAsync(silo.Http.BaseAddress!, "#/backfills");
        tab.Expected.Add("400 (Bad Request)");
        await tab.Page.GetByLabel("Source").FillAsync("moon");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("source: expected one of binance");
        await tab.KeepAsync("backfills-refused");
        await tab.AssertAccessibleAsync();
    }
}

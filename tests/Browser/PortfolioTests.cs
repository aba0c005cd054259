using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Pnl.Tests.Acceptance.Programs;
using static Microsoft.Playwright.Assertions;

namespace Pnl.Tests.Browser;

/// <summary>Portfolios: set up, entered, imported, corrected and read in the browser.</summary>
public sealed class PortfolioTests(QuietSilo silo, Chromium chromium)
{
    private const string Start = "2026-03-02T12:00:00Z";
    private static readonly long StartSeconds = DateTimeOffset.Parse(Start, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds();

    private Uri Address => silo.Http.BaseAddress!;

    [Fact]
    public async Task A_portfolio_is_set_up_entered_and_switched_from_one_method_to_another()
    {
        await RatesAsync("gold");
        await using Tab tab = await chromium.OpenAsync(Address, "#/portfolios");
        tab.Expected.Add("404 (Not Found)"); // whether there is one already is asked first
        await tab.Page.GetByLabel("Id").FillAsync("by-hand");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
        await Expect(tab.Heading).ToHaveTextAsync("by-hand");
        await tab.ShowsAsync("Nothing was ever held.");
        await tab.KeepAsync("portfolio-empty");

        await EnterAsync(tab, "buy", "10", "1", "2026-03-02T12:00");
        await EnterAsync(tab, "buy", "10", "3", "2026-03-02T12:05");
        await EnterAsync(tab, "sell", "10", "4", "2026-03-02T12:10");

        // First in, first out: 10 bought at 1 were sold at 4; 10 bought at 3 are worth 5 each.
        await Expect(Fact(tab, "Realised, usd")).ToHaveTextAsync("+30");
        await Expect(Fact(tab, "Unrealised, usd")).ToHaveTextAsync("+20");
        await tab.Page.GetByLabel("Cost basis").SelectOptionAsync("lifo");
        await Expect(Fact(tab, "Realised, usd")).ToHaveTextAsync("+10");
        await Expect(Fact(tab, "Unrealised, usd")).ToHaveTextAsync("+40");
        await Expect(Fact(tab, "Total PnL, usd")).ToHaveTextAsync("+50");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Use for this portfolio" }).ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Table, new() { Name = "Lots by LIFO" })).ToContainTextAsync("+10");
        await Expect(tab.Chart).ToHaveAttributeAsync("data-points", Patterns.Number());
        await tab.Page.GetByText("Values in view, as a table").ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Table, new() { Name = "values in view" }).GetByRole(AriaRole.Row).Last).ToHaveTextAsync(new Regex("12:20.*50\\+50$")); // of all three entries
        await tab.KeepAsync("portfolio");
    }

    [Fact]
    public async Task A_CSV_is_imported_and_each_rejected_row_has_its_reason()
    {
        await RatesAsync("silver");
        await SetUpAsync("by-file");
        await using Tab tab = await chromium.OpenAsync(Address, "#/portfolio/by-file");
        await tab.Page.GetByLabel("Import a CSV").SetInputFilesAsync(new FilePayload
        {
            Name = "trades.csv",
            MimeType = "text/csv",
            Buffer = System.Text.Encoding.UTF8.GetBytes($"id,time,kind,token,quantity,price,currency,fees,note\nt1,{Start},buy,silver,8,2,usd,1 usd,\nt2,{Start},gift,silver,1,,,,\nt3,2026-03-02T12:05:00Z,sell,silver,3,4,usd,,\n"),
        });
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();

        await tab.ShowsAsync("trades.csv: 2 entries added, 0 there already, 1 rows rejected.");
        await Expect(tab.Page.GetByRole(AriaRole.Table, new() { Name = "Rejected rows" })).ToContainTextAsync("'gift' is none of");
        await Expect(tab.Row("silver").First).ToContainTextAsync("+15"); // 5 held at 5, bought at 2
        await Expect(Fact(tab, "Fees, usd")).ToHaveTextAsync("1");
        await tab.KeepAsync("portfolio-imported");
    }

    [Fact]
    public async Task What_the_ledger_refuses_is_explained_and_what_is_wrong_is_corrected_or_deleted()
    {
        await RatesAsync("tin");
        await SetUpAsync("refusing");
        await using Tab tab = await chromium.OpenAsync(Address, "#/portfolio/refusing");
        await EnterAsync(tab, "buy", "2", "1", "2026-03-02T12:00");
        tab.Expected.Add("409 (Conflict)");
        await EnterAsync(tab, "sell", "3", "4", "2026-03-02T12:05", "gives away more than is held");

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Correct the entry" }).ClickAsync();
        await tab.Page.GetByLabel("Quantity").FillAsync("0.1234567890123456789");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Correct the entry" }).First.ClickAsync();
        await tab.ShowsAsync("The entry is corrected.");
        await Expect(tab.Page.GetByRole(AriaRole.Table, new() { Name = "Positions" })).ToContainTextAsync("0.1234567890123456789");

        tab.Page.Dialog += (_, dialog) => dialog.AcceptAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Delete the entry" }).ClickAsync();
        await tab.ShowsAsync("The entry is deleted.");
        await tab.ShowsAsync("No entries.");
    }

    [Fact]
    public async Task A_rate_that_is_missing_is_named_and_its_position_is_no_zero()
    {
        await RatesAsync("iron");
        await SetUpAsync("missing");
        await PostAsync("missing", "iron", "1");
        await PostAsync("missing", "unheard-of", "1");
        await using Tab tab = await chromium.OpenAsync(Address, "#/portfolio/missing");

        await tab.ShowsAsync("positions are left out of the totals for want of these rates:");
        await tab.ShowsAsync("unheard-of/usd@");
        await Expect(tab.Row("unheard-of").First).ToContainTextAsync("not known");
        await Expect(tab.Row("unheard-of").First).ToContainTextAsync("rates missing");
        await tab.KeepAsync("portfolio-missing");
        await tab.AssertAccessibleAsync();
    }

    [Fact]
    public async Task The_value_follows_the_rates()
    {
        await RatesAsync("copper");
        await SetUpAsync("moving");
        await PostAsync("moving", "copper", "7");
        await using Tab tab = await chromium.OpenAsync(Address, "#/portfolio/moving");
        await Expect(Fact(tab, "Market value, usd")).ToHaveTextAsync("35");
        await Expect(tab.Page.Locator("#connection")).ToHaveTextAsync("live");

        (await silo.Http.IngestAsync("copper", (StartSeconds + 1200, 11m))).Ok();

        await Expect(Fact(tab, "Market value, usd")).ToHaveTextAsync("77");
    }

    [Fact]
    public async Task A_portfolio_that_is_not_there_says_what_to_do()
    {
        await using Tab tab = await chromium.OpenAsync(Address, "#/portfolio/nobodys");
        tab.Expected.Add("404 (Not Found)");
        await tab.ShowsAsync("There is no portfolio “nobodys”.");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "See those there are" }).ClickAsync();
        await Expect(tab.Heading).ToHaveTextAsync("Portfolios");
    }

    private static ILocator Fact(Tab tab, string name) => tab.Page.Locator(".facts > div").Filter(new() { Has = tab.Page.GetByText(name, new() { Exact = true }) }).GetByRole(AriaRole.Definition);

    private async Task RatesAsync(string token)
    {
        await silo.Http.RegisterAsync(token);
        (await silo.Http.IngestAsync(token, (StartSeconds - 300, 1m), (StartSeconds, 2m), (StartSeconds + 300, 3m), (StartSeconds + 600, 4m), (StartSeconds + 900, 5m))).Ok();
    }

    private async Task SetUpAsync(string portfolio) =>
        (await silo.Http.SendAsync(HttpMethod.Put, $"/v1/portfolios/{portfolio}", Requests.Json("""{"baseCurrency":"usd","costBasis":"fifo"}"""))).Ok();

    private async Task PostAsync(string portfolio, string token, string quantity) => (await silo.Http.SendAsync(
        HttpMethod.Post, $"/v1/portfolios/{portfolio}/entries",
        Requests.Json($$"""{"entries":[{"id":"{{token}}","time":"{{Start}}","kind":"buy","token":"{{token}}","quantity":{{quantity}},"price":2,"currency":"usd"}]}"""))).Ok();

    private static async Task EnterAsync(Tab tab, string kind, string quantity, string price, string time, string answer = "The entry is in the ledger.")
    {
        string token = await tab.Heading.InnerTextAsync() switch { "by-hand" => "gold", _ => "tin" };
        await tab.Page.GetByLabel("Kind").SelectOptionAsync(kind);
        await tab.Page.GetByLabel("Token", new() { Exact = true }).FillAsync(token);
        await tab.Page.GetByLabel("Quantity").FillAsync(quantity);
        await tab.Page.GetByLabel("Price of one").FillAsync(price);
        await tab.Page.GetByLabel("Price in").FillAsync("usd");
        await tab.Page.GetByLabel("Time, UTC").FillAsync(time);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Add the entry" }).ClickAsync();
        await tab.ShowsAsync(answer);
        if (!answer.Contains("more than", StringComparison.Ordinal))
        {
            await Expect(tab.Page.GetByLabel("Quantity")).ToHaveValueAsync("");
            await Expect(tab.Page.GetByRole(AriaRole.Table, new() { Name = "Entries, oldest first" })).ToContainTextAsync(time.Replace('T', ' '));
        }
    }
}

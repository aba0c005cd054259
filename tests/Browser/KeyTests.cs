using System.Security.Cryptography;
using Microsoft.Playwright;
using Pnl.Tests.Acceptance.Programs;
using static Microsoft.Playwright.Assertions;

namespace Pnl.Tests.Browser;

/// <summary>Where keys are asked for, the browser asks its user for one, and shows it with all that the page asks for, streams among it.</summary>
public sealed class KeyTests(Chromium chromium)
{
    [Fact]
    public async Task The_page_works_with_a_key_and_says_what_a_key_is_not_good_for()
    {
        string admin = ApiKey.Of(RandomNumberGenerator.GetBytes(ApiKey.RandomBytes));
        using DataFolder folder = new();
        using SiloProcess silo = await SiloProcess.ListeningAsync(folder, "--Pnl:Feed=none", "--Pnl:Access=required", "--Pnl:Access:AdminKeyHash", ApiKey.Hash(admin), "--Pnl:Access:RequestsASecond=10000");
        await silo.ReadyAsync(TimeSpan.FromMinutes(2));
        silo.Http.DefaultRequestHeaders.Add("X-Api-Key", admin);
        string key = (await silo.Http.SendAsync(HttpMethod.Post, "/v1/keys", Requests.Json("""{"name":"alice","owner":"alice","scopes":["read","portfolio"]}"""))).Ok()["key"].GetString()!;
        string reader = (await silo.Http.SendAsync(HttpMethod.Post, "/v1/keys", Requests.Json("""{"name":"reader","owner":"alice","scopes":["read"]}"""))).Ok()["key"].GetString()!;
        long last = Rates.LastBar;
        await silo.Http.RegisterAsync("keyed");
        (await silo.Http.IngestAsync("keyed", (last - 600, 2m), (last - 300, 3m))).Ok();
        Uri address = silo.Http.BaseAddress!;

        // Without one there is nothing but the window that asks for it.
        PlaywrightException refused = await Assert.ThrowsAsync<PlaywrightException>(() => chromium.OpenAsync(address, ""));
        Assert.Contains("ERR_INVALID_AUTH_CREDENTIALS", refused.Message, StringComparison.Ordinal);

        // With one it is live, and writes.
        await using (Tab tab = await chromium.OpenAsync(address, "#/?window=5m&all=1", key: key))
        {
            await Expect(tab.Row("keyed")).ToContainTextAsync("3 usd");
            await Expect(tab.Page.Locator("#connection")).ToHaveTextAsync("live");
            (await silo.Http.IngestAsync("keyed", (last, 4.5m))).Ok();
            await Expect(tab.Row("keyed")).ToContainTextAsync("4.5 usd");

            tab.Expected.Add("404 (Not Found)"); // whether there is one already is asked first
            await tab.Page.GotoAsync("/#/portfolios");
            await tab.Page.GetByLabel("Id").FillAsync("own");
            await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
            await Expect(tab.Heading).ToHaveTextAsync("own");
        }

        // One that is good for less reads the same, and is told when it is not enough.
        await using Tab reading = await chromium.OpenAsync(address, "#/portfolios", key: reader);
        reading.Expected.AddRange(["404 (Not Found)", "403 (Forbidden)"]);
        await Expect(reading.Page.GetByRole(AriaRole.Link, new() { Name = "own" })).ToBeVisibleAsync();
        await reading.Page.GetByLabel("Id").FillAsync("another");
        await reading.Page.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
        await reading.ShowsAsync("it lacks the scope 'portfolio'");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await silo.Http.GetAnswerAsync("/v1/portfolios/another", ("Authorization", "Bearer " + reader))).Status);
        Assert.DoesNotContain(key, await reading.Page.ContentAsync(), StringComparison.Ordinal);
    }
}

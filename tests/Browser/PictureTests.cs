using System.Globalization;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Unit.Architecture;

namespace Pnl.Tests.Browser;

/// <summary>
/// The pictures of the README: a token and a portfolio over invented rates. Taken anew with
/// <code>Pnl__Docs__Write=1 dotnet run -c Release --project tests/Browser -- -class Pnl.Tests.Browser.PictureTests</code>
/// </summary>
public sealed class PictureTests(QuietSilo silo, Chromium chromium)
{
    private const int Width = 960, MaxBytes = 150_000;

    [Theory]
    [InlineData("token", "#/token/coin")]
    [InlineData("portfolio", "#/portfolio/savings")]
    public async Task The_README_shows_the_page_as_it_is(string name, string page)
    {
        await FillAsync();
        await using Tab tab = await chromium.OpenAsync(silo.Http.BaseAddress!, page, width: Width);
        Assert.True(await tab.PointsAsync() > 100);
        byte[] picture = await tab.Page.ScreenshotAsync(); // what is in view, not the whole page
        string path = Path.Combine(Repository.Root, "docs", "pictures", name + ".png");
        if (Environment.GetEnvironmentVariable("Pnl__Docs__Write") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, picture, TestContext.Current.CancellationToken);
        }

        Assert.InRange(new FileInfo(path).Length, 10_000, MaxBytes);
        Assert.InRange(picture.Length, 10_000, MaxBytes);
        Assert.Contains($"docs/pictures/{name}.png", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task FillAsync()
    {
        if ((await silo.Http.GetAnswerAsync("/v1/portfolios/savings")).Status == System.Net.HttpStatusCode.OK)
        {
            return;
        }

        const int bars = 60 * 288;
        Random random = new(20_090_103);
        decimal rate = 41_000;
        await silo.Http.RegisterAsync("coin", """{"symbol":"COIN","name":"A coin","quote":"usd"}""");
        (await silo.Http.IngestAsync("coin", [.. Enumerable.Range(0, bars).Select(i =>
            (Rates.LastBar - 300L * (bars - 1 - i), rate = Math.Round(rate * (1 + 0.004m * (decimal)(random.NextDouble() - 0.494)), 2)))])).Ok();
        (await silo.Http.SendAsync(HttpMethod.Put, "/v1/portfolios/savings", Requests.Json("""{"baseCurrency":"usd","costBasis":"fifo"}"""))).Ok();
        string Time(int days) => DateTimeOffset.FromUnixTimeSeconds(Rates.LastBar - days * 86_400L).ToString("O", CultureInfo.InvariantCulture);
        (await silo.Http.SendAsync(HttpMethod.Post, "/v1/portfolios/savings/entries", Requests.Json(
            $$"""
            {"entries":[
              {"id":"1","time":"{{Time(50)}}","kind":"buy","token":"coin","quantity":0.5,"price":41200,"currency":"usd","fees":[{"amount":12.5,"currency":"usd"}]},
              {"id":"2","time":"{{Time(30)}}","kind":"buy","token":"coin","quantity":0.25,"price":43000,"currency":"usd"},
              {"id":"3","time":"{{Time(12)}}","kind":"sell","token":"coin","quantity":0.3,"price":47500,"currency":"usd"}
            ]}
            """))).Ok();
    }
}

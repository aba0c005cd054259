using Microsoft.Playwright;
using Pnl.Tests.Browser;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Pnl.Tests.Browser;

/// <summary>
/// One browser for all tests: that of the environment variable <c>CHROMIUM</c>, of the system, or the one that Playwright
/// installed for itself. Tests are skipped, and say so, where there is none.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Known =
    [
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", @"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ];

    // What a browser tells its maker and looks for by itself is not for tests. The sandbox does not start as root.
    private static readonly string[] Quiet =
    [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        .. Environment.UserName == "root" ? (string[])["--no-sandbox"] : [],
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        string? given = Environment.GetEnvironmentVariable("CHROMIUM");
        if ((given ?? Array.Find([.. Known, _playwright.Chromium.ExecutablePath], File.Exists)) is { } path)
        {
            _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = Quiet });
        }

        Assertions.SetDefaultExpectTimeout(30_000);
    }

    /// <summary>A tab with storage of its own.</summary>
    /// <param name="address">Of the gateway.</param>
    /// <param name="dark">Whether the system is set to dark.</param>
    /// <param name="width">Of the window, CSS pixels; 390 is a phone's.</param>
    /// <param name="prepare">Runs before the page is opened first.</param>
    /// <param name="key">What the user types in as the password when the browser asks for one; null if he knows none.</param>
    internal async Task<Tab> OpenAsync(Uri address, string hash, bool dark = false, int width = 1280, Func<IPage, Task>? prepare = null, string? key = null)
    {
        Assert.SkipWhen(_browser is null, "There is no Chromium here: install one, or name it in the environment variable CHROMIUM.");
        IBrowserContext context = await _browser.NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new() { Width = width, Height = width < 600 ? 844 : 900 },
            Locale = "en-GB",
            HttpCredentials = key is null ? null : new() { Username = "anybody", Password = key },
            TimezoneId = "America/New_York", // times are UTC wherever the reader is
        });
        Tab tab = new(context, await context.NewPageAsync());
        if (prepare is not null)
        {
            await prepare(tab.Page);
        }

        await tab.Page.GotoAsync("/" + hash);
        return tab;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
    }
}

using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Pnl.Tests.Browser;

/// <summary>A tab of the browser; when it is closed, nothing may have gone wrong in it that the test did not expect.</summary>
internal sealed class Tab : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _errors = new();

    public Tab(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.PageError += (_, error) => _errors.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _errors.Enqueue($"{message.Text} ({message.Location})");
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Errors that belong to the test, by a part of their text.</summary>
    public List<string> Expected { get; } = [];

    public ILocator Row(string name) => Page.GetByRole(AriaRole.Row).Filter(new() { Has = Page.GetByRole(AriaRole.Rowheader, new() { Name = name }) });

    public ILocator Heading => Page.GetByRole(AriaRole.Heading, new() { Level = 1 });

    public ILocator Chart => Page.Locator(".chart");

    public Task ShowsAsync(string text) => Assertions.Expect(Page.GetByRole(AriaRole.Main)).ToContainTextAsync(text);

    /// <summary>Waits until the chart has loaded, and reads something of it.</summary>
    public async Task<int> PointsAsync()
    {
        await Assertions.Expect(Chart).ToHaveAttributeAsync("data-points", Patterns.Number());
        return int.Parse((await Chart.GetAttributeAsync("data-points"))!, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Whether the line of the upper panel passes at a part of its width.</summary>
    public Task<bool> HasLineAsync(double part) => Page.EvaluateAsync<bool>(
        """
        part => {
          const canvas = document.querySelector(".uplot canvas"), over = document.querySelector(".uplot .u-over");
          const scale = canvas.width / canvas.clientWidth, x = Math.round((over.offsetLeft + over.clientWidth * part) * scale);
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
          copy.drawImage(canvas, 0, 0);
          const { data } = copy.getImageData(x - 3, over.offsetTop * scale, 7, over.clientHeight * scale);
          const colour = getComputedStyle(canvas).getPropertyValue("--line").trim().match(/[0-9a-f]{2}/gi).map(hex => parseInt(hex, 16));
          for (let i = 0; i < data.length; i += 4) {
            if (data[i + 3] > 200 && colour.every((value, j) => Math.abs(value - data[i + j]) < 12)) return true;
          }
          return false;
        }
        """, part);

    /// <summary>Keeps a picture of the whole page, to be looked at.</summary>
    public Task KeepAsync(string name) => Page.ScreenshotAsync(new() { Path = Path.Combine(Artifacts.Folder, name + ".png"), FullPage = true });

    /// <summary>Asserts that axe finds nothing, and that the page is as wide as its window.</summary>
    public async Task AssertAccessibleAsync()
    {
        AxeResult result = await Page.RunAxe();
        Assert.Empty(result.Violations.Select(violation => $"{violation.Id}: {violation.Help}: {string.Join("; ", violation.Nodes.Select(node => node.Html))}"));
        Assert.NotEmpty(result.Passes);
        Assert.True(await Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than its window");
    }

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        Assert.DoesNotContain(_errors, error => !Expected.Exists(expected => error.Contains(expected, StringComparison.Ordinal)));
    }
}

using System.Globalization;
using System.Text;
using Microsoft.Playwright;
using Pnl.Tests.Acceptance.Programs;
using static Microsoft.Playwright.Assertions;

namespace Pnl.Tests.Browser;

/// <summary>
/// Figures of how fast the page paints, moves and zooms, for <c>bench/RESULTS.md</c>: run by name, since time is no matter for
/// a test. They are written to artifacts/figures.txt.
/// </summary>
public sealed class PaintFigures(QuietSilo silo, Chromium chromium)
{
    private const int Bars = 1_700_000; // some 16 years

    [Fact(Explicit = true)]
    public async Task First_paint_and_frames_over_the_longest_series()
    {
        await silo.Http.IngestWaveAsync("longest", Bars, 64123.5m, Rates.LastBar, bar => bar % 9973 < 12);
        StringBuilder figures = new();
        foreach (string hash in (string[])["#/?all=1", "#/token/longest", "#/portfolios", "#/backfills"])
        {
            List<double> paints = [], contents = [];
            for (int i = 0; i < 7; i++)
            {
                await using Tab tab = await chromium.OpenAsync(silo.Http.BaseAddress!, hash);
                await Expect(tab.Page.GetByText("Loading …")).ToHaveCountAsync(0);
                if (hash.Contains("token", StringComparison.Ordinal))
                {
                    await tab.PointsAsync();
                }

                contents.Add(await tab.Page.EvaluateAsync<double>("performance.now()"));
                paints.Add(await tab.Page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime"));
            }

            figures.AppendLine(CultureInfo.InvariantCulture, $"{hash}: first contentful paint {Median(paints):f0} ms ({paints.Min():f0} to {paints.Max():f0}), figures there after {Median(contents):f0} ms (as seen from the test; {contents.Min():f0} to {contents.Max():f0})");
        }

        await using Tab chart = await chromium.OpenAsync(silo.Http.BaseAddress!, "#/token/longest", prepare: page => page.AddInitScriptAsync(Probe));
        await chart.PointsAsync();
        LocatorBoundingBoxResult box = (await chart.Page.Locator(".u-over").First.BoundingBoxAsync())!;
        await chart.Page.Mouse.MoveAsync(box.X + box.Width * 0.6f, box.Y + 80);
        await MeasureAsync(chart, figures, "zoom by wheel from 16 years to minutes and back", async () =>
        {
            await chart.Page.Keyboard.DownAsync("Control");
            for (int i = 0; i < 160; i++)
            {
                await chart.Page.Mouse.WheelAsync(0, i < 80 ? -100 : 100);
            }

            await chart.Page.Keyboard.UpAsync("Control");
        });
        await chart.Page.GetByRole(AriaRole.Button, new() { Name = "1 y", Exact = true }).ClickAsync();
        await MeasureAsync(chart, figures, "pan by mouse over years", async () =>
        {
            for (int turn = 0; turn < 4; turn++)
            {
                await chart.Page.Mouse.MoveAsync(box.X + 100, box.Y + 80);
                await chart.Page.Mouse.DownAsync();
                await chart.Page.Mouse.MoveAsync(box.X + box.Width - 100, box.Y + 80, new() { Steps = 90 });
                await chart.Page.Mouse.UpAsync();
            }
        });
        await File.WriteAllTextAsync(Path.Combine(Artifacts.Folder, "figures.txt"), figures.ToString(), TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(figures.ToString());
    }

    /// <summary>
    /// Counts frames, the time between them, the time that the page's own script takes in each, and what held the page longer
    /// than 50 ms: the browser paints what the script drew only behind it, and that may take far longer.
    /// </summary>
    private const string Probe =
        """
        const ask = requestAnimationFrame;
        window.frames_ = []; window.drawing_ = []; window.long_ = [];
        window.requestAnimationFrame = run => ask(now => { const began = performance.now(); run(now); drawing_.push(performance.now() - began); });
        let last = 0;
        const tick = now => { if (last) frames_.push(now - last); last = now; ask(tick); };
        ask(tick);
        new PerformanceObserver(list => long_.push(...list.getEntries().map(task => task.duration))).observe({ type: "longtask" });
        """;

    private static async Task MeasureAsync(Tab tab, StringBuilder figures, string what, Func<Task> run)
    {
        await tab.Page.EvaluateAsync("() => { frames_.length = drawing_.length = long_.length = 0; }");
        await run();
        double[] frames = await tab.Page.EvaluateAsync<double[]>("frames_"), drawing = await tab.Page.EvaluateAsync<double[]>("drawing_"), tasks = await tab.Page.EvaluateAsync<double[]>("long_");
        Array.Sort(frames);
        Array.Sort(drawing);
        figures.AppendLine(CultureInfo.InvariantCulture,
            $"{what}: {frames.Length} frames, {1000 / frames.Average():f1} a second, between two p50 {frames[frames.Length / 2]:f1} ms, p95 {frames[frames.Length * 95 / 100]:f1} ms, worst {frames[^1]:f1} ms; drawing {drawing.Length} times, p50 {drawing[drawing.Length / 2]:f2} ms, p95 {drawing[drawing.Length * 95 / 100]:f2} ms; {tasks.Length} tasks of more than 50 ms, the longest {tasks.DefaultIfEmpty().Max():f0} ms");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

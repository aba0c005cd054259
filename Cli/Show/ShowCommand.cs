using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Pnl.Grains;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Show;

internal sealed class ShowSettings : DataSettings
{
    [CommandArgument(0, "<TOKEN>")]
    [Description("The token's id, such as btc.")]
    public string Token { get; init; } = "";

    public override ValidationResult Validate() => TokenId.IsValid(Token)
        ? base.Validate()
        : ValidationResult.Error($"'{Token}' is no token id: wanted {TokenId.Rule}.");
}

[Description("Shows the PnL of a token over all windows, whose rates it has, and its life as a chart.")]
internal sealed class ShowCommand(IAnsiConsole console) : DataCommand<ShowSettings>(console)
{
    private const int ChartHeight = 10;
    private const int MaxChartWidth = 160;

    protected override async Task<int> RunAsync(IPnlHttpClient pnl, ShowSettings settings, Screen screen, CancellationToken cancel)
    {
        TokenPnl now = await pnl.GetPnlAsync(settings.Token, cancel);
        if (!screen.IsForPeople)
        {
            screen.Show(WindowTables.Sheet(now.Windows));
            return ExitCode.Ok;
        }

        TokenCoverage token = await pnl.GetCoverageAsync(settings.Token, cancellation: cancel);
        if (now.AsOf is not { } asOf)
        {
            screen.Say($"[bold]{now.Token}[/] has no bars yet.");
            await WriteSetAsideAsync(pnl, settings.Token, screen, cancel);
            LifeTables.Write(screen, token);
            return ExitCode.Ok;
        }

        screen.Say($"[bold]{now.Token}[/] {Figures.Text(now.Rate)} {now.Quote}");
        foreach (string line in InWords(now, asOf, TimeProvider.System.GetUtcNow()))
        {
            screen.Say($"{line}");
        }

        await WriteSetAsideAsync(pnl, settings.Token, screen, cancel);
        screen.Show(WindowTables.Sheet(now.Windows));
        LifeTables.Write(screen, token);
        int width = Math.Min(screen.Console.Profile.Width, MaxChartWidth);
        WriteChart(screen.Console, await pnl.GetSeriesAsync(settings.Token, new() { MaxPoints = 2 * width }, cancel), width);
        return ExitCode.Ok;
    }

    private static async Task WriteSetAsideAsync(IPnlHttpClient pnl, string token, Screen screen, CancellationToken cancel)
    {
        if (await pnl.CountSetAsideAsync(token, cancel) is > 0 and var rows)
        {
            screen.Say($"{rows:N0} rows of sources were not taken as bars; GET /v1/tokens/{token}/setaside tells which and why.");
        }
    }

    /// <summary>When, which revision, and how far to trust it.</summary>
    internal static IEnumerable<string> InWords(TokenPnl pnl, DateTimeOffset asOf, DateTimeOffset now)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"As of {Utc.Text(asOf)} UTC, revision {pnl.Revision}.");
        yield return pnl.Stale
            ? $"Stale: the last bar closed {Age(now - asOf)} ago, nothing newer is known."
            : "Fresh: the last bar is as new as this token's are expected to be.";
        yield return pnl.Complete
            ? "Complete: no bar is missing that could still be fetched."
            : "Incomplete: some bars were not fetched yet, so the figures may change.";
    }

    private static string Age(TimeSpan age) => age.TotalDays >= 2
        ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:N0} days")
        : age.TotalHours >= 2
            ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:N0} hours")
            : string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:N0} minutes");

    private static void WriteChart(IAnsiConsole console, PnlSeries series, int width)
    {
        if (series.Time.Length == 0)
        {
            return;
        }

        (decimal low, decimal high) = (series.Rate.Min(), series.Rate.Max());
        (string top, string bottom) = (LifeChart.Label(high), LifeChart.Label(low));
        int margin = Math.Max(top.Length, bottom.Length) + 1;
        string[] lines = LifeChart.Draw(series.Time, series.Rate, width - margin, ChartHeight);
        for (int i = 0; i < lines.Length; i++)
        {
            string label = i == 0 ? top : i == lines.Length - 1 ? bottom : "";
            console.WriteLine(label.PadLeft(margin - 1) + " " + lines[i]);
        }

        (string from, string to) = (Utc.Text(DateTimeOffset.FromUnixTimeSeconds(series.Time[0])), Utc.Text(DateTimeOffset.FromUnixTimeSeconds(series.Time[^1])));
        string scale = LifeChart.IsLogarithmic(low, high) ? "logarithmic" : "";
        int gap = width - margin - from.Length - to.Length - scale.Length;
        string between = gap >= 2 ? new string(' ', gap / 2) + scale + new string(' ', gap - gap / 2) : " ";
        console.WriteLine(new string(' ', margin) + from + between + to);
    }
}

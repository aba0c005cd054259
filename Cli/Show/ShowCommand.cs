using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Show;

internal sealed class ShowSettings : ServerSettings
{
    [CommandArgument(0, "<TOKEN>")]
    [Description("The token's id, such as btc.")]
    public string Token { get; init; } = "";

    public override ValidationResult Validate() => TokenId.IsValid(Token)
        ? base.Validate()
        : ValidationResult.Error($"'{Token}' is no token id: wanted {TokenId.Rule}.");
}

[Description("Shows the PnL of a token over all windows, whose rates it has, and its life as a chart.")]
internal sealed class ShowCommand(IAnsiConsole console) : AsyncCommand<ShowSettings>
{
    private const int ChartHeight = 10;
    private const int MaxChartWidth = 160;

    public override async Task<int> ExecuteAsync(
        CommandContext context, ShowSettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        PnlAnswer pnl = await server.PnlAsync(settings.Token, cancellationToken);
        TokenAnswer? token = await server.FindTokenAsync(settings.Token, cancellationToken);
        if (pnl.AsOf is not { } asOf)
        {
            console.MarkupLineInterpolated($"[bold]{pnl.Token}[/] has no bars yet.");
            await WriteSetAsideAsync(server, settings.Token, cancellationToken);
            if (token is not null)
            {
                LifeTables.Write(console, token);
            }

            return ExitCode.Ok;
        }

        console.MarkupLineInterpolated($"[bold]{pnl.Token}[/] {Exact(pnl.Rate)} {pnl.Quote}");
        foreach (string line in InWords(pnl, asOf, TimeProvider.System.GetUtcNow()))
        {
            console.MarkupLineInterpolated($"{line}");
        }

        await WriteSetAsideAsync(server, settings.Token, cancellationToken);
        WindowTables.Write(console, pnl.Windows ?? []);
        if (token is not null)
        {
            LifeTables.Write(console, token);
        }

        int width = Math.Min(console.Profile.Width, MaxChartWidth);
        WriteChart(await server.SeriesAsync(settings.Token, 2 * width, cancellationToken), width);
        return ExitCode.Ok;
    }

    private async Task WriteSetAsideAsync(PnlServer server, string token, CancellationToken cancel)
    {
        if (await server.FindTokenAsync(token, cancel) is { SetAside: > 0 and var rows })
        {
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{rows:N0} rows of sources were not taken as bars; GET /v1/tokens/{token}/setaside tells which and why.");
        }
    }

    /// <summary>When, which revision, and how far to trust it.</summary>
    internal static IEnumerable<string> InWords(PnlAnswer pnl, DateTimeOffset asOf, DateTimeOffset now)
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

    private static string Exact(decimal? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "–";

    private void WriteChart(SeriesAnswer series, int width)
    {
        if (series.Time.Length == 0)
        {
            return;
        }

        (decimal low, decimal high) = (series.Rate.Min(), series.Rate.Max());
        (string top, string bottom) = (LifeChart.Label(high), LifeChart.Label(low));
        int margin = Math.Max(top.Length, bottom.Length) + 1;
        long[] times = [.. series.Time.Select(t => t.ToUnixTimeSeconds())];
        string[] lines = LifeChart.Draw(times, series.Rate, width - margin, ChartHeight);
        for (int i = 0; i < lines.Length; i++)
        {
            string label = i == 0 ? top : i == lines.Length - 1 ? bottom : "";
            console.WriteLine(label.PadLeft(margin - 1) + " " + lines[i]);
        }

        (string from, string to) = (Utc.Text(series.Time[0]), Utc.Text(series.Time[^1]));
        string scale = LifeChart.IsLogarithmic(low, high) ? "logarithmic" : "";
        int gap = width - margin - from.Length - to.Length - scale.Length;
        string between = gap >= 2 ? new string(' ', gap / 2) + scale + new string(' ', gap - gap / 2) : " ";
        console.WriteLine(new string(' ', margin) + from + between + to);
    }
}

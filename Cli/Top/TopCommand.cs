using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Top;

internal sealed class TopSettings : ServerSettings
{
    private const int MaxLimit = 1000;

    [CommandOption("--window <WINDOW>")]
    [Description("5m, 1h, 24h, 7d, 30d, 90d, 1y, ytd or inception.")]
    [DefaultValue("24h")]
    public string Window { get; init; } = "24h";

    [CommandOption("--by <FIGURE>")]
    [Description("return, pnl, volatility or maxDrawdown.")]
    [DefaultValue("return")]
    public string By { get; init; } = "return";

    [CommandOption("--asc")]
    [Description("The smallest first.")]
    public bool Ascending { get; init; }

    [CommandOption("--limit <TOKENS>")]
    [Description("How many places.")]
    [DefaultValue(20)]
    public int Limit { get; init; } = 20;

    [CommandOption("--all")]
    [Description("Also tokens whose rate is stale or whose window is partial.")]
    public bool All { get; init; }

    public override ValidationResult Validate() => Limit is < 1 or > MaxLimit
        ? ValidationResult.Error($"--limit {Limit}: wanted 1 to {MaxLimit}.")
        : base.Validate();
}

[Description("Ranks all tokens by a figure of a rolling window.")]
internal sealed class TopCommand(IAnsiConsole console) : AsyncCommand<TopSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, TopSettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        LeaderboardAnswer board = await server.LeaderboardAsync(settings.Window, settings.By, settings.Ascending, settings.Limit, settings.All, cancellationToken);
        console.Write(Places(board.Items));
        console.MarkupLineInterpolated(
            $"{board.Window} by {board.By}, {board.Tokens} of {board.Known} tokens, as of {Utc.Text(board.AsOf)}{(board.Complete ? "" : "; not complete: tokens are still being gathered")}");
        return ExitCode.Ok;
    }

    private static Table Places(LeaderboardItem[] items)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn(new TableColumn("rank").RightAligned()).AddColumns("token", "symbol", "quote");
        foreach (string column in (string[])["rate", "return", "pnl", "volatility", "max drawdown"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        table.AddColumn("");
        foreach (LeaderboardItem item in items)
        {
            Text[] row =
            [
                new(item.Rank.ToString(CultureInfo.InvariantCulture)), new(item.Token), new(item.Symbol ?? ""), new(item.Quote ?? ""),
                new(item.Rate?.ToString(CultureInfo.InvariantCulture) ?? ""), new(Percent(item.Return)), new(item.Pnl?.ToString() ?? ""),
                new(Percent(item.Volatility)), new(Percent(item.MaxDrawdown)), new((item.Stale ? "stale " : "") + (item.Partial ? "partial" : "")),
            ];
            table.AddRow(row);
        }

        return table;
    }

    private static string Percent(double? fraction) => fraction?.ToString("P2", CultureInfo.InvariantCulture) ?? "";
}

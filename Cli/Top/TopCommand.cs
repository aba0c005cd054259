using System.ComponentModel;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Pnl.Grains;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Top;

internal sealed class TopSettings : DataSettings
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

    /// <summary>The figure; only after <see cref="Validate"/>.</summary>
    public Measure Measure => Enum.Parse<Measure>(By, ignoreCase: true);

    public override ValidationResult Validate() => !Enum.GetNames<Measure>().Contains(By, StringComparer.OrdinalIgnoreCase)
        ? ValidationResult.Error($"--by {By}: wanted return, pnl, volatility or maxDrawdown.")
        : Limit is < 1 or > MaxLimit
        ? ValidationResult.Error($"--limit {Limit}: wanted 1 to {MaxLimit}.")
        : base.Validate();
}

[Description("Ranks all tokens by a figure of a rolling window.")]
internal sealed class TopCommand(IAnsiConsole console) : DataCommand<TopSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, TopSettings settings, Screen screen, CancellationToken cancel)
    {
        Leaderboard board = await pnl.GetLeaderboardAsync(new() { Window = settings.Window, By = settings.Measure, Ascending = settings.Ascending, Limit = settings.Limit, IncludeAll = settings.All }, cancel);
        screen.Show(Places(board.Items));
        screen.Say($"{board.Window} by {Figures.Text(board.By)}, {board.Tokens:N0} of {board.Known:N0} tokens, as of {Utc.Text(board.AsOf)}{(board.Complete ? "" : "; not complete: tokens are still being gathered")}");
        return ExitCode.Ok;
    }

    private static Sheet<LeaderboardItem> Places(LeaderboardItem[] items) => new(
        items, new("token", i => i.Token), new("rank", i => i.Rank), new("symbol", i => i.Symbol), new("quote", i => i.Quote), new("rate", i => i.Rate), new("return", i => Fraction.Of(i.Return)), new("PnL", i => i.Pnl),
        new("volatility", i => Fraction.Of(i.Volatility)), new("max drawdown", i => Fraction.Of(i.MaxDrawdown)), new("note", i => i.Stale ? i.Partial ? "stale, partial" : "stale" : i.Partial ? "partial" : ""));
}

using System.ComponentModel;
using Pnl.Cli.Output;
using Pnl.Client;
using Pnl.Client.Http;
using Pnl.Grains;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Portfolios;

internal sealed class ShowPortfolioSettings : PortfolioSettings
{
    [CommandOption("--at <TIME>")]
    [Description("Entries up to then and rates as of then, RFC 3339 or Unix seconds; by default now.")]
    public string? At { get; init; }

    [CommandOption("--cost-basis <METHOD>")]
    [Description("fifo, lifo, hifo or avco; by default the portfolio's own.")]
    public string? CostBasis { get; init; }

    [CommandOption("--follow")]
    [Description("Shows it again after each entry and each bar that changes it, until it is interrupted.")]
    public bool Follow { get; init; }

    public override ValidationResult Validate() => FirstError(
        Follow && (At ?? CostBasis) is not null ? ValidationResult.Error("--follow shows it as it is now, by its own cost basis: it goes without --at and --cost-basis.") : ValidationResult.Success(),
        Follow && Output != "table" ? ValidationResult.Error("--follow shows tables: programs read GET /v1/stream?portfolio=, or GET …/pnl again.") : ValidationResult.Success(),
        TimeCheck("--at", At), CostBasisCheck(CostBasis), base.Validate());
}

[Description("Shows profit and loss of a portfolio and of each position.")]
internal sealed class ShowPortfolioCommand(IAnsiConsole console) : DataCommand<ShowPortfolioSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, ShowPortfolioSettings settings, Screen screen, CancellationToken cancel)
    {
        if (!settings.Follow)
        {
            CostBasis? basis = settings.CostBasis is { } text && CostBases.TryParse(text, out CostBasis named) ? named : null;
            Write(screen, await pnl.GetPortfolioPnlAsync(settings.Portfolio, new(Utc.Read(settings.At), basis), cancel));
            return ExitCode.Ok;
        }

        await foreach (PnlUpdate<PortfolioReport> update in pnl.FollowPortfolioPnlAsync(settings.Portfolio, cancellation: cancel))
        {
            Write(screen, update.Pnl);
        }

        return ExitCode.Ok;
    }

    private static void Write(Screen screen, PortfolioReport pnl)
    {
        screen.Show(Positions(pnl));
        screen.Say(
            $"{pnl.Portfolio} in {pnl.BaseCurrency} by {pnl.CostBasis.Name()}, as of {Utc.Text(pnl.AsOf)}: total {pnl.TotalPnl} = realised {pnl.RealisedPnl} + unrealised {pnl.UnrealisedPnl} + income {pnl.Income} - fees {pnl.Fees}.");
        screen.Say(
            $"Value {pnl.MarketValue}, contributions {pnl.Contributions}, distributions {pnl.Distributions}; TWR {Percent(pnl.Twr)}, MWR {Percent(pnl.Mwr)} a year, ROI on contributions {Percent(pnl.Roi)}.");
        if (!pnl.Complete)
        {
            screen.Say($"[yellow]Not complete: there is no rate for {string.Join(", ", pnl.Missing)}; what depends on it is left out.[/]");
        }
    }

    private static Sheet<PositionReport> Positions(PortfolioReport pnl) => new(
        pnl.Positions, new("token", p => p.Token), new("quantity", p => p.Quantity), new("rate", p => p.Rate), new("value", p => p.MarketValue), new("total", p => p.TotalPnl), new("realised", p => p.RealisedPnl),
        new("unrealised", p => p.UnrealisedPnl), new("average cost", p => p.AverageCost), new("income", p => p.Income), new("fees", p => p.Fees), new("over", p => string.Join(" > ", p.ConversionPath)), new("note", p => p.Stale ? "stale" : ""));

    private static string Percent(double? fraction) => Figures.Text(Fraction.Of(fraction));
}

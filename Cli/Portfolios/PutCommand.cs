using System.ComponentModel;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Portfolios;

internal sealed class PutSettings : PortfolioSettings
{
    [CommandOption("--base <CURRENCY>")]
    [Description("The currency or token that everything is counted in.")]
    [DefaultValue("usd")]
    public string BaseCurrency { get; init; } = "usd";

    [CommandOption("--cost-basis <METHOD>")]
    [Description("fifo, lifo, hifo or avco.")]
    [DefaultValue("fifo")]
    public string CostBasis { get; init; } = "fifo";

    [CommandOption("--shorts")]
    [Description("More may be given away than is held.")]
    public bool Shorts { get; init; }

    [CommandOption("--cash")]
    [Description("What pays for a trade is a position too.")]
    public bool Cash { get; init; }
}

[Description("Sets a portfolio up, or puts its ledger on other terms.")]
internal sealed class PutCommand(IAnsiConsole console) : AsyncCommand<PutSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, PutSettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        PortfolioAnswer portfolio = await server.PutPortfolioAsync(
            settings.Portfolio, new(settings.BaseCurrency, settings.CostBasis, settings.Shorts, settings.Cash), cancellationToken);
        console.MarkupLineInterpolated(
            $"{portfolio.Id}: in {portfolio.BaseCurrency}, {portfolio.CostBasis}{(portfolio.AllowShorts ? ", with shorts" : "")}{(portfolio.TrackCash ? ", cash tracked" : "")}, {portfolio.Entries} entries.");
        return ExitCode.Ok;
    }
}

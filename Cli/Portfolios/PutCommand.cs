using System.ComponentModel;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Pnl.Grains;
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

    protected override bool HasRows => false;

    public override ValidationResult Validate() => FirstError(CostBasisCheck(CostBasis), base.Validate());
}

[Description("Sets a portfolio up, or puts its ledger on other terms.")]
internal sealed class PutCommand(IAnsiConsole console) : DataCommand<PutSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, PutSettings settings, Screen screen, CancellationToken cancel)
    {
        PortfolioInfo portfolio = (await pnl.PutPortfolioAsync(
            settings.Portfolio, new() { BaseCurrency = settings.BaseCurrency, CostBasis = CostBases.TryParse(settings.CostBasis, out CostBasis basis) ? basis : default, AllowShorts = settings.Shorts, TrackCash = settings.Cash }, cancel)).Portfolio;
        screen.Say(
            $"{portfolio.Id}: in {portfolio.BaseCurrency}, {portfolio.CostBasis.Name()}{(portfolio.AllowShorts ? ", with shorts" : "")}{(portfolio.TrackCash ? ", cash tracked" : "")}, {portfolio.Entries:N0} entries.");
        return ExitCode.Ok;
    }
}

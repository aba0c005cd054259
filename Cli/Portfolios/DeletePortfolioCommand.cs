using System.ComponentModel;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Portfolios;

internal sealed class DeletePortfolioSettings : PortfolioSettings
{
    [CommandOption("--yes")]
    [Description("Says that it is meant: a ledger that is deleted cannot be had back.")]
    public bool Yes { get; init; }

    protected override bool HasRows => false;

    public override ValidationResult Validate() =>
        Yes ? base.Validate() : ValidationResult.Error($"--yes is not given: it would delete {Portfolio} and its whole ledger. What export writes can be imported again.");
}

[Description("Deletes a portfolio with its ledger.")]
internal sealed class DeletePortfolioCommand(IAnsiConsole console) : DataCommand<DeletePortfolioSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, DeletePortfolioSettings settings, Screen screen, CancellationToken cancel)
    {
        await pnl.DeletePortfolioAsync(settings.Portfolio, cancel);
        screen.Say($"deleted: {settings.Portfolio}");
        return ExitCode.Ok;
    }
}

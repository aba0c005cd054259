using System.ComponentModel;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Portfolios;

internal sealed class DeletePortfolioSettings : PortfolioSettings
{
    [CommandOption("--yes")]
    [Description("Says that it is meant: a ledger that is deleted cannot be had back.")]
    public bool Yes { get; init; }

    public override ValidationResult Validate() =>
        Yes ? base.Validate() : ValidationResult.Error($"--yes is not given: it would delete {Portfolio} and its whole ledger. What export writes can be imported again.");
}

[Description("Deletes a portfolio with its ledger.")]
internal sealed class DeletePortfolioCommand(IAnsiConsole console) : AsyncCommand<DeletePortfolioSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, DeletePortfolioSettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        await server.DeletePortfolioAsync(settings.Portfolio, cancellationToken);
        console.MarkupLineInterpolated($"deleted: {settings.Portfolio}");
        return ExitCode.Ok;
    }
}

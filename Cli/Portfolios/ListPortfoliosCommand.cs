using System.ComponentModel;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Portfolios;

[Description("Lists portfolios in the order of their ids.")]
internal sealed class ListPortfoliosCommand(IAnsiConsole console) : AsyncCommand<ServerSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, ServerSettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("portfolio", "in", "cost basis", "shorts", "cash");
        await foreach (PortfolioTermsAnswer portfolio in server.PortfoliosAsync(cancellationToken))
        {
            Text[] row =
            [
                new(portfolio.Id), new(portfolio.BaseCurrency), new(portfolio.CostBasis), new(portfolio.AllowShorts ? "allowed" : "refused"), new(portfolio.TrackCash ? "tracked" : "not tracked"),
            ];
            table.AddRow(row);
        }

        console.Write(table);
        return ExitCode.Ok;
    }
}

using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Portfolios;

internal sealed class LotsSettings : PortfolioSettings
{
    [CommandOption("--token <TOKEN>")]
    [Description("Only lots of this token.")]
    public string? Token { get; init; }
}

[Description("Lists closed and open lots with dates, cost, proceeds and gain.")]
internal sealed class LotsCommand(IAnsiConsole console) : AsyncCommand<LotsSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, LotsSettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        await foreach (LotsAnswer page in server.LotsAsync(settings.Portfolio, settings.Token, cancellationToken))
        {
            Table table = new Table().Border(TableBorder.Rounded).AddColumns("token", "opened", "closed");
            foreach (string column in (string[])["quantity", $"cost {page.BaseCurrency}", "proceeds", "gain", "days"])
            {
                table.AddColumn(new TableColumn(column).RightAligned());
            }

            foreach (LotAnswer lot in page.Items)
            {
                Text[] row =
                [
                    new(lot.Token), new(Utc.Text(lot.Opened)), new(Utc.Text(lot.Closed)), new(Digits(lot.Quantity)), new(Digits(lot.Cost)), new(Digits(lot.Proceeds)), new(Digits(lot.Gain)),
                    new(lot.HoldingPeriodSeconds is { } seconds ? (seconds / 86_400.0).ToString("0.0", CultureInfo.InvariantCulture) : "–"),
                ];
                table.AddRow(row);
            }

            console.Write(table);
        }

        return ExitCode.Ok;
    }

    private static string Digits(Amount? number) => number?.ToString() ?? "–";
}

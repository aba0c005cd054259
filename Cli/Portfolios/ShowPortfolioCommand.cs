using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Server;
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

    public override ValidationResult Validate() =>
        Follow && (At ?? CostBasis) is not null ? ValidationResult.Error("--follow shows it as it is now, by its own cost basis: it goes without --at and --cost-basis.") : base.Validate();
}

[Description("Shows profit and loss of a portfolio and of each position.")]
internal sealed class ShowPortfolioCommand(IAnsiConsole console) : AsyncCommand<ShowPortfolioSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, ShowPortfolioSettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        if (!settings.Follow)
        {
            Write(await server.PortfolioPnlAsync(settings.Portfolio, settings.At, settings.CostBasis, cancellationToken));
            return ExitCode.Ok;
        }

        await foreach (PortfolioPnlAnswer pnl in server.FollowPortfolioAsync(settings.Portfolio, cancellationToken))
        {
            Write(pnl);
        }

        return ExitCode.Ok;
    }

    private void Write(PortfolioPnlAnswer pnl)
    {
        console.Write(Positions(pnl));
        console.MarkupLineInterpolated(
            $"{pnl.Portfolio} in {pnl.BaseCurrency} by {pnl.CostBasis}, as of {Utc.Text(pnl.AsOf)}: total {Money(pnl.TotalPnl)} = realised {Money(pnl.RealisedPnl)} + unrealised {Money(pnl.UnrealisedPnl)} + income {Money(pnl.Income)} - fees {Money(pnl.Fees)}.");
        console.MarkupLineInterpolated(
            $"Value {Money(pnl.MarketValue)}, contributions {Money(pnl.Contributions)}, distributions {Money(pnl.Distributions)}; TWR {Percent(pnl.Twr)}, MWR {Percent(pnl.Mwr)} a year, ROI on contributions {Percent(pnl.Roi)}.");
        if (!pnl.Complete)
        {
            console.MarkupLineInterpolated($"[yellow]Not complete: there is no rate for {string.Join(", ", pnl.Missing)}; what depends on it is left out.[/]");
        }
    }

    private static Table Positions(PortfolioPnlAnswer pnl)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("token");
        foreach (string column in (string[])["quantity", "average cost", "rate", "value", "realised", "unrealised", "income", "fees", "total"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        table.AddColumn("over");
        foreach (PositionAnswer p in pnl.Positions)
        {
            Text[] row =
            [
                new(p.Token), new(Digits(p.Quantity)), new(Money(p.AverageCost)), new(Digits(p.Rate) + (p.Stale ? " stale" : "")), new(Money(p.MarketValue)), new(Money(p.RealisedPnl)),
                new(Money(p.UnrealisedPnl)), new(Money(p.Income)), new(Money(p.Fees)), new(Money(p.TotalPnl)), new(string.Join(" > ", p.ConversionPath)),
            ];
            table.AddRow(row);
        }

        return table;
    }

    private static string Digits(Amount? number) => number?.ToString() ?? "–";

    // For the eye: what counts to the last digit is in the answer of the server.
    private static string Money(Amount? number) =>
        number is not { } money ? "–"
        : money.ToNearestDecimal() is var near && near is decimal.MaxValue or decimal.MinValue ? money.ToString()
        : near.ToString(Math.Abs(near) < 1m ? "0.########" : "#,0.00", CultureInfo.InvariantCulture);

    private static string Percent(double? fraction) => fraction?.ToString("P2", CultureInfo.InvariantCulture) ?? "–";
}

using System.ComponentModel;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Pnl.Grains;
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
internal sealed class LotsCommand(IAnsiConsole console) : DataCommand<LotsSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, LotsSettings settings, Screen screen, CancellationToken cancel)
    {
        List<LotReport> lots = [];
        LotsPage page;
        do
        {
            page = await pnl.GetLotsAsync(settings.Portfolio, new(settings.Token, lots.Count), cancel);
            lots.AddRange(page.Items);
        }
        while (page.HasMore);

        screen.Show(new Sheet<LotReport>(
            lots, new("token", l => l.Token), new("opened", l => l.Opened), new("closed", l => l.Closed), new("quantity", l => l.Quantity), new($"cost {page.BaseCurrency}", l => l.Cost), new("proceeds", l => l.Proceeds),
            new("gain", l => l.Gain), new("days", l => l.HoldingPeriodSeconds / 86_400)));
        return ExitCode.Ok;
    }
}

using System.ComponentModel;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Pnl.Grains;
using Spectre.Console;

namespace Pnl.Cli.Portfolios;

[Description("Lists portfolios in the order of their ids.")]
internal sealed class ListPortfoliosCommand(IAnsiConsole console) : DataCommand<DataSettings>(console)
{
    private const int PageLength = 1000;

    protected override async Task<int> RunAsync(IPnlHttpClient pnl, DataSettings settings, Screen screen, CancellationToken cancel)
    {
        List<PortfolioListing> all = [];
        int before;
        do
        {
            before = all.Count;
            all.AddRange(await pnl.ListPortfoliosAsync(all.Count == 0 ? null : all[^1].Id, PageLength, cancel));
        }
        while (all.Count - before == PageLength);

        screen.Show(new Sheet<PortfolioListing>(
            all, new("portfolio", p => p.Id), new("in", p => p.BaseCurrency), new("cost basis", p => p.CostBasis.Name()), new("shorts", p => p.AllowShorts ? "allowed" : "refused"), new("cash", p => p.TrackCash ? "tracked" : "not tracked")));
        return ExitCode.Ok;
    }
}

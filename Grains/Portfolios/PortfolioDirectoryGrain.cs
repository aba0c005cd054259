using Orleans.Concurrency;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Lists portfolios from the store.</summary>
[GrainType("portfolio-directory")]
[StatelessWorker]
internal sealed class PortfolioDirectoryGrain(IPortfolioStore store) : Grain, IPortfolioDirectoryGrain
{
    public async Task<PortfolioListing[]> List(string? after, int limit) =>
    [
        .. (await store.ListAsync(after, limit, CancellationToken.None)).Select(portfolio => new PortfolioListing(
            portfolio.Portfolio, portfolio.Terms.BaseCurrency, portfolio.Terms.CostBasis, portfolio.Terms.AllowShorts, portfolio.Terms.TrackCash)),
    ];
}

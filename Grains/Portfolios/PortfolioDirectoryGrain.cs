using Orleans.Concurrency;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Lists portfolios from the store.</summary>
[GrainType("portfolio-directory")]
[StatelessWorker]
internal sealed class PortfolioDirectoryGrain(IPortfolioStore store) : Grain, IPortfolioDirectoryGrain
{
    public Task<PortfolioListing[]> List(string? after, int limit) => ListOf(PortfolioOwner.Local, after, limit);

    public async Task<PortfolioListing[]> ListOf(string owner, string? after, int limit) =>
    [
        .. (await store.ListAsync(PortfolioOwner.Key(owner, after ?? ""), limit, CancellationToken.None))
            .TakeWhile(portfolio => PortfolioOwner.Owns(owner, portfolio.Portfolio)) // an owner's keys are next to each other
            .Select(portfolio => new PortfolioListing(
            PortfolioOwner.Id(portfolio.Portfolio), portfolio.Terms.BaseCurrency, portfolio.Terms.CostBasis, portfolio.Terms.AllowShorts, portfolio.Terms.TrackCash)),
    ];

    public Task<int> CountOf(string token) => Task.Run(async () => await store.CountOfAsync(token, CancellationToken.None)); // it reads for a while
}

namespace Pnl.Grains;

/// <summary>The list of all portfolios. Reads the store, never the portfolios' grains.</summary>
[Alias("Pnl.IPortfolioDirectoryGrain")]
public interface IPortfolioDirectoryGrain : IGrainWithIntegerKey
{
    /// <summary>Portfolios that belong to <see cref="PortfolioOwner.Local"/>, in the order of their ids.</summary>
    /// <param name="after">Only ids behind this one; null from the start.</param>
    /// <param name="limit">The most to return.</param>
    [Alias("List")]
    Task<PortfolioListing[]> List(string? after, int limit);

    /// <summary>An owner's portfolios in the order of their ids.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="after">Only ids behind this one; null from the start.</param>
    /// <param name="limit">The most to return.</param>
    [Alias("ListOf")]
    Task<PortfolioListing[]> ListOf(string owner, string? after, int limit);

    /// <summary>
    /// The number of portfolios, of all owners, that depend on a token: an entry is of it or names it as a currency, or all is counted
    /// in it. Reads every ledger that is stored.
    /// </summary>
    /// <param name="token">The token's id.</param>
    [Alias("CountOf")]
    Task<int> CountOf(string token);
}

/// <summary>A portfolio as it is listed.</summary>
/// <param name="Id">Its id.</param>
/// <param name="BaseCurrency">The currency or token that everything is counted in.</param>
/// <param name="CostBasis">Which lots a disposal consumes.</param>
/// <param name="AllowShorts">Whether more may be given away than is held.</param>
/// <param name="TrackCash">Whether what pays for a trade is a position too.</param>
[GenerateSerializer, Immutable, Alias("Pnl.PortfolioListing")]
public sealed record PortfolioListing(
    [property: Id(0)] string Id, [property: Id(1)] string BaseCurrency, [property: Id(2)] CostBasis CostBasis, [property: Id(3)] bool AllowShorts, [property: Id(4)] bool TrackCash);

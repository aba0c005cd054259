namespace Pnl;

/// <summary>The terms on which a portfolio's ledger is read.</summary>
/// <param name="BaseCurrency">The currency or token that everything is counted in.</param>
/// <param name="CostBasis">Which lots a disposal consumes.</param>
/// <param name="AllowShorts">Whether more may be given away than is held.</param>
/// <param name="TrackCash">
/// Whether what pays for a trade is a position too. If not, the consideration of a trade crosses the portfolio's boundary:
/// a purchase is a contribution, a sale a distribution.
/// </param>
public sealed record PortfolioTerms(string BaseCurrency, CostBasis CostBasis, bool AllowShorts, bool TrackCash);

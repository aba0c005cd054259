namespace Pnl.Grains;

/// <summary>How a portfolio stands, and what may change that.</summary>
/// <param name="Pnl">Profit and loss as of the last known bars.</param>
/// <param name="Ledger">Another number after each change of the ledger or the terms.</param>
/// <param name="Tokens">The tokens whose bars may change the answer, in the order of their ids; not all need be registered.</param>
[GenerateSerializer, Immutable, Alias("Pnl.PortfolioState")]
public sealed record PortfolioState([property: Id(0)] PortfolioReport Pnl, [property: Id(1)] long Ledger, [property: Id(2)] string[] Tokens);

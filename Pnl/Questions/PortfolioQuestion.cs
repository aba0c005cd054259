namespace Pnl;

/// <summary>
/// A question to a portfolio, as a value: which rates the answer looks at, and how it is computed from them. Fetching the rates is not pure
/// and lies between the two, with whoever asks.
/// </summary>
/// <param name="Rates">The rates. Those that are known already need not be fetched.</param>
/// <param name="Answer">Computes the answer from these rates.</param>
internal sealed record PortfolioQuestion<T>(IReadOnlyCollection<RateNeed> Rates, Func<CrossRates, T> Answer)
{
    /// <summary>More rates, many of each of some markets: the slots ascend, each once.</summary>
    public IReadOnlyList<(CurrencyPair Market, List<int> Slots)> Columns { get; init; } = [];

    /// <summary>A question whose answer is known.</summary>
    public static PortfolioQuestion<T> Of(T answer) => new([], _ => answer);
}

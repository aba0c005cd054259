namespace Pnl.Rates.Exchanges;

/// <summary>A request for the newest rates of some pairs.</summary>
/// <param name="Path">Its path and query.</param>
/// <param name="Cost">Its permits.</param>
/// <param name="Pairs">The pairs it is for.</param>
internal sealed record LatestRequest(string Path, int Cost, IReadOnlyList<SourcePair> Pairs)
{
    private Dictionary<string, SourcePair>? _bySymbol;

    /// <summary>The pair of a symbol; null if it was not asked for.</summary>
    public SourcePair? Find(string? symbol)
    {
        _bySymbol ??= Pairs.DistinctBy(p => p.Symbol).ToDictionary(p => p.Symbol, StringComparer.Ordinal);
        return symbol is not null ? _bySymbol.GetValueOrDefault(symbol) : null;
    }
}

namespace Pnl.Rates;

/// <summary>Which pair stands for a token that a source trades in several currencies.</summary>
public static class QuotePreference
{
    private static readonly string[] Quotes = ["usd", "usdt", "usdc", "busd", "eur", "btc", "eth"];

    /// <summary>Dollars first, then what is meant to be one, then what most pairs are quoted in; others by their names. Finer ones of the same before coarser.</summary>
    public static IComparer<SourcePair> Order { get; } = Comparer<SourcePair>.Create((one, other) =>
        (Rank(one), one.Quote, one.Symbol, one.Interval).CompareTo((Rank(other), other.Quote, other.Symbol, other.Interval)));

    /// <summary>The pair that stands for each token, by the tokens' ids.</summary>
    public static IEnumerable<SourcePair> OnePerToken(IEnumerable<SourcePair> pairs) =>
        pairs.GroupBy(pair => pair.Base).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => group.Min(Order)!);

    private static int Rank(SourcePair pair) => Array.IndexOf(Quotes, pair.Quote) is >= 0 and int rank ? rank : Quotes.Length;
}

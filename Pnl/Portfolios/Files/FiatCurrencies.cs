using System.Collections.Frozen;

namespace Pnl;

/// <summary>The currencies of states, by their ISO codes in lower case, and how much of a currency an asset is.</summary>
internal static class FiatCurrencies
{
    private static readonly FrozenSet<string> Codes = FrozenSet.ToFrozenSet(
        "aed ars aud bgn bhd brl cad chf clp cny cop czk dkk egp eur gbp gel ghs hkd hrk huf idr ils inr isk jod jpy kes krw kwd kzt lkr mad mxn myr ngn nok nzd omr pen php pkr pln qar ron rsd rub sar sek sgd thb try twd tzs uah ugx usd uyu vnd xaf xof zar zmw".Split(' '),
        StringComparer.Ordinal);

    // What a trade is paid in rather than about: the first of two before the other, and currencies of states before these.
    private static readonly string[] Money = ["usdt", "usdc", "usd1", "fdusd", "busd", "tusd", "pyusd", "rlusd", "usdg", "dai", "eurc", "btc", "eth", "bnb"];

    /// <summary>Whether it is a currency of a state.</summary>
    /// <param name="asset">An id, in lower case.</param>
    public static bool Contains(string asset) => Codes.Contains(asset);

    /// <summary>How much an asset is money: of two, the one with the lower rank is what a trade is paid in.</summary>
    /// <param name="asset">An id, in lower case.</param>
    public static int Rank(string asset) => asset switch
    {
        "usd" => 0,
        "eur" => 1,
        _ when Contains(asset) => 2,
        _ => Array.IndexOf(Money, asset) is >= 0 and int rank ? 3 + rank : 3 + Money.Length,
    };
}

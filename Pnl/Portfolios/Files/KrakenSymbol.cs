namespace Pnl;

/// <summary>Kraken's own names of assets: XXBT and XBT are bitcoin, ZEUR is the euro, DOT.S is staked DOT.</summary>
internal static class KrakenSymbol
{
    // What a trade is paid in rather than about, the first of two before the other.
    private static readonly string[] Money = ["USD", "EUR", "GBP", "CAD", "AUD", "CHF", "JPY", "USDT", "USDC", "DAI", "BTC", "ETH"];

    // As they stand at the end of a pair; the longer one first.
    private static readonly string[] Quotes = ["ZUSD", "ZEUR", "ZGBP", "ZCAD", "ZAUD", "ZJPY", "XXBT", "XETH", "USDT", "USDC", "USD", "EUR", "GBP", "CAD", "AUD", "CHF", "JPY", "DAI", "XBT", "BTC", "ETH"];

    public static string Plain(string asset)
    {
        int dot = asset.IndexOf('.', StringComparison.Ordinal);
        string name = dot > 0 ? asset[..dot] : asset;
        name = name.Length == 4 && name[0] is 'X' or 'Z' ? name[1..] : name;
        return name switch { "XBT" => "BTC", "XDG" => "DOGE", _ => name };
    }

    /// <summary>How much an asset is money: the lower of two is what a trade is paid in.</summary>
    public static int Rank(string plain) => Array.IndexOf(Money, plain) is >= 0 and int rank ? rank : Money.Length;

    /// <summary>The two sides of a pair such as XXBTZEUR, XBTEUR or BTC/EUR; null if its end is not known.</summary>
    public static (string Token, string Quote)? Pair(string pair)
    {
        if (pair.Split('/') is [string left, string right])
        {
            return (Plain(left), Plain(right));
        }

        return Array.Find(Quotes, quote => pair.Length > quote.Length && pair.EndsWith(quote, StringComparison.Ordinal)) is { } end
            ? (Plain(pair[..^end.Length]), Plain(end))
            : null;
    }
}

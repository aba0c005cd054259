using System.Collections.Frozen;

namespace Pnl;

/// <summary>Binance's export of trades until 2021: amounts without tokens, so that the pair has to be split by what Binance quotes pairs in.</summary>
internal sealed class BinanceOldTrades : ILedgerFormat
{
    private static readonly FrozenSet<string> Quotes =
        "USDT BTC ETH BNB BUSD USDC TUSD PAX USDS FDUSD USD1 DAI UST USDP VAI XRP TRX DOGE DOT EUR GBP AUD TRY BRL RUB UAH NGN ZAR PLN RON ARS JPY MXN CZK COP IDRT BIDR BKRW BVND GYEN AEUR USD"
            .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    public string Name => "binance-trades";

    public string[] Columns { get; } = ["Date(UTC)|Time", "Market", "Type", "Price", "Amount", "Total", "Fee", "Fee Coin"];

    public string[] Numbers { get; } = ["Price", "Amount", "Total", "Fee"];

    public bool HasIds => false;

    public bool HasShortYears => true;

    public IEnumerable<LedgerEntry> Read(LedgerRow[] rows)
    {
        LedgerRow row = rows[0];
        EntryKind kind = BinanceTrades.Side(row, "Type");
        (string token, string quote) = Split(row);
        decimal fee = row.Number("Fee");
        yield return BinanceTrades.Trade(new(
            "", row.Time("Date(UTC)", "Time"), kind, row.Token(token, "Market"), row.Number("Amount"), row.Number("Price"), row.Token(quote, "Market"),
            fee == 0m ? [] : [new(fee, row.Token(row["Fee Coin"], "Fee Coin"))], null));
    }

    /// <summary>The two sides of a market. Of several ways to read it, the one whose token the fee names, or that is known.</summary>
    private static (string Token, string Quote) Split(LedgerRow row)
    {
        string market = row["Market"];
        if (market.Split('/') is [{ Length: > 0 } left, { Length: > 0 } right])
        {
            return (left, right);
        }

        (string Token, string Quote)[] splits = [.. Enumerable.Range(1, Math.Max(0, market.Length - 1)).Select(at => (Token: market[..at], Quote: market[at..])).Where(split => Quotes.Contains(split.Quote))];
        string feeCoin = row["Fee Coin"];
        (string Token, string Quote)[] named = Array.FindAll(splits, split => feeCoin != "BNB" && (split.Token == feeCoin || split.Quote == feeCoin));
        (string Token, string Quote)[] known = Array.FindAll(splits, split => KrakenAssets.Contains(split.Token));
        return (splits.Length == 1 ? splits : named.Length == 1 ? named : known.Length == 1 ? known : splits) switch
        {
            [var only] => only,
            [] => throw row.Bad(EntryCodes.TokenInvalid, $"'{market}' is no market that ends in a quote of Binance's", "Market"),
            var several => throw row.Bad("row.ambiguous", $"'{market}' is {string.Join(" or ", several.Select(split => $"{split.Token}/{split.Quote}"))}: write it with a '/' between its two sides", "Market"),
        };
    }
}

namespace Pnl;

/// <summary>Binance's export of spot trades, in which amounts stand with their tokens: <c>0.5BTC</c>. It gives no ids.</summary>
internal sealed class BinanceTradesDialect : ILedgerDialect
{
    public string Name => "binance-trades";

    public string[] Columns { get; } = ["Date(UTC)", "Pair", "Side", "Price", "Executed", "Amount", "Fee"];

    public bool HasIds => false;

    public IEnumerable<LedgerEntry> Read(LedgerRow[] rows)
    {
        LedgerRow row = rows[0];
        EntryKind kind = row["Side"] switch
        {
            "BUY" => EntryKind.Buy,
            "SELL" => EntryKind.Sell,
            _ => throw row.Bad("row.unsupported", $"'{row["Side"]}' is neither BUY nor SELL", "Side"),
        };
        string pair = row["Pair"].Replace("/", "", StringComparison.Ordinal), quote = row.Quantity(null, "Amount").Token;
        if (quote.Length == 0 || pair.Length <= quote.Length || !pair.EndsWith(quote, StringComparison.Ordinal))
        {
            throw row.Bad("row.malformed", $"'{row["Amount"]}' does not name what {pair} is paid in, as 21000USDT does", "Amount");
        }

        string token = pair[..^quote.Length];
        (decimal executed, string named) = row.Quantity(token, "Executed");
        if (named != token)
        {
            throw row.Bad("row.malformed", $"'{row["Executed"]}' does not name the token of {pair}, as 0.5{token} does", "Executed");
        }

        (decimal fee, string feeToken) = row.Quantity(token, "Fee");
        feeToken = feeToken.Length == 0 ? row["Fee Coin"] : feeToken;
        yield return new(
            $"binance-{row.Hash()}", row.Time("Date(UTC)"), kind, row.Token(token, "Pair"), executed, row.Number("Price"), row.Token(quote, "Amount"),
            fee == 0m ? [] : [new(fee, row.Token(feeToken, "Fee"))], null);
    }
}

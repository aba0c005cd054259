namespace Pnl;

/// <summary>
/// Binance's export of spot trades, in which amounts stand with their tokens: <c>0.5BTC</c>. It gives no ids. Times are in UTC, or in the zone
/// that the column's name says; years may have two digits.
/// </summary>
internal sealed class BinanceTrades : ILedgerFormat
{
    public string Name => "binance-trades";

    public string[] Columns { get; } = ["Date(UTC)|Time", "Pair", "Side", "Price", "Executed", "Amount", "Fee"];

    public string[] Numbers { get; } = ["Price", "Executed", "Amount", "Fee"];

    public bool HasIds => false;

    public bool HasShortYears => true;

    public string? FormerId(LedgerRow[] rows) => $"binance-{rows[0].Hash()}";

    public IEnumerable<LedgerEntry> Read(LedgerRow[] rows)
    {
        LedgerRow row = rows[0];
        EntryKind kind = Side(row, "Side");
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
        yield return Trade(new(
            "", row.Time("Date(UTC)", "Time"), kind, row.Token(token, "Pair"), executed, row.Number("Price"), row.Token(quote, "Amount"),
            fee == 0m ? [] : [new(fee, row.Token(feeToken, "Fee"))], null));
    }

    internal static EntryKind Side(LedgerRow row, string column) => row[column].ToUpperInvariant() switch
    {
        "BUY" => EntryKind.Buy,
        "SELL" => EntryKind.Sell,
        _ => throw row.Bad("row.unsupported", $"'{row[column]}' is neither BUY nor SELL, which Binance's export of trades has", column),
    };

    /// <summary>The trade with an id of what it says.</summary>
    internal static LedgerEntry Trade(LedgerEntry trade) => trade with { Id = $"binance-{LedgerRow.HashOf(LedgerImport.ContentOf(trade))}" };
}

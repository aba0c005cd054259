namespace Pnl;

/// <summary>
/// Kraken's export of trades: the fee is in the pair's quote. Deposits, withdrawals and rewards are in the export of ledgers, which has these
/// trades too, under the same ids.
/// </summary>
internal sealed class KrakenTrades : ILedgerFormat
{
    public string Name => "kraken-trades";

    public string[] Columns { get; } = ["txid", "pair", "time", "type", "price", "cost", "fee", "vol"];

    public string[] Numbers { get; } = ["price", "cost", "fee", "vol"];

    public IEnumerable<LedgerEntry> Read(LedgerRow[] rows)
    {
        LedgerRow row = rows[0];
        if (row["type"] is not ("buy" or "sell"))
        {
            throw row.Bad("row.unsupported", $"'{row["type"]}' is neither buy nor sell, which Kraken's export of trades has", "type");
        }

        if (row.Number("margin") != 0m)
        {
            throw row.Bad("row.unsupported", "a trade on margin moves no tokens: Kraken's export of ledgers has what it gained and cost", "margin");
        }

        (string token, string quote) = KrakenSymbol.Pair(row["pair"]) switch
        {
            [var only] => only,
            [] => throw row.Bad(EntryCodes.TokenInvalid, $"'{row["pair"]}' is no pair that ends in a quote of Kraken's", "pair"),
            var several => throw row.Bad(
                "row.ambiguous", $"'{row["pair"]}' is {string.Join(" or ", several.Select(split => $"{split.Token}/{split.Quote}"))}: write it with a '/' between its two sides", "pair"),
        };

        string currency = row.Token(quote, "pair");
        decimal fee = row.Number("fee");
        yield return new(
            $"kraken-{row["txid"]}", row.Time("time"), row["type"] == "buy" ? EntryKind.Buy : EntryKind.Sell, row.Token(token, "pair"), row.Number("vol"),
            row.Number("price"), currency, fee == 0m ? [] : [new(fee, currency)], null);
    }
}

namespace Pnl;

/// <summary>Kraken's export of trades: the fee is in the pair's quote. Deposits, withdrawals and rewards are in the other export.</summary>
internal sealed class KrakenTradesDialect : ILedgerDialect
{
    public string Name => "kraken-trades";

    public string[] Columns { get; } = ["txid", "ordertxid", "pair", "time", "type", "price", "cost", "fee", "vol"];

    public IEnumerable<LedgerEntry> Read(LedgerRow[] rows)
    {
        LedgerRow row = rows[0];
        if (row["type"] is not ("buy" or "sell"))
        {
            throw row.Bad("row.unsupported", $"'{row["type"]}' is neither buy nor sell", "type");
        }

        if (row.Number("margin") != 0m)
        {
            throw row.Bad("row.unsupported", "a trade on margin moves no tokens", "margin");
        }

        if (KrakenSymbol.Pair(row["pair"]) is not var (token, quote))
        {
            throw row.Bad(EntryCodes.TokenInvalid, $"'{row["pair"]}' is no pair whose quote is known", "pair");
        }

        string currency = row.Token(quote, "pair");
        decimal fee = row.Number("fee");
        yield return new(
            $"kraken-{row["txid"]}", row.Time("time"), row["type"] == "buy" ? EntryKind.Buy : EntryKind.Sell, row.Token(token, "pair"), row.Number("vol"),
            row.Number("price"), currency, fee == 0m ? [] : [new(fee, currency)], null);
    }
}

using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// Kraken's export of ledgers: a row for each asset that moves, those of one trade with one refid. The fee of a row is in its
/// asset, and goes off besides the amount.
/// </summary>
internal sealed class KrakenLedgersDialect : ILedgerDialect
{
    public string Name => "kraken-ledgers";

    public string[] Columns { get; } = ["txid", "refid", "time", "type", "asset", "amount", "fee"];

    public IEnumerable<LedgerRow[]> Group(IReadOnlyList<LedgerRow> rows) => rows.GroupBy(row => row["refid"]).Select(group => group.ToArray());

    public IEnumerable<LedgerEntry> Read(LedgerRow[] rows)
    {
        // A movement that is under way stands there a first time without a txid.
        if (Array.Find(rows, row => row["txid"].Length == 0) is { } pending)
        {
            if (rows.Length == 1)
            {
                throw pending.Bad("row.unsupported", "it was under way: the row that counts has a txid", "txid");
            }

            rows = [.. rows.Where(row => row["txid"].Length > 0)];
        }

        return rows switch
        {
            [{ } single] => [Single(single)],
            [{ } one, { } other] when Math.Sign(one.Number("amount")) * Math.Sign(other.Number("amount")) < 0 => [Trade(one, other)],
            _ => throw rows[0].Bad("row.unpaired", $"{rows.Length} rows with refid {rows[0]["refid"]}: a trade gives one asset for another", "refid"),
        };
    }

    private static LedgerEntry Single(LedgerRow row)
    {
        decimal amount = row.Number("amount");
        EntryKind kind = (row["type"], row["subtype"]) switch
        {
            ("deposit", _) when amount > 0m => EntryKind.Deposit,
            ("withdrawal", _) when amount < 0m => EntryKind.Withdrawal,
            ("staking" or "dividend" or "reward", _) or ("earn", "reward" or "") when amount > 0m => EntryKind.Income,
            ("transfer" or "earn", _) => throw row.Bad("row.internal", "moves between accounts of one owner change nothing", "type"),
            ("trade" or "spend" or "receive", _) => throw row.Bad("row.unpaired", "the other side of this trade is not in the file", "refid"),
            _ => throw row.Bad("row.unsupported", $"'{row["type"]}' of {amount} is nothing that a ledger has an entry for", "type"),
        };
        return new($"kraken-{row["refid"]}", row.Time("time"), kind, Asset(row), Math.Abs(amount), null, null, Fees(row), null);
    }

    private static LedgerEntry Trade(LedgerRow one, LedgerRow other)
    {
        if (KrakenSymbol.Plain(one["asset"]) == KrakenSymbol.Plain(other["asset"]))
        {
            throw one.Bad("row.internal", "moves between accounts of one owner change nothing", "asset");
        }

        (LedgerRow token, LedgerRow money) = KrakenSymbol.Rank(KrakenSymbol.Plain(one["asset"])) > KrakenSymbol.Rank(KrakenSymbol.Plain(other["asset"])) ? (one, other) : (other, one);
        decimal quantity = token.Number("amount");
        return new(
            $"kraken-{token["refid"]}", token.Time("time"), quantity > 0m ? EntryKind.Buy : EntryKind.Sell, Asset(token), Math.Abs(quantity),
            ((Amount)Math.Abs(money.Number("amount"))).DividedBy(Math.Abs(quantity)).ToDecimal(), Asset(money), [.. Fees(token), .. Fees(money)], null);
    }

    private static string Asset(LedgerRow row) => row.Token(KrakenSymbol.Plain(row["asset"]), "asset");

    private static ImmutableArray<TradeFee> Fees(LedgerRow row) => row.Number("fee") is not 0m and decimal fee ? [new(fee, Asset(row))] : [];
}

using System.Globalization;

namespace Pnl;

/// <summary>
/// Binance's histories of deposits and of withdrawals. Both have the same columns in some years: a fee on any row, or the file's name, tells
/// which it is.
/// </summary>
internal sealed class BinanceTransfers : ILedgerFormat
{
    private EntryKind _kind;

    public string Name => _kind == EntryKind.Withdrawal ? "binance-withdrawals" : "binance-deposits";

    public string[] Columns { get; } = ["Date(UTC)|Time", "Coin", "Amount", "Address", "TXID", "Status"];

    public string[] Numbers { get; } = ["Amount", "TransactionFee", "Fee"];

    public bool HasIds => false;

    public bool HasShortYears => true;

    public IEnumerable<LedgerRow[]> Group(IReadOnlyList<LedgerRow> rows)
    {
        _kind = KindOf(rows);
        return rows.Select(row => new[] { row });
    }

    public IEnumerable<LedgerEntry> Read(LedgerRow[] rows)
    {
        LedgerRow row = rows[0];
        if (row["Status"] is not ("Completed" or "Success" or "Successful" or "completed" or "success" or "Credited"))
        {
            throw row.Bad("row.unsupported", $"its status is '{row["Status"]}': only what was completed moves anything", "Status");
        }

        DateTimeOffset time = row.Time("Date(UTC)", "Time");
        decimal amount = Math.Abs(row.Number("Amount")), fee = Math.Abs(Fee(row));
        string token = row.Token(row["Coin"], "Coin");
        string meaning = string.Create(CultureInfo.InvariantCulture, $"{time.UtcTicks} {_kind} {token} {amount:0.############################} {row["TXID"]}");
        yield return new($"binance-transfer-{LedgerRow.HashOf(meaning)}", time, _kind, token, amount, null, null, fee == 0m ? [] : [new(fee, token)], null);
    }

    private static decimal Fee(LedgerRow row) => row.Number("TransactionFee", "Transaction Fee", "Fee");

    private static EntryKind KindOf(IReadOnlyList<LedgerRow> rows)
    {
        if (rows.Count == 0 || rows.Any(row => row["TransactionFee", "Transaction Fee", "Fee"].AsSpan().IndexOfAnyInRange('1', '9') >= 0))
        {
            return EntryKind.Withdrawal;
        }

        string source = Path.GetFileName(rows[0].Table.Source);
        bool deposits = source.Contains("deposit", StringComparison.OrdinalIgnoreCase) || !rows[0].Has("TransactionFee", "Transaction Fee", "Fee");
        return source.Contains("withdraw", StringComparison.OrdinalIgnoreCase) == deposits
            ? throw new LedgerFileException(
                $"{rows[0].Table.Source} is Binance's history of deposits or that of withdrawals: both have these columns, and no row has a fee, which withdrawals have. "
                + "Import it by the tool under a name with deposit or withdraw in it, or import Binance's statement (transaction history), which has both.")
            : deposits ? EntryKind.Deposit : EntryKind.Withdrawal;
    }
}

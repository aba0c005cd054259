using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// Our own columns, which are the fields of an entry; fees as <c>0.001 btc; 1 usd</c>. Only id, time, kind, token and
/// quantity are needed.
/// </summary>
internal sealed class PlainLedger : ILedgerFormat
{
    public string Name => "pnl";

    public string[] Columns { get; } = ["id", "time", "kind", "token", "quantity"];

    public string[] Numbers { get; } = ["quantity", "price", "fees"];

    public IEnumerable<LedgerEntry> Read(LedgerRow[] rows)
    {
        LedgerRow row = rows[0];
        if (!EntryKinds.TryParse(row["kind"], out EntryKind kind))
        {
            throw row.Bad(EntryCodes.KindUnknown, $"'{row["kind"]}' is none of {EntryKinds.AllNames}", "kind");
        }

        string currency = row.Own("currency").Trim(), note = row.Own("note");
        yield return new(
            row.Own("id").Trim(), row.Time("time"), kind, row.Own("token").Trim(), row.Number("quantity"),
            row["price"].Length == 0 ? null : row.Number("price"), currency.Length == 0 ? null : currency, Fees(row), note.Length == 0 ? null : note);
    }

    private static ImmutableArray<TradeFee> Fees(LedgerRow row)
    {
        ImmutableArray<TradeFee>.Builder fees = ImmutableArray.CreateBuilder<TradeFee>();
        foreach (string fee in row.Own("fees").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (fee.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [string amount, string currency])
            {
                throw row.Bad("row.malformed", $"'{fee}' is no fee such as 0.001 btc; several are parted by ';'", "fees");
            }

            fees.Add(new(row.NumberOf(amount, "fees"), currency));
        }

        return fees.ToImmutable();
    }
}

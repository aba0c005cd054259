using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// One entry of a portfolio's ledger, as a client gives it. Two entries are equal if they say the same: trailing zeros do
/// not count, the order of fees does.
/// </summary>
/// <param name="Id">The client's id for it: 1 to 128 printable ASCII characters, unique within the ledger.</param>
/// <param name="Time">When it happened, UTC.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Token">The token it is about; a currency where cash is tracked or paid as a fee.</param>
/// <param name="Quantity">Units of the token, above zero; of a redenomination, the new units for one old one.</param>
/// <param name="Price">
/// Of a trade, the price of a unit. Of a deposit, its cost basis a unit. Of income, a fee or a withdrawal, the value of a
/// unit where the client knows better than the market's rate. Of a redenomination, none.
/// </param>
/// <param name="Currency">What the price is in; absent if and only if there is no price.</param>
/// <param name="Fees">What was paid for it besides.</param>
/// <param name="Note">Anything the client wants to find again.</param>
public sealed record LedgerEntry(
    string Id,
    DateTimeOffset Time,
    EntryKind Kind,
    string Token,
    decimal Quantity,
    decimal? Price,
    string? Currency,
    ImmutableArray<TradeFee> Fees,
    string? Note)
{
    /// <summary>The order in which entries count: by time, then by kind, then by id.</summary>
    internal static int Compare(LedgerEntry a, LedgerEntry b)
    {
        int order = a.Time.CompareTo(b.Time);
        order = order != 0 ? order : a.Kind.CompareTo(b.Kind);
        return order != 0 ? order : string.CompareOrdinal(a.Id, b.Id);
    }

    /// <summary>The last bar that was closed, and so known, at its time.</summary>
    internal int Slot => BarTime.LastClosedSlot(Time);

    /// <inheritdoc/>
    public bool Equals(LedgerEntry? other) =>
        other is not null && Id == other.Id && Time == other.Time && Kind == other.Kind && Token == other.Token && Quantity == other.Quantity
        && Price == other.Price && Currency == other.Currency && Note == other.Note && Fees.AsSpan().SequenceEqual(other.Fees.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Time, Kind, Token, Quantity);
}

/// <summary>A fee of an entry.</summary>
/// <param name="Amount">How much, not zero; below zero is a rebate.</param>
/// <param name="Currency">In which token or currency.</param>
public readonly record struct TradeFee(decimal Amount, string Currency);

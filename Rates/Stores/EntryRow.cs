namespace Pnl.Rates;

/// <summary>An entry as it is stored: decimals with all their digits, times to the tick.</summary>
internal sealed record EntryRow(
    string Id, DateTimeOffset Time, EntryKind Kind, string Token, decimal Quantity, decimal? Price, string? Currency, TradeFee[]? Fees, string? Note)
{
    public static EntryRow Of(LedgerEntry entry) => new(
        entry.Id, entry.Time, entry.Kind, entry.Token, entry.Quantity, entry.Price, entry.Currency, entry.Fees.IsDefaultOrEmpty ? null : [.. entry.Fees], entry.Note);

    public LedgerEntry Entry() => new(Id, Time, Kind, Token, Quantity, Price, Currency, [.. Fees ?? []], Note);
}

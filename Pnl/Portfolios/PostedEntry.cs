using System.Collections.Immutable;

namespace Pnl;

/// <summary>An entry together with the conversions of its time, so that a ledger can be replayed without asking for rates again.</summary>
/// <param name="Entry">What the client gave.</param>
/// <param name="Conversions">Into the base currency, of each of <see cref="Currencies"/>, in that order.</param>
internal sealed record PostedEntry(LedgerEntry Entry, ImmutableArray<CrossRate> Conversions)
{
    public static Comparer<PostedEntry> Order { get; } = Comparer<PostedEntry>.Create((a, b) =>
        a.Entry.Time.CompareTo(b.Entry.Time) is not 0 and var time ? time : a.Rank.CompareTo(b.Rank) is not 0 and var rank ? rank : LedgerEntry.Compare(a.Entry, b.Entry));

    /// <summary>Its place among those of its time, from 1, where they do not count in their usual order; else 0.</summary>
    public int Rank { get; init; }

    public static PostedEntry Of(LedgerEntry entry, string baseCurrency, CrossRates rates) =>
        new(entry, [.. Currencies(entry).Select(currency => rates.Of(currency, baseCurrency, entry.Slot))]);

    /// <summary>What must be converted: the price's currency, or the token without a price; and what other fees are in.</summary>
    public static IEnumerable<string> Currencies(LedgerEntry entry)
    {
        if (entry.Kind == EntryKind.Redenomination)
        {
            yield break;
        }

        yield return entry.Currency ?? entry.Token;
        if (!entry.Fees.IsDefaultOrEmpty)
        {
            foreach (TradeFee fee in entry.Fees)
            {
                if (fee.Currency != entry.Token)
                {
                    yield return fee.Currency;
                }
            }
        }
    }

    public CrossRate Conversion(string currency)
    {
        foreach (CrossRate conversion in Conversions)
        {
            if (conversion.From == currency)
            {
                return conversion;
            }
        }

        throw new InvalidOperationException($"entry {Entry.Id} has no conversion of {currency}");
    }
}

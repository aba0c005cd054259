namespace Pnl;

/// <summary>What crosses the boundary of a portfolio with one entry.</summary>
/// <param name="Net">What comes in, less what goes out; fees from outside come in and are gone. Null if a rate is missing.</param>
internal readonly record struct ExternalFlow(Amount? Net)
{
    /// <summary>The flow of an entry, known by the positions before and after it.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="before">The positions before it.</param>
    /// <param name="after">The positions after it.</param>
    /// <param name="rates">For a deposit with a cost basis: it comes in at market value, whatever it once cost.</param>
    public static ExternalFlow Of(LedgerEntry entry, PositionBook before, PositionBook after, CrossRates rates)
    {
        Position? was = before.Position(entry.Token), now = after.Position(entry.Token);
        if (now is null || !now.Missing.IsEmpty)
        {
            return new((Amount?)null);
        }

        Amount contributed = now.Contributions - (was?.Contributions ?? default);
        Amount? brought = IsAtMarket(entry) ? entry.Quantity * rates.Of(entry.Token, after.Terms.BaseCurrency, entry.Slot).Factor : contributed;
        return new(brought + now.FeesFromOutside - (was?.FeesFromOutside ?? default) - now.Distributions + (was?.Distributions ?? default));
    }

    public static bool IsAtMarket(LedgerEntry entry) => entry is { Kind: EntryKind.Deposit, Price: not null };
}

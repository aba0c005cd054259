namespace Pnl;

/// <summary>What crosses the boundary of a portfolio with one entry.</summary>
/// <param name="Known">What comes in, less what goes out, as far as the ledger tells; fees from outside come in and are gone. Null if a conversion is missing.</param>
/// <param name="AtMarket">What comes in besides, at the market's rate: units of the entry's token.</param>
internal readonly record struct ExternalFlow(Amount? Known, Amount AtMarket)
{
    /// <summary>The flow of an entry, known by the positions before and after it.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="before">The positions before it.</param>
    /// <param name="after">The positions after it.</param>
    public static ExternalFlow Of(LedgerEntry entry, PositionBook before, PositionBook after)
    {
        Position? was = before.Position(entry.Token), now = after.Position(entry.Token);
        if (now is null || !now.Missing.IsEmpty)
        {
            return default;
        }

        // A deposit with a cost basis comes in at market value, whatever it once cost.
        bool isAtMarket = entry is { Kind: EntryKind.Deposit, Price: not null };
        Amount contributed = isAtMarket ? default : now.Contributions - (was?.Contributions ?? default);
        return new(
            contributed + now.FeesFromOutside - (was?.FeesFromOutside ?? default) - now.Distributions + (was?.Distributions ?? default),
            isAtMarket ? entry.Quantity : default);
    }

    /// <summary>What comes in, less what goes out; null if a rate is missing.</summary>
    /// <param name="token">The entry's token.</param>
    /// <param name="baseCurrency">The currency of the portfolio.</param>
    /// <param name="slot">The entry's slot.</param>
    /// <param name="rates">Asked for the token's rate if something comes in at the market's.</param>
    public Amount? Net(string token, string baseCurrency, int slot, CrossRates rates) =>
        Known is null || AtMarket.IsZero ? Known : Known + AtMarket * rates.Of(token, baseCurrency, slot).Factor;
}

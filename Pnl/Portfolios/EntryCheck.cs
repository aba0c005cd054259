namespace Pnl;

/// <summary>Decides whether an entry says something that can be computed with; each entry by itself, without the ledger.</summary>
public static class EntryCheck
{
    /// <summary>The longest id, in characters.</summary>
    public const int MaxIdLength = 128;

    /// <summary>The longest note, in characters.</summary>
    public const int MaxNoteLength = 1024;

    /// <summary>The most fees an entry may have.</summary>
    public const int MaxFees = 16;

    /// <summary>Quantities, prices, fees and considerations stay below this.</summary>
    public const decimal Limit = 1e24m;

    /// <summary>Checks an entry that somebody sent.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="now">The present: an entry may not lie behind it.</param>
    /// <returns>Null for a good entry, or the first thing that is wrong with it.</returns>
    public static EntryDefect? Check(LedgerEntry entry, DateTimeOffset now) => Id(entry) ?? Name(entry) ?? Contents(entry, now);

    /// <summary>
    /// Checks an entry of which the ledger has the id: <c>..</c> was taken once, and what is stored under such a name can be
    /// corrected, and sent again.
    /// </summary>
    /// <param name="entry">The entry.</param>
    /// <param name="now">The present: an entry may not lie behind it.</param>
    /// <returns>Null for a good entry, or the first thing that is wrong with it.</returns>
    public static EntryDefect? CheckStored(LedgerEntry entry, DateTimeOffset now) => Id(entry) ?? Contents(entry, now);

    private static EntryDefect? Contents(LedgerEntry entry, DateTimeOffset now) =>
        Time(entry, now) ?? Subject(entry) ?? Price(entry) ?? Fees(entry)
        ?? (entry.Note?.Length > MaxNoteLength ? new(entry.Id, EntryCodes.NoteTooLong, "note", $"at most {MaxNoteLength} characters") : null);

    private static EntryDefect? Id(LedgerEntry entry) =>
        entry.Id is null or { Length: 0 or > MaxIdLength } || entry.Id.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? new(entry.Id ?? "", EntryCodes.IdInvalid, "id", $"1 to {MaxIdLength} printable ASCII characters without spaces")
            : null;

    private static EntryDefect? Name(LedgerEntry entry) =>
        AddressName.IsKept(entry.Id) ? null : new(entry.Id, EntryCodes.IdInvalid, "id", $"1 to {MaxIdLength} printable ASCII characters without spaces; {AddressName.Rule}");

    private static EntryDefect? Time(LedgerEntry entry, DateTimeOffset now) =>
        entry.Time < DateTimeOffset.UnixEpoch || entry.Time > now
            ? new(entry.Id, EntryCodes.TimeOutOfRange, "time", $"from 1970 to the present, {now.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}")
            : null;

    private static EntryDefect? Subject(LedgerEntry entry)
    {
        if (!Enum.IsDefined(entry.Kind))
        {
            return new(entry.Id, EntryCodes.KindUnknown, "kind", $"one of {EntryKinds.AllNames}");
        }

        if (!TokenId.IsValid(entry.Token))
        {
            return new(entry.Id, EntryCodes.TokenInvalid, "token", TokenId.Rule);
        }

        return entry.Quantity <= 0m
            ? new(entry.Id, EntryCodes.QuantityNotPositive, "quantity", "above 0; the kind says which way it goes")
            : Number(entry.Id, "quantity", entry.Quantity);
    }

    private static EntryDefect? Price(LedgerEntry entry)
    {
        if (entry.Kind == EntryKind.Redenomination)
        {
            return entry.Price is not null || entry.Currency is not null
                ? new(entry.Id, EntryCodes.NotApplicable, entry.Price is null ? "currency" : "price", "none: a redenomination leaves the cost as it is")
                : null;
        }

        if (entry.Price is not { } price)
        {
            return entry.Kind.IsTrade() ? new(entry.Id, EntryCodes.PriceMissing, "price", "the price of one unit")
                : entry.Currency is not null ? new(entry.Id, EntryCodes.PriceMissing, "price", "a price, since there is a currency")
                : null;
        }

        if (price < 0m)
        {
            return new(entry.Id, EntryCodes.PriceNegative, "price", "0 or more");
        }

        if (entry.Currency is null || !TokenId.IsValid(entry.Currency))
        {
            return new(entry.Id, EntryCodes.CurrencyInvalid, "currency", $"what the price is in: {TokenId.Rule}");
        }

        if (entry.Currency == entry.Token)
        {
            return new(entry.Id, EntryCodes.CurrencyIsToken, "currency", "another than the token");
        }

        return Number(entry.Id, "price", price)
            ?? ((Amount)entry.Quantity * price >= Limit ? new(entry.Id, EntryCodes.TooLarge, "price", "quantity times price below 1e24") : null);
    }

    private static EntryDefect? Fees(LedgerEntry entry)
    {
        if (entry.Fees.IsDefaultOrEmpty)
        {
            return null;
        }

        if (entry.Kind == EntryKind.Redenomination)
        {
            return new(entry.Id, EntryCodes.NotApplicable, "fees", "none: write a fee of a redenomination as an entry of its own");
        }

        if (entry.Fees.Length > MaxFees)
        {
            return new(entry.Id, EntryCodes.FeesTooMany, "fees", $"at most {MaxFees}");
        }

        for (int i = 0; i < entry.Fees.Length; i++)
        {
            (decimal amount, string currency) = entry.Fees[i];
            if (currency is null || !TokenId.IsValid(currency))
            {
                return new(entry.Id, EntryCodes.CurrencyInvalid, $"fees[{i}].currency", TokenId.Rule);
            }

            EntryDefect? defect = amount == 0m
                ? new(entry.Id, EntryCodes.FeeZero, $"fees[{i}].amount", "not 0; below 0 is a rebate")
                : Number(entry.Id, $"fees[{i}].amount", Math.Abs(amount));
            if (defect is not null)
            {
                return defect;
            }
        }

        return null;
    }

    private static EntryDefect? Number(string id, string field, decimal value) =>
        value >= Limit ? new(id, EntryCodes.TooLarge, field, "below 1e24")
        : value != 0m && RateText.Normalise(value, out _) != BarDefect.None ? new(id, EntryCodes.TooPrecise, field, "at most 28 significant digits")
        : null;
}

namespace Pnl;

/// <summary>Why an entry, or a change of a ledger, is refused.</summary>
/// <param name="EntryId">The entry at which it fails: not always one that was sent, as when a deletion leaves a later sale uncovered.</param>
/// <param name="Code">A stable code, see <see cref="EntryCodes"/>.</param>
/// <param name="Field">The field that is at fault, such as <c>quantity</c> or <c>fees[1].amount</c>.</param>
/// <param name="Detail">What was expected, in words.</param>
/// <param name="Held">For <see cref="EntryCodes.NotHeld"/>: what is held of the token at that time.</param>
public sealed record EntryDefect(string EntryId, string Code, string Field, string Detail, Amount? Held = null);

/// <summary>The codes of <see cref="EntryDefect"/>.</summary>
public static class EntryCodes
{
    /// <summary>The id is empty, too long, has characters that do not print, or is one that an address does not keep (<see cref="AddressName"/>).</summary>
    public const string IdInvalid = "id.invalid";

    /// <summary>Two entries of one request have the same id and differ.</summary>
    public const string IdDuplicate = "id.duplicate";

    /// <summary>The ledger has another entry of that id.</summary>
    public const string IdConflict = "id.conflict";

    /// <summary>The ledger would have more entries than are taken.</summary>
    public const string LedgerFull = "ledger.full";

    /// <summary>The ledger has no entry of that id.</summary>
    public const string IdUnknown = "id.unknown";

    /// <summary>The time is before 1970, after 9999, or later than now.</summary>
    public const string TimeOutOfRange = "time.outOfRange";

    /// <summary>There is no such kind.</summary>
    public const string KindUnknown = "kind.unknown";

    /// <summary>The token's id breaks the rule for ids.</summary>
    public const string TokenInvalid = "token.invalid";

    /// <summary>The quantity is zero or less.</summary>
    public const string QuantityNotPositive = "quantity.notPositive";

    /// <summary>The quantity, price or fee has more than 28 significant digits; or a redenomination leaves more than 100.</summary>
    public const string TooPrecise = "number.tooPrecise";

    /// <summary>A quantity, price or fee, or quantity times price, is 1e24 or more.</summary>
    public const string TooLarge = "number.tooLarge";

    /// <summary>A trade has no price.</summary>
    public const string PriceMissing = "price.missing";

    /// <summary>The price is negative.</summary>
    public const string PriceNegative = "price.negative";

    /// <summary>A redenomination has a price or fees.</summary>
    public const string NotApplicable = "field.notApplicable";

    /// <summary>There is a price and no currency, or the other way round, or the currency breaks the rule for ids.</summary>
    public const string CurrencyInvalid = "currency.invalid";

    /// <summary>A token cannot be priced in itself.</summary>
    public const string CurrencyIsToken = "currency.isToken";

    /// <summary>The fee's amount is zero.</summary>
    public const string FeeZero = "fee.zero";

    /// <summary>There are more than 16 fees.</summary>
    public const string FeesTooMany = "fees.tooMany";

    /// <summary>The note is longer than 1,024 characters.</summary>
    public const string NoteTooLong = "note.tooLong";

    /// <summary>More is given away than is held, and the portfolio allows no shorts.</summary>
    public const string NotHeld = "quantity.notHeld";
}

using System.Collections.Immutable;

namespace Pnl;

/// <summary>So much of an asset, above zero.</summary>
/// <param name="Asset">A token or currency, by its id.</param>
/// <param name="Quantity">Units.</param>
internal readonly record struct AssetQuantity(string Asset, decimal Quantity);

/// <summary>An exchange of assets as an account shows it: what was given and what was acquired, at one time.</summary>
/// <param name="Id">Its id, from which those of its entries are made.</param>
/// <param name="Time">When, UTC.</param>
/// <param name="Given">What was given, without fees: one asset or more, each once.</param>
/// <param name="Acquired">What was acquired, without fees: one asset or more, each once, none of them among those given.</param>
/// <param name="Fees">What was paid besides.</param>
/// <param name="Note">What the export says of it.</param>
internal sealed record AssetExchange(string Id, DateTimeOffset Time, AssetQuantity[] Given, AssetQuantity[] Acquired, ImmutableArray<TradeFee> Fees, string? Note)
{
    /// <summary>What was given and acquired was worth, in the account's currency, where the export says it; fees are apart.</summary>
    public (decimal Given, decimal Acquired, string Currency)? Worth { get; init; }

    /// <summary>What of the worth that was given is a fee, besides <see cref="Fees"/>: told where a sale and a purchase are valued at it.</summary>
    public decimal WorthOfFees { get; init; }

    /// <summary>
    /// Its entries. With money on one side, or where cash is tracked, one moves both sides. Otherwise a sale of what was given and a purchase of
    /// what was acquired: a trade by itself would move only one of them. Several assets for one are transfers at market value, since no one
    /// knows which of them paid for how much.
    /// </summary>
    public IEnumerable<LedgerEntry> Entries(bool tracksCash)
    {
        if (Given is not [AssetQuantity given] || Acquired is not [AssetQuantity acquired])
        {
            return AtMarket(tracksCash);
        }

        return tracksCash || FiatCurrencies.Contains(given.Asset) || FiatCurrencies.Contains(acquired.Asset) ? [Trade(given, acquired)] : Legs(given, acquired);
    }

    /// <summary>
    /// The price of a unit. Where a quotient does not come out even, it is rounded so that not more is paid, or not less received, than
    /// the export says: else the last digit would be lacking.
    /// </summary>
    /// <param name="total">What was paid or received for all, in the price's currency.</param>
    /// <param name="quantity">Units, above zero.</param>
    /// <param name="isPaid">Whether it was paid.</param>
    public static decimal UnitPrice(decimal total, decimal quantity, bool isPaid)
    {
        decimal price = ((Amount)total).DividedBy(quantity).ToNearestDecimal(), step = new(1, 0, 0, false, price.Scale);
        Amount product = (Amount)price * quantity;
        return product == total || price >= EntryCheck.Limit ? price
            : isPaid && product > total && price > step ? price - step
            : !isPaid && product < total ? price + step
            : price;
    }

    private LedgerEntry Trade(AssetQuantity given, AssetQuantity acquired)
    {
        bool buys = FiatCurrencies.Rank(given.Asset) <= FiatCurrencies.Rank(acquired.Asset);
        if (!FiatCurrencies.Contains(given.Asset) && !FiatCurrencies.Contains(acquired.Asset))
        {
            // Between tokens either may be the price: the one of which the quotient comes out even.
            buys = buys ? IsEven(given, acquired) || !IsEven(acquired, given) : !IsEven(acquired, given) && IsEven(given, acquired);
        }

        return buys
            ? new(Id, Time, EntryKind.Buy, acquired.Asset, acquired.Quantity, UnitPrice(given.Quantity, acquired.Quantity, isPaid: true), given.Asset, Fees, Note)
            : new(Id, Time, EntryKind.Sell, given.Asset, given.Quantity, UnitPrice(acquired.Quantity, given.Quantity, isPaid: false), acquired.Asset, Fees, Note);
    }

    private IEnumerable<LedgerEntry> Legs(AssetQuantity given, AssetQuantity acquired)
    {
        (decimal sold, decimal bought, string? currency) = Worth is { } worth ? (worth.Given, worth.Acquired, worth.Currency) : (acquired.Quantity, given.Quantity, null);
        ImmutableArray<TradeFee> fees = currency is null || WorthOfFees == 0m ? Fees : Fees.Add(new(WorthOfFees, currency));
        yield return new(
            Id, Time, EntryKind.Sell, given.Asset, given.Quantity, UnitPrice(sold, given.Quantity, isPaid: false), currency ?? acquired.Asset,
            [.. fees.Where(fee => fee.Currency == given.Asset)], Note);
        yield return new(
            Id + "-to", Time, EntryKind.Buy, acquired.Asset, acquired.Quantity, UnitPrice(bought, acquired.Quantity, isPaid: true), currency ?? given.Asset,
            [.. fees.Where(fee => fee.Currency != given.Asset)], Note);
    }

    private IEnumerable<LedgerEntry> AtMarket(bool tracksCash)
    {
        int legs = 0;
        foreach (AssetQuantity given in Given.Where(IsMoved))
        {
            yield return new(LegId(), Time, EntryKind.Withdrawal, given.Asset, given.Quantity, null, null, [.. Fees.Where(fee => fee.Currency == given.Asset)], Note);
        }

        foreach (AssetQuantity acquired in Acquired.Where(IsMoved))
        {
            yield return new(LegId(), Time, EntryKind.Deposit, acquired.Asset, acquired.Quantity, null, null, [.. Fees.Where(fee => fee.Currency == acquired.Asset)], Note);
        }

        // Without cash, money that is paid or received is outside.
        bool IsMoved(AssetQuantity leg) => tracksCash || !FiatCurrencies.Contains(leg.Asset);

        string LegId() => legs++ == 0 ? Id : FormattableString.Invariant($"{Id}-{legs}");
    }

    private static bool IsEven(AssetQuantity total, AssetQuantity units) =>
        (Amount)((Amount)total.Quantity).DividedBy(units.Quantity).ToNearestDecimal() * units.Quantity == total.Quantity;
}

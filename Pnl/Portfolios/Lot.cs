namespace Pnl;

/// <summary>
/// A part of a position that was opened together and is consumed together. Of a short, quantity and cost are negative: the
/// cost is what was received for it.
/// </summary>
/// <param name="Number">Counts the lots of a ledger in the order in which they were opened.</param>
/// <param name="EntryId">The entry that opened it (of an average, the first since the position was flat).</param>
/// <param name="Opened">That entry's time.</param>
/// <param name="Quantity">What is left of it.</param>
/// <param name="UnitCost">Cost of one unit in the base currency, above zero for shorts too.</param>
/// <param name="Cost">
/// Cost of what is left. Where <paramref name="UnitCost"/> had to be rounded (an average, a redenomination), it is not
/// quite the product of the two, and counts.
/// </param>
public sealed record Lot(long Number, string EntryId, DateTimeOffset Opened, Amount Quantity, Amount UnitCost, Amount Cost)
{
    /// <summary>
    /// Cost of a part: exact where a unit has an exact cost, otherwise its share of the lot's, rounded. What is left keeps the
    /// rest, and the last part takes all of it, so that no cost is lost or invented.
    /// </summary>
    internal Amount CostOf(Amount part) => UnitCost * Quantity == Cost ? UnitCost * part : (Cost * part).DividedBy(Quantity);
}

/// <summary>A lot, or a part of one, that was closed.</summary>
/// <param name="OpenedBy">The entry that opened it.</param>
/// <param name="Opened">When.</param>
/// <param name="ClosedBy">The entry that closed it.</param>
/// <param name="Closed">When.</param>
/// <param name="Quantity">How much; negative for a short.</param>
/// <param name="Cost">What it had cost, in the base currency; negative for a short: what had been received for it.</param>
/// <param name="Proceeds">What it brought, in the base currency; negative for a short: what buying it back cost.</param>
public sealed record ClosedLot(
    string OpenedBy, DateTimeOffset Opened, string ClosedBy, DateTimeOffset Closed, Amount Quantity, Amount Cost, Amount Proceeds)
{
    /// <summary>Proceeds less cost, before fees.</summary>
    public Amount Gain => Proceeds - Cost;

    /// <summary>How long it was held.</summary>
    public TimeSpan HoldingPeriod => Closed - Opened;
}

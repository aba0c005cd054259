using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// What a portfolio has of one token, what it cost and what came of it so far, in the base currency, every flow at the
/// rate of its own time. Immutable. A short has a negative quantity and a negative cost (what was received).
/// </summary>
/// <remarks>
/// Of each position by itself: realised + unrealised + income - fees = market value + distributions + moved out
/// - contributions - moved in - fees paid from outside, exactly.
/// </remarks>
public sealed record Position
{
    private const int MostDigits = 28; // a decimal's

    internal Position(string token, CostBasis basis)
    {
        Token = token;
        OpenLots = OpenLots.Empty(basis);
    }

    /// <summary>The token, or the currency.</summary>
    public string Token { get; }

    /// <summary>Units held.</summary>
    public Amount Quantity { get; internal init; }

    /// <summary>Cost of the open lots.</summary>
    public Amount Cost { get; internal init; }

    /// <summary>Proceeds less cost of all lots consumed, before fees.</summary>
    public Amount Realised { get; internal init; }

    /// <summary>Value of what was received as income, at the time.</summary>
    public Amount Income { get; internal init; }

    /// <summary>Value of the fees of this token's entries, at the time, whatever they were paid in.</summary>
    public Amount Fees { get; internal init; }

    /// <summary>The part of <see cref="Fees"/> that was paid with what is no position of the portfolio.</summary>
    public Amount FeesFromOutside { get; internal init; }

    /// <summary>What came into the portfolio for it: considerations of purchases, deposits at value (at their cost basis where one is given).</summary>
    public Amount Contributions { get; internal init; }

    /// <summary>What left the portfolio from it: proceeds of sales, withdrawals at value.</summary>
    public Amount Distributions { get; internal init; }

    /// <summary>What other positions paid for it (tracked cash, fees in a third token).</summary>
    public Amount MovedIn { get; internal init; }

    /// <summary>What it paid to other positions.</summary>
    public Amount MovedOut { get; internal init; }

    /// <summary>Conversions that are missing in the past, so that the money above is not known; usually none.</summary>
    public ImmutableArray<MissingRate> Missing { get; internal init; } = [];

    /// <summary>The open lots, in the order in which they will be consumed.</summary>
    public IEnumerable<Lot> Lots => OpenLots;

    internal OpenLots OpenLots { get; private init; }

    /// <summary>
    /// Takes in (above zero) or gives away (below zero) a quantity at a value. What crosses zero closes and then opens.
    /// </summary>
    /// <param name="quantity">Units.</param>
    /// <param name="unitValue">Value of one of them in the base currency.</param>
    /// <param name="entry">The entry that it belongs to.</param>
    /// <param name="lotNumber">The number of the lot that it opens.</param>
    /// <param name="closed">Told of every lot that is closed, if anybody wants to know.</param>
    internal Position Moved(Amount quantity, Amount unitValue, LedgerEntry entry, long lotNumber, Action<ClosedLot>? closed)
    {
        (Amount rest, Amount cost, Amount realised, OpenLots lots) = (quantity, Cost, Realised, OpenLots);
        if (Quantity.Sign * quantity.Sign < 0)
        {
            while (!rest.IsZero && lots.Next is { } lot)
            {
                bool whole = Amount.Abs(lot.Quantity) <= Amount.Abs(rest);
                Amount taken = whole ? lot.Quantity : -rest;
                Amount takenCost = whole ? lot.Cost : lot.CostOf(taken);
                lots = whole ? lots.Remove(lot) : lots.Replace(lot, lot with { Quantity = lot.Quantity - taken, Cost = lot.Cost - takenCost });
                Amount proceeds = taken * unitValue;
                (rest, cost, realised) = (rest + taken, cost - takenCost, realised + proceeds - takenCost);
                closed?.Invoke(new(lot.EntryId, lot.Opened, entry.Id, entry.Time, taken, takenCost, proceeds));
            }
        }

        if (!rest.IsZero)
        {
            Amount restCost = rest * unitValue;
            lots = lots.Add(new(lotNumber, entry.Id, entry.Time, rest, unitValue, restCost));
            cost += restCost;
        }

        return this with { Quantity = Quantity + quantity, Cost = cost, Realised = realised, OpenLots = lots };
    }

    /// <summary>
    /// The same in new units, at the same cost. A position has 28 digits at most then, as a quantity that is given has, so that all of it can be sold: it is rounded half to
    /// even, whatever the cost basis, and lots are rounded to as many places.
    /// </summary>
    internal Position Redenominated(Ratio ratio)
    {
        int places = Math.Clamp(MostDigits - ratio.Apply(Quantity, 0).WholeDigits, 0, MostDigits);
        Amount quantity = ratio.Apply(Quantity, places);
        return this with { Quantity = quantity, OpenLots = OpenLots.Redenominated(ratio, places, quantity) };
    }
}

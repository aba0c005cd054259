using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// Profit and loss of one position in the base currency. What depends on a conversion that is missing is null, never zero.
/// </summary>
/// <param name="Token">The token, or the currency.</param>
/// <param name="Quantity">Units held, negative for a short.</param>
/// <param name="AverageCost">Cost of a unit held, to 28 digits; null if none is held.</param>
/// <param name="CostBasis">Cost of what is held; negative for a short: what was received for it.</param>
/// <param name="Rate">Worth of a unit; null where none is held.</param>
/// <param name="ConversionPath">The currencies over which the rate was found.</param>
/// <param name="MarketValue">Quantity times rate.</param>
/// <param name="Realised">Proceeds less cost of the lots consumed, before fees.</param>
/// <param name="Unrealised">Market value less cost of the open lots.</param>
/// <param name="Income">Value of income, at its time.</param>
/// <param name="Fees">Value of fees, at their time.</param>
/// <param name="Missing">The conversions that are missing; empty if all is known.</param>
public sealed record PositionPnl(
    string Token, Amount Quantity, Amount? AverageCost, Amount? CostBasis, Amount? Rate, ImmutableArray<string> ConversionPath, Amount? MarketValue,
    Amount? Realised, Amount? Unrealised, Amount? Income, Amount? Fees, ImmutableArray<MissingRate> Missing)
{
    /// <summary>Realised + unrealised + income - fees.</summary>
    public Amount? Total => Realised + Unrealised + Income - Fees;

    /// <summary>Values a position by a rate.</summary>
    internal static PositionPnl Of(Position position, CrossRates rates, string baseCurrency, int slot)
    {
        bool known = position.Missing.IsEmpty, flat = position.Quantity.IsZero;
        CrossRate? rate = flat ? null : rates.Of(position.Token, baseCurrency, slot);
        Amount? value = flat ? Amount.Zero : position.Quantity * rate!.Factor;
        return new(
            position.Token,
            position.Quantity,
            known && !flat ? position.Cost.DividedBy(position.Quantity) : null,
            known ? position.Cost : null,
            rate?.Factor,
            rate?.Path ?? [],
            value,
            known ? position.Realised : null,
            known ? value - position.Cost : null,
            known ? position.Income : null,
            known ? position.Fees : null,
            value is null ? position.Missing.Add(new(position.Token, baseCurrency, slot)) : position.Missing);
    }
}

/// <summary>
/// Profit and loss of a portfolio in its base currency. Total = market value + distributions - contributions - fees from
/// outside, exactly.
/// </summary>
/// <param name="Positions">Every position there ever was, by token.</param>
/// <param name="MarketValue">Of the complete positions, as is all that follows.</param>
/// <param name="CostBasis">Cost of what is held.</param>
/// <param name="Realised">Proceeds less cost of the lots consumed, before fees.</param>
/// <param name="Unrealised">Market value less cost of the open lots.</param>
/// <param name="Income">Value of income, at its time.</param>
/// <param name="Fees">Value of fees, at their time.</param>
/// <param name="FeesFromOutside">The part of the fees that was paid with what is no position.</param>
/// <param name="Contributions">What came into the positions that are counted, from outside or from one that is not.</param>
/// <param name="Distributions">What left them.</param>
/// <param name="Missing">The conversions for want of which positions are left out; empty if the totals are complete.</param>
public sealed record PortfolioPnl(
    ImmutableArray<PositionPnl> Positions, Amount MarketValue, Amount CostBasis, Amount Realised, Amount Unrealised, Amount Income, Amount Fees,
    Amount FeesFromOutside, Amount Contributions, Amount Distributions, ImmutableArray<MissingRate> Missing)
{
    /// <summary>Realised + unrealised + income - fees.</summary>
    public Amount Total => Realised + Unrealised + Income - Fees;

    /// <summary>Whether every position is counted.</summary>
    public bool Complete => Missing.IsEmpty;

    /// <summary>Total PnL / contributions; null without contributions. A fraction.</summary>
    public double? ReturnOnContributions => Contributions.Sign > 0 ? Total.ToDouble() / Contributions.ToDouble() : null;

    /// <summary>Names the rates by which positions are valued as of a slot.</summary>
    public static void Needs(PositionBook book, RateGraph graph, int slot, ISet<RateNeed> needs)
    {
        foreach (Position position in book.Positions)
        {
            if (!position.Quantity.IsZero)
            {
                foreach (CurrencyPair market in graph.Between(position.Token, book.Terms.BaseCurrency))
                {
                    needs.Add(new(market, slot));
                }
            }
        }
    }

    /// <summary>Values positions; their lots are not looked at.</summary>
    /// <param name="book">The positions.</param>
    /// <param name="rates">The rates that <see cref="Needs"/> named.</param>
    /// <param name="slot">The last slot that counts.</param>
    public static PortfolioPnl Of(PositionBook book, CrossRates rates, int slot)
    {
        ImmutableArray<PositionPnl>.Builder positions = ImmutableArray.CreateBuilder<PositionPnl>();
        Amount marketValue = default;
        PositionTotals totals = default;
        HashSet<MissingRate> missing = [];
        foreach (Position position in book.Positions)
        {
            PositionPnl pnl = PositionPnl.Of(position, rates, book.Terms.BaseCurrency, slot);
            positions.Add(pnl);
            if (pnl.Missing.IsEmpty)
            {
                marketValue += pnl.MarketValue!.Value;
                totals += position;
            }
            else
            {
                missing.UnionWith(pnl.Missing);
            }
        }

        return new(
            positions.ToImmutable(), marketValue, totals.Cost, totals.Realised, marketValue - totals.Cost, totals.Income, totals.Fees,
            totals.FeesFromOutside, totals.Contributions, totals.Distributions,
            [.. missing.OrderBy(rate => rate.Slot).ThenBy(rate => rate.From, StringComparer.Ordinal)]);
    }
}

using System.Collections;
using System.Collections.Immutable;

namespace Pnl;

/// <summary>The open lots of a position in the order in which a cost basis consumes them. Immutable.</summary>
internal sealed class OpenLots : IEnumerable<Lot>
{
    private static readonly OpenLots[] Empties = [.. Enum.GetValues<CostBasis>().Select(basis => new OpenLots(basis, ImmutableSortedSet.Create<Lot>(Order(basis))))];

    private readonly CostBasis _basis;
    private readonly ImmutableSortedSet<Lot> _lots;

    private OpenLots(CostBasis basis, ImmutableSortedSet<Lot> lots)
    {
        _basis = basis;
        _lots = lots;
    }

    public int Count => _lots.Count;

    /// <summary>The lot to consume next; null if there is none.</summary>
    public Lot? Next => _lots.Min;

    public static OpenLots Empty(CostBasis basis) => Empties[(int)basis];

    /// <summary>Opens a lot; under average cost, adds it to the one there is.</summary>
    public OpenLots Add(Lot lot)
    {
        if (_basis != CostBasis.Avco || Next is not { } average)
        {
            return new(_basis, _lots.Add(lot));
        }

        (Amount quantity, Amount cost) = (average.Quantity + lot.Quantity, average.Cost + lot.Cost);
        return Replace(average, average with { Quantity = quantity, Cost = cost, UnitCost = cost.DividedBy(quantity) });
    }

    public OpenLots Remove(Lot lot) => new(_basis, _lots.Remove(lot));

    /// <summary>Puts what is left of a lot in its place.</summary>
    public OpenLots Replace(Lot lot, Lot left) => new(_basis, _lots.Remove(lot).Add(left));

    /// <summary>The lots in new units, of at most so many digits behind the point; what they lose by that, the largest of them has.</summary>
    /// <param name="ratio">New units for old ones.</param>
    /// <param name="places">The digits.</param>
    /// <param name="quantity">What they come to together then.</param>
    public OpenLots Redenominated(Ratio ratio, int places, Amount quantity)
    {
        List<Lot> lots = [.. _lots.Select(lot => lot with { Quantity = ratio.Apply(lot.Quantity, places), UnitCost = (lot.UnitCost * ratio.Old).DividedBy(ratio.New) })];
        Amount lost = lots.Aggregate(quantity, (left, lot) => left - lot.Quantity);
        if (!lost.IsZero)
        {
            Lot largest = lots.OrderByDescending(lot => Amount.Abs(lot.Quantity)).ThenBy(lot => lot.Number).First();
            lots[lots.IndexOf(largest)] = largest with { Quantity = largest.Quantity + lost };
        }

        return new(_basis, lots.ToImmutableSortedSet(_lots.KeyComparer));
    }

    public IEnumerator<Lot> GetEnumerator() => _lots.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static Comparer<Lot> Order(CostBasis basis) => Comparer<Lot>.Create(basis switch
    {
        CostBasis.Lifo => (a, b) => b.Number.CompareTo(a.Number),
        CostBasis.Hifo => (a, b) => b.UnitCost.CompareTo(a.UnitCost) is not 0 and int order ? order : a.Number.CompareTo(b.Number),
        _ => (a, b) => a.Number.CompareTo(b.Number),
    });
}

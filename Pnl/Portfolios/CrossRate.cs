using System.Collections.Immutable;

namespace Pnl;

/// <summary>What a unit of one currency is worth in another, as of a slot, and over which markets that was found.</summary>
/// <param name="From">The token or currency converted.</param>
/// <param name="To">The currency converted into.</param>
/// <param name="Slot">The last slot closed at the time of the conversion.</param>
/// <param name="Factor">
/// Units of <paramref name="To"/> for one of <paramref name="From"/>: the product of the rates on the path, exact; where the
/// path goes through an inverse, divided once by their product, to 28 digits. Null if no path is known.
/// </param>
/// <param name="Path">The currencies passed through, from <paramref name="From"/> to <paramref name="To"/>; empty if none is known.</param>
public sealed record CrossRate(string From, string To, int Slot, Amount? Factor, ImmutableArray<string> Path)
{
    /// <inheritdoc/>
    public bool Equals(CrossRate? other) =>
        other is not null && From == other.From && To == other.To && Slot == other.Slot && Factor == other.Factor && Path.AsSpan().SequenceEqual(other.Path.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(From, To, Slot);
}

/// <summary>A conversion that could not be made.</summary>
/// <param name="From">The token or currency to be converted.</param>
/// <param name="To">The currency to be converted into.</param>
/// <param name="Slot">The last slot closed at the time in question.</param>
public readonly record struct MissingRate(string From, string To, int Slot)
{
    /// <summary>Such as <c>doge/usd@2021-05-19T12:35:00Z</c>: the conversion, and the time by which its rate should have been known.</summary>
    public override string ToString() => $"{From}/{To}@{BarTime.Close(Slot):yyyy-MM-ddTHH:mm:ssZ}";
}

/// <summary>
/// Conversions over a graph of markets by the rates that are known. Remembers those that it made: of rates that change, make
/// a new one. For one thread.
/// </summary>
public sealed class CrossRates(RateGraph graph, IRates rates)
{
    private readonly Dictionary<(string, string, int), CrossRate> _made = [];

    /// <summary>The markets.</summary>
    public RateGraph Graph => graph;

    /// <summary>The rates.</summary>
    internal IRates Rates => rates;

    /// <summary>The shortest conversion of which every rate is known as of a slot.</summary>
    public CrossRate Of(string from, string to, int slot)
    {
        if (!_made.TryGetValue((from, to, slot), out CrossRate? made))
        {
            made = Make(from, to, slot);
            _made.Add((from, to, slot), made);
        }

        return made;
    }

    private CrossRate Make(string from, string to, int slot)
    {
        RateGraph.UsualPath usual = graph.Usual(from, to);
        Amount? factor = usual.Path is null ? null : Factor(usual.Path, slot);
        if (usual.Path is null || factor is not null)
        {
            return new(from, to, slot, factor, usual.Names);
        }

        // Dead ends are left out beforehand: their rates were not named.
        RateGraph.Step[]? other = graph.Path(from, to, market => Array.IndexOf(usual.Between, market) >= 0 && rates.AsOf(market, slot) is not null);
        return new(from, to, slot, other is null ? null : Factor(other, slot), other is null ? [] : [from, .. other.Select(step => step.To)]);
    }

    /// <summary>The product of the rates along a path; null if one is not known.</summary>
    private Amount? Factor(RateGraph.Step[] path, int slot)
    {
        Amount product = Amount.One, divisor = Amount.One;
        foreach (RateGraph.Step step in path)
        {
            if (rates.AsOf(step.Pair, slot) is not { } rate)
            {
                return null;
            }

            if (step.Inverse)
            {
                divisor *= rate;
            }
            else
            {
                product *= rate;
            }
        }

        return product.DividedBy(divisor);
    }
}

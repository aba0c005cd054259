using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// The markets over which one currency is converted into another, as a graph: a market can be gone through both ways, by
/// its rate or by its inverse.
/// </summary>
public sealed class RateGraph
{
    // Of several shortest paths, the one through the most liquid tokens; then in alphabetical order.
    internal static readonly string[] Hubs = ["usd", "btc", "eth", "usdt", "usdc", "dai", "busd", "tusd", "eur"];

    private readonly Dictionary<string, Step[]> _stepsFrom;
    private readonly ConcurrentDictionary<(string From, string To), UsualPath> _usual = new();

    /// <summary>The graph of some markets.</summary>
    public RateGraph(IEnumerable<CurrencyPair> markets)
    {
        Markets = [.. markets.Distinct()];
        _stepsFrom = Markets
            .SelectMany(market => (Step[])[new(market, false), new(market, true)])
            .GroupBy(step => step.From)
            .ToDictionary(steps => steps.Key, steps => steps.OrderBy(step => Preference(step.To)).ThenBy(step => step.To, StringComparer.Ordinal).ToArray());
    }

    /// <summary>The markets.</summary>
    public IReadOnlyList<CurrencyPair> Markets { get; }

    /// <summary>
    /// The markets that can lie on any path between two currencies: those of the graph without its dead ends.
    /// </summary>
    public IReadOnlyList<CurrencyPair> Between(string from, string to) => Usual(from, to).Between;

    /// <summary>What a conversion is made over as a rule, found once: the shortest path over all markets, and all that could be others.</summary>
    internal UsualPath Usual(string from, string to) => _usual.GetOrAdd((from, to), static (pair, graph) =>
    {
        Step[]? path = graph.Path(pair.From, pair.To, _ => true);
        return new(path, path is null ? [] : [pair.From, .. path.Select(step => step.To)], graph.FindBetween(pair.From, pair.To));
    }, this);

    private CurrencyPair[] FindBetween(string from, string to)
    {
        if (from == to || !_stepsFrom.ContainsKey(from) || !_stepsFrom.ContainsKey(to))
        {
            return [];
        }

        HashSet<CurrencyPair> left = [];
        Stack<string> open = new([from]);
        HashSet<string> seen = [from];
        while (open.TryPop(out string? node))
        {
            foreach (Step step in _stepsFrom[node])
            {
                left.Add(step.Pair);
                if (seen.Add(step.To))
                {
                    open.Push(step.To);
                }
            }
        }

        if (!seen.Contains(to))
        {
            return [];
        }

        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (string node in seen)
            {
                if (node != from && node != to && _stepsFrom[node].Where(step => left.Contains(step.Pair)).Take(2).ToArray() is [Step only])
                {
                    changed |= left.Remove(only.Pair);
                }
            }
        }

        return [.. Markets.Where(left.Contains)];
    }

    /// <summary>The shortest path over markets whose rates are known; empty from a currency to itself, null if there is none.</summary>
    internal Step[]? Path(string from, string to, Func<CurrencyPair, bool> known)
    {
        if (from == to)
        {
            return [];
        }

        Dictionary<string, Step> by = [];
        Queue<string> open = new([from]);
        while (open.TryDequeue(out string? node))
        {
            foreach (Step step in _stepsFrom.GetValueOrDefault(node, []))
            {
                if (step.To == from || by.ContainsKey(step.To) || !known(step.Pair))
                {
                    continue;
                }

                by.Add(step.To, step);
                if (step.To == to)
                {
                    Stack<Step> path = [];
                    for (string at = to; at != from; at = by[at].From)
                    {
                        path.Push(by[at]);
                    }

                    return [.. path];
                }

                open.Enqueue(step.To);
            }
        }

        return null;
    }

    private static int Preference(string currency) => Array.IndexOf(Hubs, currency) is >= 0 and int i ? i : Hubs.Length;

    /// <summary>How a conversion is made as a rule.</summary>
    /// <param name="Path">The shortest path over all markets; null if there is none.</param>
    /// <param name="Names">The currencies on it.</param>
    /// <param name="Between">The markets of all paths.</param>
    internal sealed record UsualPath(Step[]? Path, ImmutableArray<string> Names, CurrencyPair[] Between);

    /// <summary>One market gone through: by its rate, or by the inverse.</summary>
    internal readonly record struct Step(CurrencyPair Pair, bool Inverse)
    {
        public string From => Inverse ? Pair.Quote : Pair.Token;

        public string To => Inverse ? Pair.Token : Pair.Quote;
    }
}

using System.Collections.Concurrent;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Backfills;

/// <summary>A source that counts what is asked of it, by symbol and month, and that a test can hold or break.</summary>
internal sealed class WatchedCandleSource(ICandleSource inner) : ICandleSource
{
    private readonly ConcurrentDictionary<(string Symbol, int FirstSlot), int> _pages = new();

    public string Name => inner.Name;

    public SourceLimits Limits { get; init; } = inner.Limits;

    /// <summary>Runs before a page is answered; whatever it throws, the worker gets.</summary>
    public Func<SourcePair, SlotRange, Task> BeforePage { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Runs before the pairs are listed.</summary>
    public Func<Task> BeforeList { get; set; } = () => Task.CompletedTask;

    /// <summary>Lists only the first so many pairs.</summary>
    public int Pairs { get; init; } = int.MaxValue;

    /// <summary>The first slot that the source does not know yet.</summary>
    public int Present { get; set; } = int.MaxValue;

    /// <summary>Requests for pages so far.</summary>
    public int Requests => _pages.Values.Sum();

    /// <summary>Pages that were answered, by symbol and first slot, with how often.</summary>
    public IReadOnlyDictionary<(string Symbol, int FirstSlot), int> Pages => _pages;

    public async ValueTask<IReadOnlyList<SourcePair>> ListAsync(CancellationToken cancellation)
    {
        await BeforeList();
        return [.. (await inner.ListAsync(cancellation)).Take(Pairs)];
    }

    public async ValueTask<CandlePage> ReadAsync(SourcePair pair, SlotRange range, CancellationToken cancellation)
    {
        await BeforePage(pair, range);
        SlotRange known = range with { To = Math.Min(range.To, Present) };
        CandlePage page = known.IsEmpty ? new([], new(range.From, range.From), []) : await inner.ReadAsync(pair, known, cancellation);
        _pages.AddOrUpdate((pair.Symbol, range.From), 1, (_, count) => count + 1);
        return page;
    }

    public ValueTask<IReadOnlyList<LatestRate>> LatestAsync(IReadOnlyList<SourcePair> pairs, CancellationToken cancellation) =>
        inner.LatestAsync(pairs, cancellation);
}

using System.Collections.Concurrent;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Backfills;

/// <summary>A source whose pairs and pages a test says: each slot of a pair has its own rate, and some rows are set aside.</summary>
internal sealed class ListedSource(params SourcePair[] pairs) : ICandleSource
{
    private readonly ConcurrentQueue<(string Symbol, Interval Interval, SlotRange Range)> _asked = new();

    public string Name => "files";

    public SourceLimits Limits { get; } = new(100_000, int.MaxValue, TimeSpan.FromMinutes(1));

    /// <summary>What was asked for, in order.</summary>
    public IReadOnlyCollection<(string Symbol, Interval Interval, SlotRange Range)> Asked => _asked;

    /// <summary>The rate of a slot of a pair; null where it has no candle.</summary>
    public Func<SourcePair, int, decimal?> Rate { get; set; } = (_, slot) => slot;

    /// <summary>The rows that are set aside of a page.</summary>
    public Func<SourcePair, SlotRange, QuarantinedRow[]> Aside { get; set; } = (_, _) => [];

    public ValueTask<IReadOnlyList<SourcePair>> ListAsync(CancellationToken cancellation) => new(pairs);

    public ValueTask<int?> FirstSlotAsync(SourcePair pair, int before, CancellationToken cancellation) => new((int?)null);

    public ValueTask<CandlePage> ReadAsync(SourcePair pair, SlotRange range, CancellationToken cancellation)
    {
        _asked.Enqueue((pair.Symbol, pair.Interval, range));
        List<Candle> candles = [];
        for (int end = pair.Interval.PeriodEnd(range.From); end <= range.To; end = pair.Interval.PeriodEnd(end))
        {
            if (Rate(pair, end - 1) is { } rate)
            {
                candles.Add(new(end - 1, rate, rate, rate, rate, 1));
            }
        }

        return new(new CandlePage(candles, range, Aside(pair, range)));
    }

    public ValueTask<IReadOnlyList<LatestRate>> LatestAsync(IReadOnlyList<SourcePair> of, CancellationToken cancellation) => new([]);
}

using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// The performance of a ledger, and what it was after every thousandth entry: entries at the end are added to it, and a change
/// in the past is replayed from the last such point before it (<see cref="LedgerFlows"/>). Immutable.
/// </summary>
internal sealed class PerformanceHistory
{
    public const int EntriesPerPoint = Portfolio.EntriesPerBook;

    // The point at i is after the first (i + 1) * 1000 entries.
    private readonly ImmutableList<Performance> _points;

    private PerformanceHistory(ImmutableList<Performance> points, int count, Performance performance)
    {
        _points = points;
        Count = count;
        Performance = performance;
    }

    /// <summary>Of no entries.</summary>
    public static PerformanceHistory Empty { get; } = new([], 0, Performance.Empty);

    /// <summary>Of how many entries it is, from the first one on.</summary>
    public int Count { get; }

    /// <summary>The performance over those entries.</summary>
    public Performance Performance { get; }

    /// <summary>What of it holds where entries from a place on are others, or were valued by other rates.</summary>
    /// <param name="place">How many entries are as they were.</param>
    public PerformanceHistory UpTo(int place)
    {
        if (place >= Count)
        {
            return this;
        }

        int kept = place / EntriesPerPoint;
        return kept == 0 ? Empty : new(_points.GetRange(0, kept), kept * EntriesPerPoint, _points[kept - 1]);
    }

    /// <summary>The same over more entries.</summary>
    /// <param name="points">After each thousandth entry behind <see cref="Count"/>.</param>
    /// <param name="count">Of how many entries it is then.</param>
    /// <param name="performance">Over all of those.</param>
    public PerformanceHistory With(IEnumerable<Performance> points, int count, Performance performance) =>
        new(_points.AddRange(points), count, performance);
}

using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// Where the rolling windows of a token begin in its sealed months: some 500 bytes a window, kept so that the windows of
/// the next bar need no month loaded. Holds of one state of the sealed months. Immutable.
/// </summary>
public sealed class RollingEdges
{
    private readonly ImmutableArray<MonthSummary> _months;
    private readonly WindowEdge[] _edges;

    private RollingEdges(ImmutableArray<MonthSummary> months, WindowEdge[] edges) => (_months, _edges) = (months, edges);

    /// <summary>Nothing is known.</summary>
    public static RollingEdges None { get; } = new([], []);

    /// <summary>The edge of a day; null if it is not known of these months.</summary>
    internal WindowEdge? Find(ImmutableArray<MonthSummary> months, int day) =>
        _months == months ? Array.Find(_edges, edge => edge.Day == day) : null; // a history whose months are the same array has the same bars there

    /// <summary>The edges of some days alone; those that are not known are made.</summary>
    internal RollingEdges With(ImmutableArray<MonthSummary> months, int[] days, Func<int, WindowEdge> make) =>
        _months == months && days.Length == _edges.Length && Array.TrueForAll(days, day => Find(months, day) is not null)
            ? this
            : new(months, Array.ConvertAll(days, day => Find(months, day) ?? make(day)));
}

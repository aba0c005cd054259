using System.Collections.Immutable;
using System.Runtime.CompilerServices;

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

    /// <summary>The edge of a day; nothing if it is not known of these months.</summary>
    internal ref readonly WindowEdge Find(ImmutableArray<MonthSummary> months, int day)
    {
        for (int i = 0; _months == months && i < _edges.Length; i++) // a history whose months are the same array has the same bars there
        {
            if (_edges[i].Day == day)
            {
                return ref _edges[i];
            }
        }

        return ref Unsafe.NullRef<WindowEdge>();
    }

    /// <summary>Whether the edge of a day is known of these months.</summary>
    internal bool Has(ImmutableArray<MonthSummary> months, int day) => !Unsafe.IsNullRef(in Find(months, day));

    /// <summary>The edges of some days alone; those that are not known are made.</summary>
    internal RollingEdges With(ImmutableArray<MonthSummary> months, ReadOnlySpan<int> days, Func<int, WindowEdge> make)
    {
        bool isKnown = days.Length == _edges.Length;
        foreach (int day in days)
        {
            isKnown = isKnown && Has(months, day);
        }

        if (isKnown)
        {
            return this;
        }

        WindowEdge[] edges = new WindowEdge[days.Length];
        for (int i = 0; i < edges.Length; i++)
        {
            ref readonly WindowEdge known = ref Find(months, days[i]);
            edges[i] = Unsafe.IsNullRef(in known) ? make(days[i]) : known;
        }

        return new(months, edges);
    }
}

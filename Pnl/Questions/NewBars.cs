namespace Pnl;

/// <summary>What becomes of a history when checked bars are taken into it, one by one or as columns, with what was read with them.</summary>
public sealed class NewBars : IHistoryQuestion<HistoryChange>
{
    private readonly ReadOnlyMemory<Bar> _bars;
    private readonly BarColumns? _columns;
    private readonly Reading _read;
    private readonly int _stagger;

    /// <param name="bars">Valid bars in any order: rates normalised by <see cref="RateText"/>, slots from 0.</param>
    /// <param name="read">What was read with them.</param>
    /// <param name="stagger">See <see cref="TokenHistory.Stagger"/>.</param>
    public NewBars(ReadOnlyMemory<Bar> bars, Reading read, int stagger) => (_bars, _read, _stagger) = (bars, read, stagger);

    /// <inheritdoc cref="NewBars(ReadOnlyMemory{Bar}, Reading, int)"/>
    public NewBars(BarColumns columns, Reading read, int stagger) => (_columns, _read, _stagger) = (columns, read, stagger);

    /// <summary>The earliest slot; <see cref="int.MaxValue"/> if there is no bar.</summary>
    public int FirstSlot
    {
        get
        {
            if (_columns is not null)
            {
                return _columns.Slots.IsEmpty ? int.MaxValue : _columns.Slots.Span[0];
            }

            int first = int.MaxValue;
            foreach (Bar bar in _bars.Span)
            {
                first = Math.Min(first, bar.Slot);
            }

            return first;
        }
    }

    /// <summary>The days of the bars, ascending.</summary>
    public IReadOnlyCollection<int> Days()
    {
        SortedSet<int> days = [];
        int known = int.MinValue;
        for (int i = 0; i < (_columns?.Slots.Length ?? _bars.Length); i++)
        {
            int day = BarTime.DayOf(_columns is not null ? _columns.Slots.Span[i] : _bars.Span[i].Slot);
            if (day != known)
            {
                days.Add(known = day);
            }
        }

        return days;
    }

    /// <inheritdoc/>
    public IReadOnlySet<int> Months(TokenHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        return _columns is not null ? history.IngestNeeds(_columns, _stagger) : history.IngestNeeds(_bars.Span, _stagger);
    }

    /// <inheritdoc/>
    public HistoryChange Answer(TokenHistory history, SegmentSet segments)
    {
        ArgumentNullException.ThrowIfNull(history);
        return _columns is not null ? history.With(_columns, _read, segments, _stagger) : history.With(_bars.Span, _read, segments, _stagger);
    }
}

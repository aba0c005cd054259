namespace Pnl.Grains;

/// <summary>Checked bars that are to be taken, one by one or as columns, and what was read with them.</summary>
internal readonly struct NewBars
{
    private readonly ReadOnlyMemory<Bar> _bars;
    private readonly BarColumns? _columns;
    private readonly Reading _read;

    public NewBars(ReadOnlyMemory<Bar> bars, Reading read) => (_bars, _read) = (bars, read);

    public NewBars(BarColumns columns, Reading read) => (_columns, _read) = (columns, read);

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

    /// <inheritdoc cref="TokenHistory.IngestNeeds(ReadOnlySpan{Bar}, int)"/>
    public IReadOnlySet<int> Needs(TokenHistory history, int stagger) =>
        _columns is not null ? history.IngestNeeds(_columns, stagger) : history.IngestNeeds(_bars.Span, stagger);

    /// <inheritdoc cref="TokenHistory.With(ReadOnlySpan{Bar}, Reading, SegmentSet, int)"/>
    public HistoryChange Into(TokenHistory history, SegmentSet segments, int stagger) =>
        _columns is not null ? history.With(_columns, _read, segments, stagger) : history.With(_bars.Span, _read, segments, stagger);
}

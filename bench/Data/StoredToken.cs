namespace Pnl.Bench.Data;

/// <summary>A token as the engine keeps it, all its segments in memory.</summary>
/// <param name="Bars">What went in.</param>
/// <param name="History">The tree of summaries.</param>
/// <param name="Sealed">The sealed months.</param>
/// <param name="Segments">The sealed months and the open days, in order.</param>
internal sealed record StoredToken(TokenBars Bars, TokenHistory History, SegmentSet Sealed, Segment[] Segments)
{
    public static StoredToken Of(TokenBars bars)
    {
        HistoryChange change = TokenHistory.Empty.With(bars.ToBars(), default, SegmentSet.Empty, TokenHistory.Stagger(bars.Id));
        SegmentSet months = new();
        foreach (SealedMonth month in change.Sealed)
        {
            months.Add(month.Summary.Month, month.Segment);
        }

        List<Segment> segments = [.. change.Sealed.OrderBy(month => month.Summary.Month).Select(month => month.Segment)];
        if (change.History.Tail is { } tail)
        {
            segments.Add(tail);
        }

        return new(bars, change.History, months, [.. segments]);
    }

    /// <summary>Bars in one segment a run of <paramref name="days"/> days, as a sealed month holds them.</summary>
    public static Segment[] Encode(TokenBars bars, int days)
    {
        List<Segment> segments = [];
        using Segment.Builder builder = new();
        DayBars buffer = DayBars.Rent();
        int baseDay = BarTime.DayOf(bars.Slots[0]);
        foreach ((int day, int from, int to) in bars.Days())
        {
            if (day >= baseDay + days)
            {
                segments.Add(builder.Build(baseDay));
                builder.Reset();
                baseDay = day;
            }

            buffer.Set(bars.Slots.AsSpan(from, to - from), bars.Mantissas.AsSpan(from, to - from), bars.Scale);
            builder.Add(day, buffer);
        }

        segments.Add(builder.Build(baseDay));
        buffer.Return();
        return [.. segments];
    }
}

using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// All bars of one token, as a tree of summaries: months in memory by their summaries alone, their bars in segments that
/// are loaded when a computation needs them, and the open days at the end as a segment in memory. Immutable: a change
/// makes a new history, which becomes visible once it is durable. A pure function of the set of bars and of the token's
/// id: whichever way the bars arrived, the bytes are the same.
/// </summary>
/// <remarks>
/// A computation over sealed months comes in two steps, because loading is not pure: an <see cref="IHistoryQuestion{T}"/> names the months
/// whose bars it will look at, and the computation itself takes them as a <see cref="SegmentSet"/>.
/// </remarks>
public sealed partial class TokenHistory
{
    private readonly RateSummary _sealed, _open;

    private TokenHistory(ImmutableArray<MonthSummary> months, RateSummary sealedSummary, Segment? tail, Coverage coverage, CoarseBars coarse)
    {
        Months = months;
        Tail = tail;
        Coverage = coverage;
        Coarse = coarse;
        _sealed = sealedSummary;
        _open = tail?.Summary() ?? default;
        Life = sealedSummary + _open;
    }

    /// <summary>No bars.</summary>
    public static TokenHistory Empty { get; } = new([], default, null, Coverage.None, CoarseBars.None);

    /// <summary>Sealed months in ascending order.</summary>
    public ImmutableArray<MonthSummary> Months { get; }

    /// <summary>The open days; null if there is no bar at all.</summary>
    public Segment? Tail { get; }

    /// <summary>What has been read of the sources, at 5 minutes.</summary>
    public Coverage Coverage { get; }

    /// <summary>Which bars are of a coarser interval, and what has been read at such.</summary>
    public CoarseBars Coarse { get; }

    /// <summary>Summary of all bars.</summary>
    public RateSummary Life { get; }

    /// <summary>Whether there is no bar.</summary>
    public bool IsEmpty => Life.IsEmpty;

    /// <summary>Puts a history together from what was stored.</summary>
    public static TokenHistory Restore(ImmutableArray<MonthSummary> months, Segment? tail, Coverage coverage, CoarseBars? coarse = null) =>
        new(months, Total(months), tail, coverage, coarse ?? CoarseBars.None);

    private static RateSummary Total(ImmutableArray<MonthSummary> months)
    {
        RateSummary total = default;
        foreach (MonthSummary month in months)
        {
            total += month.Summary;
        }

        return total;
    }

    /// <summary>Names the sealed months at the ends of [<paramref name="from"/>, <paramref name="to"/>] that a fold must look into.</summary>
    internal void FoldNeeds(int from, int to, ISet<int> months)
    {
        // Only the months at the two ends can be cut.
        for (int i = MonthIndexEndingAtOrAfter(from); i < Months.Length && Months[i].Summary.FirstSlot <= to; i++)
        {
            RateSummary month = Months[i].Summary;
            if (month.FirstSlot >= from && month.LastSlot <= to)
            {
                i = Math.Max(i, MonthIndexEndingAtOrAfter(to) - 1);
                continue;
            }

            months.Add(Months[i].Month);
        }
    }

    /// <summary>Names every sealed month that holds bars in [<paramref name="from"/>, <paramref name="to"/>].</summary>
    internal void ScanNeeds(int from, int to, ISet<int> months)
    {
        for (int i = MonthIndexEndingAtOrAfter(from); i < Months.Length && Months[i].Summary.FirstSlot <= to; i++)
        {
            months.Add(Months[i].Month);
        }
    }

    /// <summary>Summary of the bars in the slots [<paramref name="from"/>, <paramref name="to"/>].</summary>
    internal RateSummary Fold(int from, int to, SegmentSet segments)
    {
        if (from <= Life.FirstSlot && to >= Life.LastSlot)
        {
            return Life;
        }

        RateSummary summary = default;
        for (int i = MonthIndexEndingAtOrAfter(from); i < Months.Length && Months[i].Summary.FirstSlot <= to; i++)
        {
            RateSummary month = Months[i].Summary;
            summary += month.FirstSlot >= from && month.LastSlot <= to ? month : Fold(segments[Months[i].Month], from, to);
        }

        return Tail is null || to < BarTime.FirstSlotOfDay(Tail.BaseDay) ? summary : summary + Fold(Tail, from, to);
    }

    private static RateSummary Fold(Segment segment, int from, int to)
    {
        RateSummary summary = default;
        int lastDay = BarTime.DayOf(to);
        for (int i = segment.IndexAtOrAfter(BarTime.DayOf(from)); i < segment.DayCount && segment.Day(i) <= lastDay; i++)
        {
            int first = BarTime.FirstSlotOfDay(segment.Day(i));
            if (first >= from && first + BarTime.BarsPerDay - 1 <= to)
            {
                summary += segment.Summary(i);
                continue;
            }

            DayBars day = DayBars.Rent();
            segment.Decode(i, day);
            summary += day.Summary(day.IndexAtOrAfter(from), day.IndexAtOrAfter(to + 1));
            day.Return();
        }

        return summary;
    }

    /// <summary>Names the sealed month that <see cref="LastAt(int, SegmentSet)"/> must look into, if any.</summary>
    internal void LastAtNeeds(int slot, ISet<int> months)
    {
        int i = MonthIndexStartingAtOrBefore(slot);
        if (!TailBegins(slot) && i >= 0 && Months[i].Summary.LastSlot > slot)
        {
            months.Add(Months[i].Month);
        }
    }

    /// <summary>The last bar at or before a slot; null before the first bar. Rates are carried forward, never back.</summary>
    internal Bar? LastAt(int slot, SegmentSet segments)
    {
        if (IsEmpty || slot < Life.FirstSlot)
        {
            return null;
        }

        if (slot >= Life.LastSlot)
        {
            return new Bar(Life.LastSlot, Life.Last);
        }

        if (TailBegins(slot))
        {
            return LastAt(Tail!, slot);
        }

        int i = MonthIndexStartingAtOrBefore(slot);
        RateSummary month = Months[i].Summary;
        return month.LastSlot <= slot ? new Bar(month.LastSlot, month.Last) : LastAt(segments[Months[i].Month], slot);
    }

    /// <summary>The last bars at or before some slots, in any order: each day is decoded once for slots that ascend.</summary>
    internal Bar?[] LastAt(int[] slots, SegmentSet segments)
    {
        Bar?[] found = new Bar?[slots.Length];
        int day = int.MinValue;
        Bar[] bars = [];
        for (int i = 0; i < slots.Length; i++)
        {
            int slot = slots[i];
            if (BarTime.DayOf(slot) != day && i + 1 < slots.Length && BarTime.DayOf(slots[i + 1]) == BarTime.DayOf(slot))
            {
                day = BarTime.DayOf(slot);
                bars = BarsOf(day, segments);
            }

            int at = BarTime.DayOf(slot) == day ? IndexAtOrBefore(bars, slot) : -1;
            found[i] = at >= 0 ? bars[at] : LastAt(slot, segments);
        }

        return found;
    }

    private static int IndexAtOrBefore(Bar[] bars, int slot)
    {
        int low = 0, high = bars.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = bars[middle].Slot <= slot ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }

    private static Bar? LastAt(Segment segment, int slot)
    {
        int day = BarTime.DayOf(slot);
        int i = segment.IndexAtOrAfter(day);
        if (i < segment.DayCount && segment.Day(i) == day)
        {
            DayBars bars = DayBars.Rent();
            segment.Decode(i, bars);
            int behind = bars.IndexAtOrAfter(slot + 1);
            Bar? found = behind > 0 ? bars.Bar(behind - 1) : null;
            bars.Return();
            if (found is not null)
            {
                return found;
            }
        }

        if (i == 0)
        {
            return null;
        }

        RateSummary before = segment.Summary(i - 1);
        return new Bar(before.LastSlot, before.Last);
    }

    /// <summary>Whether the tail holds a bar at or before a slot.</summary>
    private bool TailBegins(int slot) => Tail is not null && (_sealed.IsEmpty || slot > _sealed.LastSlot) && Tail.Summary(0).FirstSlot <= slot;

    private int MonthIndexEndingAtOrAfter(int slot)
    {
        int low = 0, high = Months.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Months[middle].Summary.LastSlot < slot ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private int MonthIndexStartingAtOrBefore(int slot)
    {
        int low = 0, high = Months.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Months[middle].Summary.FirstSlot <= slot ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }
}

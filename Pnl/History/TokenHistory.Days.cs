using System.Collections.Immutable;

namespace Pnl;

public sealed partial class TokenHistory
{
    /// <summary>Names the sealed months that <see cref="WithDays"/> must look into.</summary>
    internal IReadOnlySet<int> DaysNeeds(IReadOnlyList<MergedDay> days, int stagger)
    {
        SortedSet<int> months = [];
        int firstOpen = FirstOpenDay(Math.Max(LastOf(days), IsEmpty ? 0 : Life.LastSlot), stagger);
        IEnumerable<int> touched = days.Select(day => day.Day);
        if (Tail is { } tail)
        {
            touched = touched.Where(day => day < tail.BaseDay).Concat(Enumerable.Range(0, tail.DayCount).Select(tail.Day).Where(day => day < firstOpen));
        }

        foreach (int day in touched)
        {
            months.Add(BarTime.MonthOfDay(day));
        }

        months.RemoveWhere(month => !HasMonth(month));
        return months;
    }

    /// <summary>
    /// Puts whole days in place of what was known of them, so that bars may go as well as come. Null if the last bar would
    /// come to lie earlier: then the history must be made anew, from <see cref="Empty"/> with all of its days.
    /// </summary>
    /// <param name="days">The days, ascending.</param>
    /// <param name="coverage">What has been read at 5 minutes, in all.</param>
    /// <param name="coarseCoverage">What has been read at coarser intervals, in all.</param>
    /// <param name="segments">The months that <see cref="DaysNeeds"/> named.</param>
    /// <param name="stagger">See <see cref="Stagger"/>.</param>
    /// <param name="changedFrom">The first slot whose rate is another than before; <see cref="int.MaxValue"/> if there is none.</param>
    internal HistoryChange? WithDays(
        IReadOnlyList<MergedDay> days, Coverage coverage, Coverage coarseCoverage, SegmentSet segments, int stagger, out int changedFrom)
    {
        changedFrom = int.MaxValue;
        List<(int Day, ReadOnlyMemory<byte> Block)> changed = [];
        foreach (MergedDay day in days)
        {
            ReadOnlyMemory<byte> known = BlockOf(day.Day, segments);
            if (!known.Span.SequenceEqual(day.Block.Span))
            {
                changed.Add((day.Day, day.Block));
                changedFrom = changedFrom == int.MaxValue ? FirstDifference(day.Day, known, day.Block) : changedFrom;
            }
        }

        CoarseBars coarse = Coarse.WithDays([.. days.Select(day => day.Day)], days.SelectMany(day => day.Runs)).With(coarseCoverage);
        bool isCoverage = !coverage.Equals(Coverage) || !coarse.Equals(Coarse);
        coverage = coverage.Equals(Coverage) ? Coverage : coverage;
        if (changed.Count == 0)
        {
            return isCoverage ? new(new(Months, _sealed, Tail, coverage, coarse), [], 0, 0, 0, true) : HistoryChange.None(this);
        }

        int last = LastOf(days);
        if (!IsEmpty)
        {
            if (last < Life.LastSlot && changed[^1].Day >= BarTime.DayOf(Life.LastSlot))
            {
                return null;
            }

            last = Math.Max(last, Life.LastSlot);
        }

        int firstOpen = FirstOpenDay(last, stagger);
        List<(int Day, ReadOnlyMemory<byte> Block)> all = Tail is null ? changed : WithDaysOf(Tail, changed);
        using Segment.Builder builder = new();
        List<SealedMonth> rebuilt = [];
        List<int> dropped = [];
        ImmutableArray<MonthSummary>.Builder? months = null;
        int begin = 0;
        while (begin < all.Count && all[begin].Day < firstOpen)
        {
            int month = BarTime.MonthOfDay(all[begin].Day), end = begin + 1;
            while (end < all.Count && all[end].Day < firstOpen && BarTime.MonthOfDay(all[end].Day) == month)
            {
                end++;
            }

            builder.Reset();
            List<(int Day, ReadOnlyMemory<byte> Block)> ofMonth = all[begin..end];
            AddAll(builder, HasMonth(month) ? WithDaysOf(segments[month], ofMonth) : ofMonth, 0);
            months ??= Months.ToBuilder();
            int at = IndexOfMonth(months, month);
            if (builder.IsEmpty)
            {
                if (at >= 0)
                {
                    months.RemoveAt(at);
                    dropped.Add(month);
                }
            }
            else
            {
                Segment segment = builder.Build(BarTime.FirstDayOfMonth(month));
                MonthSummary summary = new(month, segment.Summary());
                rebuilt.Add(new(summary, segment));
                if (at >= 0)
                {
                    months[at] = summary;
                }
                else
                {
                    months.Insert(~at, summary);
                }
            }

            begin = end;
        }

        builder.Reset();
        AddAll(builder, all, begin);
        Segment? tail = builder.IsEmpty ? null : builder.Build(firstOpen);
        ImmutableArray<MonthSummary> newMonths = months?.ToImmutable() ?? Months;
        TokenHistory next = new(newMonths, rebuilt.Count == 0 && dropped.Count == 0 ? _sealed : Total(newMonths), tail, coverage, coarse);
        return new(next, rebuilt, 0, 0, 0, true) { Dropped = dropped };
    }

    /// <summary>All days with their bars, ascending.</summary>
    internal IEnumerable<(int Day, Segment Segment, int Index)> Days(SegmentSet segments) => Days(segments, Months);

    /// <summary>The days of some of the months, and the open ones.</summary>
    private IEnumerable<(int Day, Segment Segment, int Index)> Days(SegmentSet segments, IEnumerable<MonthSummary> months)
    {
        foreach (Segment segment in months.Select(month => segments[month.Month]).Concat(Tail is null ? [] : [Tail]))
        {
            for (int i = 0; i < segment.DayCount; i++)
            {
                yield return (segment.Day(i), segment, i);
            }
        }
    }

    /// <summary>Names the sealed months in which days lie.</summary>
    internal void DayNeeds(IEnumerable<int> days, ISet<int> months)
    {
        foreach (int day in days)
        {
            if (!(Tail is not null && day >= Tail.BaseDay) && HasMonth(BarTime.MonthOfDay(day)))
            {
                months.Add(BarTime.MonthOfDay(day));
            }
        }
    }

    /// <summary>Where the bars of a day are; null if there is none.</summary>
    internal (Segment Segment, int Index)? FindDay(int day, SegmentSet segments)
    {
        Segment? segment = Tail is not null && day >= Tail.BaseDay ? Tail : HasMonth(BarTime.MonthOfDay(day)) ? segments[BarTime.MonthOfDay(day)] : null;
        int i = segment?.IndexAtOrAfter(day) ?? 0;
        return segment is not null && i < segment.DayCount && segment.Day(i) == day ? (segment, i) : null;
    }

    /// <summary>How many bars of some days are new, and how many have another rate than before.</summary>
    /// <param name="merged">All days that were put together.</param>
    /// <param name="days">Those that count.</param>
    /// <param name="segments">The months of this history in which they lie.</param>
    internal (int Accepted, int Corrected) Differences(IEnumerable<MergedDay> merged, IReadOnlyCollection<int> days, SegmentSet segments)
    {
        (int accepted, int corrected) = (0, 0);
        DayBars known = DayBars.Rent(), next = DayBars.Rent();
        foreach (MergedDay day in merged.Where(day => !day.Block.IsEmpty && days.Contains(day.Day)))
        {
            known.Clear();
            if (FindDay(day.Day, segments) is var (segment, index))
            {
                segment.Decode(index, known);
            }

            DayBlock.Decode(day.Block.Span, day.Day, next);
            for (int i = 0; i < next.Count; i++)
            {
                int at = known.IndexAtOrAfter(next.Slots[i]);
                bool isThere = at < known.Count && known.Slots[at] == next.Slots[i];
                accepted += isThere ? 0 : 1;
                corrected += isThere && known.Rate(at) != next.Rate(i) ? 1 : 0;
            }
        }

        known.Return();
        next.Return();
        return (accepted, corrected);
    }

    /// <summary>The slots of the bars of some days, or of all, ascending.</summary>
    internal int[] SlotsOf(IEnumerable<int>? days, SegmentSet segments)
    {
        List<int> slots = [];
        DayBars bars = DayBars.Rent();
        foreach ((Segment segment, int index) in days is null
            ? Days(segments).Select(day => (day.Segment, day.Index))
            : days.Order().Select(day => FindDay(day, segments)).OfType<(Segment, int)>())
        {
            segment.Decode(index, bars);
            slots.AddRange(bars.Slots);
        }

        bars.Return();
        return [.. slots];
    }

    /// <summary>Gives a rate back where there is a bar, and null where there is none. To be asked of slots in ascending order.</summary>
    internal Func<int, decimal, decimal?> Has(SegmentSet segments)
    {
        int known = int.MinValue;
        int[] slots = [];
        return (slot, rate) =>
        {
            if (BarTime.DayOf(slot) is var day && day != known)
            {
                (known, slots) = (day, SlotsOf([day], segments));
            }

            return Array.BinarySearch(slots, slot) >= 0 ? rate : null;
        };
    }

    /// <summary>The bars of a day; none where its month is not loaded.</summary>
    private Bar[] BarsOf(int day, SegmentSet segments)
    {
        bool isOpen = Tail is not null && day >= Tail.BaseDay;
        if ((!isOpen && !segments.Contains(BarTime.MonthOfDay(day))) || FindDay(day, segments) is not var (segment, index))
        {
            return [];
        }

        DayBars decoded = DayBars.Rent();
        segment.Decode(index, decoded);
        List<Bar> bars = new(decoded.Count);
        decoded.CopyTo(bars);
        decoded.Return();
        return [.. bars];
    }

    private ReadOnlyMemory<byte> BlockOf(int day, SegmentSet segments) => FindDay(day, segments) is var (segment, index) ? segment.BlockBytes(index) : default;

    private static int LastOf(IReadOnlyList<MergedDay> days)
    {
        for (int i = days.Count - 1; i >= 0; i--)
        {
            if (!days[i].Block.IsEmpty)
            {
                return DayBlock.Summary(days[i].Block.Span, days[i].Day).LastSlot;
            }
        }

        return int.MinValue;
    }

    private static int FirstDifference(int day, ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other)
    {
        DayBars a = DayBars.Rent(), b = DayBars.Rent();
        Decode(one, a);
        Decode(other, b);
        int i = 0;
        while (i < a.Count && i < b.Count && a.Slots[i] == b.Slots[i] && a.Rate(i) == b.Rate(i))
        {
            i++;
        }

        int slot = Math.Min(i < a.Count ? a.Slots[i] : int.MaxValue, i < b.Count ? b.Slots[i] : int.MaxValue);
        a.Return();
        b.Return();
        return slot == int.MaxValue ? BarTime.FirstSlotOfDay(day) : slot;

        void Decode(ReadOnlyMemory<byte> block, DayBars into)
        {
            if (!block.IsEmpty)
            {
                DayBlock.Decode(block.Span, day, into);
            }
        }
    }
}

using System.Buffers;
using System.Collections.Immutable;

namespace Pnl;

public sealed partial class TokenHistory
{
    /// <summary>
    /// The first day that stays open, given the last bar: everything before is sealed into months. Days are sealed at a
    /// time of the next day that differs from token to token, so that 10,000 tokens do not rewrite their months at
    /// midnight together. A function of the last slot and the token alone, so that the split is the same whatever the
    /// order in which bars came.
    /// </summary>
    private static int FirstOpenDay(int lastSlot, int stagger) => BarTime.DayOf(lastSlot - stagger);

    /// <summary>A token's number from 0 to 287, from its id, that spreads the sealing of days over the day.</summary>
    public static int Stagger(string token)
    {
        uint hash = 2166136261; // FNV-1a: must never change, it decides how stored bytes are cut
        foreach (char c in token)
        {
            hash = (hash ^ c) * 16777619;
        }

        return (int)(hash % BarTime.BarsPerDay);
    }

    private static readonly IReadOnlySet<int> NoMonths = ImmutableHashSet<int>.Empty;

    /// <summary>Names the sealed months that <see cref="With(ReadOnlySpan{Bar}, Reading, SegmentSet, int)"/> must look into to take these bars.</summary>
    internal IReadOnlySet<int> IngestNeeds(ReadOnlySpan<Bar> bars, int stagger) => IngestNeeds(new Incoming(bars), stagger);

    /// <inheritdoc cref="IngestNeeds(ReadOnlySpan{Bar}, int)"/>
    internal IReadOnlySet<int> IngestNeeds(BarColumns bars, int stagger) => IngestNeeds(new Incoming(bars), stagger);

    private IReadOnlySet<int> IngestNeeds(Incoming bars, int stagger)
    {
        if (bars.Count == 0)
        {
            return NoMonths;
        }

        int last = IsEmpty ? int.MinValue : Life.LastSlot;
        for (int i = 0; i < bars.Count; i++)
        {
            last = Math.Max(last, bars.Slot(i));
        }

        int firstOpen = FirstOpenDay(last, stagger), known = int.MinValue;
        if (BarTime.DayOf(bars.Slot(0)) >= firstOpen && (Tail is null || Tail.DayCount == 0 || Tail.Day(0) >= firstOpen) && bars.Count == 1)
        {
            return NoMonths; // a live bar
        }

        SortedSet<int> months = [];
        for (int i = 0; i < bars.Count; i++)
        {
            int day = BarTime.DayOf(bars.Slot(i));
            if (day < firstOpen && day != known)
            {
                known = day;
                months.Add(BarTime.MonthOfDay(day));
            }
        }

        for (int i = 0; Tail is not null && i < Tail.DayCount; i++)
        {
            if (Tail.Day(i) < firstOpen)
            {
                months.Add(BarTime.MonthOfDay(Tail.Day(i)));
            }
        }

        months.RemoveWhere(month => !HasMonth(month));
        return months;
    }

    /// <summary>
    /// Takes bars in any order: new ones, known ones (which change nothing) and corrections (another rate for a known
    /// slot, which replaces it; within one call a later bar corrects an earlier one).
    /// </summary>
    /// <param name="bars">Valid bars: rates normalised by <see cref="RateText"/>, slots from 0.</param>
    /// <param name="read">What was read with them.</param>
    /// <param name="segments">The months that <see cref="NewBars"/> names.</param>
    /// <param name="stagger">See <see cref="Stagger"/>.</param>
    public HistoryChange With(ReadOnlySpan<Bar> bars, Reading read, SegmentSet segments, int stagger) =>
        With(new Incoming(InOrder(bars)), read, segments, stagger);

    /// <inheritdoc cref="With(ReadOnlySpan{Bar}, Reading, SegmentSet, int)"/>
    public HistoryChange With(BarColumns bars, Reading read, SegmentSet segments, int stagger) => With(new Incoming(bars), read, segments, stagger);

    private HistoryChange With(Incoming sorted, Reading read, SegmentSet segments, int stagger)
    {
        bool isFine = read.Interval == Interval.FiveMinutes;
        Coverage coverage = isFine ? Coverage.With(read) : Coverage;
        CoarseBars coarse = isFine ? Coarse : Coarse.With(Coarse.Coverage.With(read)).With(read.Interval, sorted.Slots());
        bool isCoverage = !ReferenceEquals(coverage, Coverage) || !ReferenceEquals(coarse, Coarse) && !coarse.Equals(Coarse);
        if (sorted.Count == 0)
        {
            return !isCoverage ? HistoryChange.None(this) : new(new(Months, _sealed, Tail, coverage, coarse), [], 0, 0, 0, true);
        }

        int newest = sorted.Slot(sorted.Count - 1);
        int last = IsEmpty ? newest : Math.Max(newest, Life.LastSlot);
        int firstOpen = FirstSealable(sorted, FirstOpenDay(last, stagger), segments);
        using Merge merge = new(this, segments);

        // 1. Each day's bars are merged into those known of it.
        List<(int Day, ReadOnlyMemory<byte> Block)> changed = [];
        for (int i = 0; i < sorted.Count;)
        {
            int day = BarTime.DayOf(sorted.Slot(i)), end = i + 1;
            for (int behind = BarTime.FirstSlotOfDay(day + 1); end < sorted.Count && sorted.Slot(end) < behind;)
            {
                end++;
            }

            if (merge.Day(day, sorted, i, end) is { } block)
            {
                changed.Add((day, block));
            }

            i = end;
        }

        if (changed.Count == 0)
        {
            return !isCoverage
                ? new(this, [], 0, merge.Unchanged, 0, false)
                : new(new(Months, _sealed, Tail, coverage, coarse), [], 0, merge.Unchanged, 0, true);
        }

        // 2. Open days that the newest bar closes go to their months with them.
        List<(int Day, ReadOnlyMemory<byte> Block)> days = Tail is null ? changed : WithDaysOf(Tail, changed);

        // 3. Months and tail are rebuilt from their days.
        using Segment.Builder builder = new();
        List<SealedMonth> rebuilt = [];
        ImmutableArray<MonthSummary>.Builder? months = null; // copied only if a month changes: a live bar changes none
        int begin = 0;
        while (begin < days.Count && days[begin].Day < firstOpen)
        {
            int month = BarTime.MonthOfDay(days[begin].Day), end = begin + 1;
            while (end < days.Count && days[end].Day < firstOpen && BarTime.MonthOfDay(days[end].Day) == month)
            {
                end++;
            }

            builder.Reset();
            List<(int Day, ReadOnlyMemory<byte> Block)> ofMonth = days[begin..end];
            AddAll(builder, HasMonth(month) ? WithDaysOf(segments[month], ofMonth) : ofMonth, 0);
            Segment segment = builder.Build(BarTime.FirstDayOfMonth(month));
            MonthSummary summary = new(month, segment.Summary());
            rebuilt.Add(new(summary, segment));
            months ??= Months.ToBuilder();
            int at = IndexOfMonth(months, month);
            if (at >= 0)
            {
                months[at] = summary;
            }
            else
            {
                months.Insert(~at, summary);
            }

            begin = end;
        }

        builder.Reset();
        AddAll(builder, days, begin);
        Segment? tail = builder.IsEmpty ? null : builder.Build(firstOpen);
        ImmutableArray<MonthSummary> newMonths = months?.ToImmutable() ?? Months;
        TokenHistory next = new(newMonths, rebuilt.Count == 0 ? _sealed : Total(newMonths), tail, coverage, coarse);
        return new(next, rebuilt, merge.Accepted, merge.Unchanged, merge.Corrected, true);
    }

    /// <summary>
    /// The first day that stays open where the month of one that would be sealed is damaged: it waits, so that the token goes on
    /// taking bars, and goes to its month with the next bar after that is repaired.
    /// </summary>
    private int FirstSealable(Incoming sorted, int firstOpen, SegmentSet segments)
    {
        int first = firstOpen;
        for (int i = 0; Tail is not null && i < Tail.DayCount && Tail.Day(i) < first; i++)
        {
            first = segments.IsDamaged(BarTime.MonthOfDay(Tail.Day(i))) ? Tail.Day(i) : first;
        }

        for (int i = 0; Tail is not null && i < sorted.Count && BarTime.DayOf(sorted.Slot(i)) is var day && day < first; i++)
        {
            first = day >= Tail.BaseDay && segments.IsDamaged(BarTime.MonthOfDay(day)) ? day : first;
        }

        return first;
    }

    /// <summary>The days of a segment in order, those that changed in place of what they were.</summary>
    private static List<(int Day, ReadOnlyMemory<byte> Block)> WithDaysOf(Segment segment, List<(int Day, ReadOnlyMemory<byte> Block)> changed)
    {
        List<(int Day, ReadOnlyMemory<byte> Block)> days = new(changed.Count + segment.DayCount);
        int i = 0;
        foreach ((int Day, ReadOnlyMemory<byte> Block) day in changed)
        {
            for (; i < segment.DayCount && segment.Day(i) <= day.Day; i++)
            {
                if (segment.Day(i) < day.Day)
                {
                    days.Add((segment.Day(i), segment.BlockBytes(i)));
                }
            }

            days.Add(day);
        }

        for (; i < segment.DayCount; i++)
        {
            days.Add((segment.Day(i), segment.BlockBytes(i)));
        }

        return days;
    }

    private static void AddAll(Segment.Builder builder, List<(int Day, ReadOnlyMemory<byte> Block)> days, int from)
    {
        for (int i = from; i < days.Count; i++)
        {
            if (!days[i].Block.IsEmpty) // a day that holds no bar any more
            {
                builder.Add(days[i].Day, days[i].Block.Span);
            }
        }
    }

    private bool HasMonth(int month) => IndexOfMonth(Months, month) >= 0;

    private static int IndexOfMonth(IReadOnlyList<MonthSummary> months, int month)
    {
        int low = 0, high = months.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = months[middle].Month < month ? (middle + 1, high) : (low, middle);
        }

        return low < months.Count && months[low].Month == month ? low : ~low;
    }

    private static ReadOnlySpan<Bar> InOrder(ReadOnlySpan<Bar> bars)
    {
        int i = 1;
        while (i < bars.Length && bars[i].Slot >= bars[i - 1].Slot)
        {
            i++;
        }

        if (i >= bars.Length)
        {
            return bars;
        }

        long[] order = new long[bars.Length]; // slot, then place of arrival: a stable sort
        for (i = 0; i < order.Length; i++)
        {
            order[i] = ((long)bars[i].Slot << 32) | (uint)i;
        }

        Array.Sort(order);
        Bar[] sorted = new Bar[bars.Length];
        for (i = 0; i < order.Length; i++)
        {
            sorted[i] = bars[(int)(uint)order[i]];
        }

        return sorted;
    }

    /// <summary>Bars to be taken, one by one or as columns.</summary>
    private readonly ref struct Incoming
    {
        private readonly ReadOnlySpan<Bar> _bars;
        private readonly ReadOnlySpan<int> _slots;
        private readonly ReadOnlySpan<long> _mantissas;
        private readonly int _scale;

        public Incoming(ReadOnlySpan<Bar> bars) => _bars = bars;

        public Incoming(BarColumns bars)
        {
            _slots = bars.Slots.Span;
            _mantissas = bars.Mantissas.Span;
            _scale = bars.Scale;
        }

        public int Count => _bars.Length + _slots.Length; // one of them is empty

        public int Slot(int i) => _bars.IsEmpty ? _slots[i] : _bars[i].Slot;

        public int[] Slots()
        {
            int[] slots = new int[Count];
            for (int i = 0; i < slots.Length; i++)
            {
                slots[i] = Slot(i);
            }

            return slots;
        }

        public Bar Bar(int i) => _bars.IsEmpty ? new(_slots[i], Mantissa.ToRate(_mantissas[i], _scale)) : _bars[i];

        /// <summary>Puts a day's columns into a buffer as they are; false if they are no columns.</summary>
        public bool TryFill(DayBars day, int from, int to)
        {
            if (_slots.IsEmpty)
            {
                return false;
            }

            day.Set(_slots[from..to], _mantissas[from..to], _scale);
            return true;
        }
    }

    /// <summary>Merges new bars into known days and counts what they were.</summary>
    private sealed class Merge(TokenHistory history, SegmentSet segments) : IDisposable
    {
        private readonly Bar[] _merged = ArrayPool<Bar>.Shared.Rent(BarTime.BarsPerDay);
        private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(DayBlock.MaxLength);

        public int Accepted { get; private set; }

        public int Unchanged { get; private set; }

        public int Corrected { get; private set; }

        public void Dispose()
        {
            ArrayPool<Bar>.Shared.Return(_merged);
            ArrayPool<byte>.Shared.Return(_block);
        }

        /// <summary>The day's new block, or null if nothing changed.</summary>
        public byte[]? Day(int day, Incoming added, int from, int to)
        {
            DayBars known = DayBars.Rent();
            Read(day, known);
            if (known.Count == 0 && added.TryFill(known, from, to))
            {
                Accepted += to - from;
                return Encoded(known);
            }

            if (to - from == 1 && known.TryAppend(added.Bar(from)))
            {
                Accepted++;
                return Encoded(known);
            }

            int count = 0, k = 0, before = Accepted + Corrected;
            for (int i = from; i < to; i++)
            {
                Bar bar = added.Bar(i);
                for (; k < known.Count && known.Slots[k] < bar.Slot; k++)
                {
                    _merged[count++] = known.Bar(k);
                }

                if (count > 0 && _merged[count - 1].Slot == bar.Slot)
                {
                    Replace(ref _merged[count - 1], bar);
                }
                else if (k < known.Count && known.Slots[k] == bar.Slot)
                {
                    _merged[count] = known.Bar(k++);
                    Replace(ref _merged[count++], bar);
                }
                else
                {
                    _merged[count++] = bar;
                    Accepted++;
                }
            }

            for (; k < known.Count; k++)
            {
                _merged[count++] = known.Bar(k);
            }

            if (Accepted + Corrected != before)
            {
                known.Set(_merged.AsSpan(0, count));
                return Encoded(known);
            }

            known.Return();
            return null;
        }

        private byte[] Encoded(DayBars bars)
        {
            byte[] block = _block.AsSpan(0, DayBlock.Encode(bars, _block)).ToArray();
            bars.Return();
            return block;
        }

        private void Replace(ref Bar known, Bar bar)
        {
            if (known.Rate == bar.Rate)
            {
                Unchanged++;
            }
            else
            {
                known = bar;
                Corrected++;
            }
        }

        private void Read(int day, DayBars into)
        {
            if (history.Tail is { } tail && day >= tail.BaseDay)
            {
                ReadFrom(tail, day, into);
            }
            else if (history.HasMonth(BarTime.MonthOfDay(day)))
            {
                ReadFrom(segments[BarTime.MonthOfDay(day)], day, into);
            }
        }

        private static void ReadFrom(Segment segment, int day, DayBars into)
        {
            int i = segment.IndexAtOrAfter(day);
            if (i < segment.DayCount && segment.Day(i) == day)
            {
                segment.Decode(i, into);
            }
        }
    }
}

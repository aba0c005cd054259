namespace Pnl;

public sealed partial class TokenHistory
{
    /// <summary>Names the sealed months that <see cref="Window(long, long, SegmentSet)"/> must look into.</summary>
    internal void WindowNeeds(long from, long to, ISet<int> months)
    {
        if (IsEmpty)
        {
            return;
        }

        (int start, int end) = ClosedAt(from, to);
        LastAtNeeds(start, months);
        LastAtNeeds(end, months);
        FoldNeeds(Math.Max(start + 1, Life.FirstSlot), end, months);
    }

    /// <summary>
    /// The window between two instants in Unix seconds, <paramref name="from"/> not after <paramref name="to"/>.
    /// </summary>
    /// <exception cref="ArgumentException">It ends before it begins.</exception>
    public Window Window(long from, long to, SegmentSet segments)
    {
        if (to < from)
        {
            throw new ArgumentException("a window must not end before it begins", nameof(to));
        }

        (int start, int end) = ClosedAt(from, to);
        if (LastAt(end, segments) is not { } last)
        {
            return new() { From = from, To = to, ExpectedBars = ExpectedIn(new(start + 1, end + 1)), Interval = CoarsestIn(new(start + 1, end + 1)), Partial = true };
        }

        RateSummary bars = Fold(start + 1, end, segments);
        return Window(from, to, LastAt(start, segments) is { } anchor ? RateSummary.Of(anchor) + bars : bars, last);
    }

    /// <summary>Names the sealed months that <see cref="Edges"/> must look into.</summary>
    internal void EdgeNeeds(RollingEdges known, ISet<int> months)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(months);
        foreach (int day in EdgeDays(stackalloc int[RollingWindow.All.Length]))
        {
            if (!known.Has(Months, day))
            {
                months.Add(BarTime.MonthOfDay(day));
            }
        }
    }

    /// <summary>
    /// Where the rolling windows begin in sealed months; the same instance if all of it is known. Good for this history and
    /// for those that follow, until a month changes or a window begins in another day: a live bar needs no month loaded.
    /// </summary>
    public RollingEdges Edges(RollingEdges known, SegmentSet segments)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(segments);
        return known.With(Months, EdgeDays(stackalloc int[RollingWindow.All.Length]), day =>
        {
            int month = MonthIndexStartingAtOrBefore(BarTime.FirstSlotOfDay(day + 1) - 1);
            return WindowEdge.Of(segments[Months[month].Month], day, null, After(month), isShared: false);
        });
    }

    /// <summary>
    /// All rolling windows as of the last known bar, in the order of <see cref="RollingWindow.All"/>; none if there is
    /// no bar.
    /// </summary>
    /// <param name="edges">What <see cref="Edges"/> gave for this history.</param>
    public Window[] RollingWindows(RollingEdges edges) => RollingWindows(edges, window => window);

    /// <inheritdoc cref="RollingWindows(RollingEdges)"/>
    /// <param name="edges">What <see cref="Edges"/> gave for this history.</param>
    /// <param name="of">What is wanted of each window.</param>
    public T[] RollingWindows<T>(RollingEdges edges, Func<Window, T> of)
    {
        ArgumentNullException.ThrowIfNull(edges);
        ArgumentNullException.ThrowIfNull(of);
        if (IsEmpty)
        {
            return [];
        }

        long to = BarTime.CloseSeconds(Life.LastSlot);
        Bar last = new(Life.LastSlot, Life.Last);
        T[] windows = new T[RollingWindow.All.Length];
        using WindowEdge.Reader reader = new();
        WindowEdge open = new() { Day = int.MinValue }; // of the open day that was looked at last
        for (int i = 0; i < windows.Length; i++)
        {
            long from = RollingWindow.All[i].From(Life);
            (int start, _) = ClosedAt(from, to);
            windows[i] = of(Window(from, to, start > Life.FirstSlot ? From(start) : Life, last));
        }

        return windows;

        RateSummary From(int start)
        {
            int day = BarTime.DayOf(start);
            if (Tail is not null && day >= Tail.BaseDay)
            {
                open = open.Day == day ? open : WindowEdge.Of(Tail, day, _sealed.IsEmpty ? null : new(_sealed.LastSlot, _sealed.Last), default, isShared: true);
                return reader.From(start, open);
            }

            int month = MonthIndexStartingAtOrBefore(start);
            if (EndsBy(month, start))
            {
                return RateSummary.Of(new(Months[month].Summary.LastSlot, Months[month].Summary.Last)) + After(month) + _open;
            }

            return edges.Has(Months, day)
                ? reader.From(start, in edges.Find(Months, day)) + _open
                : throw new InvalidOperationException($"day {day} since 1970 is needed and its edge was not made");
        }
    }

    /// <summary>All rolling windows, of months that a <see cref="RollingQuestion"/> names for a history of which nothing is known.</summary>
    public Window[] RollingWindows(SegmentSet segments) => RollingWindows(Edges(RollingEdges.None, segments));

    /// <summary>The sealed days within whose bars rolling windows begin, each once.</summary>
    /// <param name="room">Room for as many as there are windows.</param>
    private ReadOnlySpan<int> EdgeDays(Span<int> room)
    {
        int count = 0;
        foreach (RollingWindow window in IsEmpty ? [] : RollingWindow.All)
        {
            int start = BarTime.SlotAtSeconds(window.From(Life)) - 1, day = BarTime.DayOf(start);
            if (start > Life.FirstSlot && !(Tail is not null && day >= Tail.BaseDay) && !EndsBy(MonthIndexStartingAtOrBefore(start), start) && !room[..count].Contains(day))
            {
                room[count++] = day;
            }
        }

        return room[..count];
    }

    /// <summary>Whether a sealed month holds no bar after a slot.</summary>
    private bool EndsBy(int month, int slot) => Months[month].Summary.LastSlot <= slot;

    /// <summary>Summary of the sealed months after one.</summary>
    private RateSummary After(int month)
    {
        RateSummary summary = default;
        for (int i = month + 1; i < Months.Length; i++)
        {
            summary += Months[i].Summary;
        }

        return summary;
    }

    private Window Window(long from, long to, in RateSummary sequence, Bar last)
    {
        (int start, int end) = ClosedAt(from, to);
        bool isPartial = start < Life.FirstSlot;
        bool isExact = ExactDecimals.TrySubtract(last.Rate, sequence.First, out decimal pnl);
        Window window = new()
        {
            From = from,
            To = to,
            StartRate = sequence.First,
            EndRate = last.Rate,
            AsOf = BarTime.CloseSeconds(last.Slot),
            Pnl = pnl,
            Return = (double)pnl / (double)sequence.First,
            High = sequence.High,
            Low = sequence.Low,
            MaxDrawdown = sequence.MaxDrawdown,
            Volatility = sequence.Volatility,
            Bars = isPartial ? sequence.Count : sequence.Count - 1, // the first of the others is the one that From finds
            ExpectedBars = ExpectedIn(new(start + 1, end + 1)),
            Interval = CoarsestIn(new(start + 1, end + 1)),
            Partial = isPartial,
        };
        return isExact ? window : window.WithPnl((Amount)last.Rate - sequence.First);
    }

    /// <summary>Names the sealed months that <see cref="IsComplete"/> must look into.</summary>
    internal void CompleteNeeds(SlotRange range, ISet<int> months)
    {
        foreach (CoarseRun unread in Unread(range))
        {
            FoldNeeds(unread.Range.From, unread.Range.To - 1, months);
        }
    }

    /// <summary>Whether every slot of a range holds a bar or was read at the source and had none.</summary>
    public bool IsComplete(SlotRange range, SegmentSet segments)
    {
        foreach (CoarseRun unread in Unread(range))
        {
            if (Fold(unread.Range.From, unread.Range.To - 1, segments).Count < unread.Interval.PeriodsEndingIn(unread.Range))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The parts of a range over which no source was read at the interval on which they stand.</summary>
    private IEnumerable<CoarseRun> Unread(SlotRange range)
    {
        if (Coarse.IsNone)
        {
            return Coverage.Covers(range) ? [] : Coverage.MissingIn(range).Select(unread => new CoarseRun(unread, Interval.FiveMinutes));
        }

        return Parts(range).SelectMany(part => part.Interval == Interval.FiveMinutes
            ? Coverage.MissingIn(part.Range).Select(unread => part with { Range = unread })
            : Coverage.MissingIn(part.Range).SelectMany(Coarse.Coverage.MissingIn).Select(unread => part with { Range = unread }));
    }

    /// <summary>The slots from the first bar to the last.</summary>
    public SlotRange LifeRange => IsEmpty ? default : new(Life.FirstSlot, Life.LastSlot + 1);

    /// <summary>
    /// The gaps of the token's life: runs of slots without a bar between the first bar and the last, each told apart as
    /// read at the source and absent there, or not fetched. Looks into every month that is not full.
    /// </summary>
    public IEnumerable<Gap> Gaps(SegmentSet segments)
    {
        foreach (SlotRange absent in Absent(segments))
        {
            foreach (CoarseRun part in Parts(absent).Select(WholePeriods).Where(part => !part.Range.IsEmpty))
            {
                bool isFine = part.Interval == Interval.FiveMinutes;
                SlotRange[] missing = [.. isFine ? Coverage.MissingIn(part.Range) : Coverage.MissingIn(part.Range).SelectMany(Coarse.Coverage.MissingIn)];
                foreach (SlotRange fetched in Coverage.Of(missing).MissingIn(part.Range))
                {
                    yield return new(fetched, IsFetched: true, part.Interval);
                }

                foreach (SlotRange unread in missing)
                {
                    yield return new(unread, IsFetched: false, part.Interval);
                }
            }
        }
    }

    /// <summary>The whole periods of a part without a bar: a period that ends behind it has its bar there.</summary>
    private static CoarseRun WholePeriods(CoarseRun part)
    {
        int slots = part.Interval.Slots();
        return part with { Range = new((part.Range.From + slots - 1) / slots * slots, part.Range.To / slots * slots) };
    }

    /// <summary>Names the sealed months that <see cref="Gaps"/> must look into.</summary>
    internal void GapsNeeds(ISet<int> months)
    {
        foreach (MonthSummary month in Months)
        {
            if (!IsFull(month.Summary))
            {
                months.Add(month.Month);
            }
        }
    }

    private IEnumerable<SlotRange> Absent(SegmentSet segments)
    {
        int expected = Life.FirstSlot;
        foreach (MonthSummary month in Months)
        {
            if (IsFull(month.Summary))
            {
                if (month.Summary.FirstSlot > expected)
                {
                    yield return new(expected, month.Summary.FirstSlot);
                }

                expected = month.Summary.LastSlot + 1;
            }
            else
            {
                foreach (SlotRange absent in Absent(segments[month.Month], expected))
                {
                    yield return absent;
                }

                expected = month.Summary.LastSlot + 1;
            }
        }

        if (Tail is not null)
        {
            foreach (SlotRange absent in Absent(Tail, expected))
            {
                yield return absent;
            }
        }
    }

    private static List<SlotRange> Absent(Segment segment, int expected)
    {
        List<SlotRange> absent = [];
        DayBars day = DayBars.Rent();
        for (int i = 0; i < segment.DayCount; i++)
        {
            RateSummary summary = segment.Summary(i);
            if (IsFull(summary))
            {
                if (summary.FirstSlot > expected)
                {
                    absent.Add(new(expected, summary.FirstSlot));
                }
            }
            else
            {
                segment.Decode(i, day);
                foreach (int slot in day.Slots)
                {
                    if (slot > expected)
                    {
                        absent.Add(new(expected, slot));
                    }

                    expected = slot + 1;
                }
            }

            expected = summary.LastSlot + 1;
        }

        day.Return();
        return absent;
    }

    private static bool IsFull(in RateSummary summary) => summary.LastSlot - summary.FirstSlot + 1 == summary.Count;

    /// <summary>The last slots that are closed at two instants.</summary>
    private static (int Start, int End) ClosedAt(long from, long to) => (BarTime.SlotAtSeconds(from) - 1, BarTime.SlotAtSeconds(to) - 1);
}

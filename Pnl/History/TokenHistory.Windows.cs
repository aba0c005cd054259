namespace Pnl;

public sealed partial class TokenHistory
{
    /// <summary>Names the sealed months that <see cref="Window"/> must look into.</summary>
    public void WindowNeeds(long from, long to, ISet<int> months)
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
        Window window = new() { From = from, To = to, ExpectedBars = end - start, Partial = IsEmpty || start < Life.FirstSlot };
        if (LastAt(end, segments) is not { } last)
        {
            return window;
        }

        RateSummary bars = Fold(start + 1, end, segments);
        RateSummary sequence = LastAt(start, segments) is { } anchor ? RateSummary.Of(anchor) + bars : bars;
        decimal pnl = last.Rate - sequence.First;
        return window with
        {
            StartRate = sequence.First,
            EndRate = last.Rate,
            AsOf = BarTime.CloseSeconds(last.Slot),
            Pnl = pnl,
            Return = (double)pnl / (double)sequence.First,
            High = sequence.High,
            Low = sequence.Low,
            MaxDrawdown = sequence.MaxDrawdown,
            Volatility = sequence.Volatility,
            Bars = bars.Count,
        };
    }

    /// <summary>Names the sealed months that <see cref="RollingWindows"/> must look into.</summary>
    public void RollingNeeds(ISet<int> months)
    {
        if (IsEmpty)
        {
            return;
        }

        long to = BarTime.CloseSeconds(Life.LastSlot);
        foreach (RollingWindow window in RollingWindow.All)
        {
            WindowNeeds(window.From(Life), to, months);
        }
    }

    /// <summary>
    /// All rolling windows as of the last known bar, in the order of <see cref="RollingWindow.All"/>; none if there is
    /// no bar.
    /// </summary>
    public Window[] RollingWindows(SegmentSet segments)
    {
        if (IsEmpty)
        {
            return [];
        }

        long to = BarTime.CloseSeconds(Life.LastSlot);
        Window[] windows = new Window[RollingWindow.All.Length];
        for (int i = 0; i < windows.Length; i++)
        {
            windows[i] = Window(RollingWindow.All[i].From(Life), to, segments);
        }

        return windows;
    }

    /// <summary>Names the sealed months that <see cref="IsComplete"/> must look into.</summary>
    public void CompleteNeeds(SlotRange range, ISet<int> months)
    {
        foreach (SlotRange unread in Coverage.MissingIn(range))
        {
            FoldNeeds(unread.From, unread.To - 1, months);
        }
    }

    /// <summary>Whether every slot of a range holds a bar or was read at the source and had none.</summary>
    public bool IsComplete(SlotRange range, SegmentSet segments)
    {
        foreach (SlotRange unread in Coverage.MissingIn(range))
        {
            if (Fold(unread.From, unread.To - 1, segments).Count != unread.Length)
            {
                return false;
            }
        }

        return true;
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
            foreach (SlotRange part in Coverage.Within(absent))
            {
                yield return new(part, IsFetched: true);
            }

            foreach (SlotRange part in Coverage.MissingIn(absent))
            {
                yield return new(part, IsFetched: false);
            }
        }
    }

    /// <summary>Names the sealed months that <see cref="Gaps"/> must look into.</summary>
    public void GapsNeeds(ISet<int> months)
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

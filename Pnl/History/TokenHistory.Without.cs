namespace Pnl;

public sealed partial class TokenHistory
{
    /// <summary>Names the sealed months that <see cref="Without"/> looks into: a month all of which goes is not, be it damaged or not.</summary>
    /// <param name="range">The slots.</param>
    internal IReadOnlySet<int> WithoutNeeds(SlotRange range) => Months.Where(month => !IsWithin(month, range)).Select(month => month.Month).ToHashSet();

    private static bool IsWithin(MonthSummary month, SlotRange range) => month.Summary.FirstSlot >= range.From && month.Summary.LastSlot < range.To;

    /// <summary>
    /// Takes the bars of a range away, and counts the range as read by nobody. The history is made anew, so all of its months
    /// must be there that do not lie in the range.
    /// </summary>
    /// <param name="range">The slots. Of a coarser interval a bar goes whose last slot is among them.</param>
    /// <param name="segments">The months that <see cref="WithoutQuestion"/> names.</param>
    /// <param name="stagger">See <see cref="Stagger"/>.</param>
    /// <returns>The change, with months that are as they were left out; no change if there is nothing in the range.</returns>
    public HistoryChange Without(SlotRange range, SegmentSet segments, int stagger)
    {
        ArgumentNullException.ThrowIfNull(segments);
        Coverage gone = Coverage.Of([range]), coverage = Coverage.Except(gone), coarseCoverage = Coarse.Coverage.Except(gone);
        List<MergedDay> days = [];
        DayBars bars = DayBars.Rent();
        byte[] block = new byte[DayBlock.MaxLength];
        int removed = Months.Where(month => IsWithin(month, range)).Sum(month => month.Summary.Count);
        foreach ((int day, Segment segment, int index) in Days(segments, Months.Where(month => !IsWithin(month, range))))
        {
            SlotRange whole = new(BarTime.FirstSlotOfDay(day), BarTime.FirstSlotOfDay(day + 1));
            if (whole.Intersect(range).IsEmpty && Coarse.IsNone)
            {
                days.Add(new(day, segment.BlockBytes(index), []));
                continue;
            }

            segment.Decode(index, bars);
            List<Bar> kept = new(bars.Count);
            bars.CopyTo(kept);
            removed += kept.RemoveAll(bar => bar.Slot >= range.From && bar.Slot < range.To);
            if (kept.Count == 0)
            {
                continue;
            }

            CoarseRun[] runs = Coarse.IsNone ? [] : [.. kept
                .Select(bar => (bar.Slot, Interval: Coarse.IntervalOf(bar.Slot)))
                .Where(bar => bar.Interval != Interval.FiveMinutes)
                .Select(bar => new CoarseRun(new(bar.Slot + 1 - bar.Interval.Slots(), bar.Slot + 1), bar.Interval))];
            ReadOnlyMemory<byte> same = segment.BlockBytes(index);
            if (kept.Count != bars.Count)
            {
                bars.Set([.. kept]);
                same = block.AsSpan(0, DayBlock.Encode(bars, block)).ToArray();
            }

            days.Add(new(day, same, runs));
        }

        bars.Return();
        if (removed == 0 && coverage.Equals(Coverage) && coarseCoverage.Equals(Coarse.Coverage))
        {
            return HistoryChange.None(this);
        }

        HistoryChange anew = days.Count == 0
            ? new(Restore([], null, coverage, CoarseBars.Of([], coarseCoverage)), [], 0, 0, 0, true)
            : Empty.WithDays(days, coverage, coarseCoverage, SegmentSet.Empty, stagger, out _)!; // never null: there is no last bar that could go
        return anew with
        {
            IsChange = true,
            Sealed = [.. anew.Sealed.Where(month => !HasMonth(month.Summary.Month) || !month.Segment.Bytes.Span.SequenceEqual(segments[month.Summary.Month].Bytes.Span))],
            Dropped = [.. Months.Select(month => month.Month).Except(anew.History.Months.Select(month => month.Month))],
        };
    }
}

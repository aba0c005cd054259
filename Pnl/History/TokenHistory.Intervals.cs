using System.Collections.Immutable;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Pnl;

public sealed partial class TokenHistory
{
    private ImmutableArray<CoarseRun> _standing;

    /// <summary>The interval of a bar: coarser than 5 minutes where the source had no finer ones.</summary>
    public Interval IntervalOf(int slot) => Coarse.IntervalOf(slot);

    /// <summary>The coarsest interval of all bars.</summary>
    public Interval Coarsest => Coarse.Runs.IsEmpty ? Interval.FiveMinutes : Coarse.Runs.Max(run => run.Interval);

    /// <summary>The coarsest interval that a range of slots stands on; that of its first slot if it is empty.</summary>
    public Interval CoarsestIn(SlotRange range)
    {
        Interval coarsest = Interval.FiveMinutes;
        foreach (CoarseRun run in Standing)
        {
            if (!run.Range.Intersect(range.IsEmpty ? new(range.From, range.From + 1) : range).IsEmpty && run.Interval > coarsest)
            {
                coarsest = run.Interval;
            }
        }

        return coarsest;
    }

    /// <summary>How many bars there are at most in a range of slots: one a period of the interval that each part of it stands on.</summary>
    public int ExpectedIn(SlotRange range)
    {
        int expected = range.Length;
        foreach (CoarseRun run in Standing)
        {
            SlotRange part = run.Range.Intersect(range);
            expected -= part.Length - run.Interval.PeriodsEndingIn(part);
        }

        return expected;
    }

    /// <summary>Names the sealed months that <see cref="Digest"/> must look into.</summary>
    internal void DigestNeeds(int slot, ISet<int> months)
    {
        if (!IsEmpty)
        {
            FoldNeeds(Life.FirstSlot, slot, months);
        }
    }

    /// <summary>A fingerprint of the bars up to a slot, by what they come to and which of them are coarse.</summary>
    internal ulong Digest(int slot, SegmentSet segments)
    {
        RateSummary bars = IsEmpty || slot < Life.FirstSlot ? RateSummary.Empty : Fold(Life.FirstSlot, slot, segments);
        XxHash64 hash = new();
        hash.Append(new MonthSummary(0, bars).Store());
        foreach (CoarseRun run in Coarse.Runs.TakeWhile(run => run.Range.From <= slot))
        {
            hash.Append(MemoryMarshal.AsBytes<int>([run.Range.From, Math.Min(run.Range.To, slot + 1), (int)run.Interval]));
        }

        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>A range of slots cut by the interval that its parts stand on.</summary>
    private IEnumerable<CoarseRun> Parts(SlotRange range)
    {
        int at = range.From;
        foreach (CoarseRun run in Standing)
        {
            SlotRange part = run.Range.Intersect(range);
            if (part.IsEmpty)
            {
                continue;
            }

            if (part.From > at)
            {
                yield return new(new(at, part.From), Interval.FiveMinutes);
            }

            yield return new(part, run.Interval);
            at = part.To;
        }

        if (at < range.To)
        {
            yield return new(new(at, range.To), Interval.FiveMinutes);
        }
    }

    /// <summary>
    /// On which interval each part of the life stands, where that is coarser than 5 minutes. A gap behind a coarser bar stands
    /// on its interval, unless finer bars are in it; so does what lies before the first bar and behind the last one. Whether
    /// finer bars are in a gap is told by months: where one of its months holds finer bars as well, it stands on 5 minutes.
    /// </summary>
    private ImmutableArray<CoarseRun> Standing
    {
        get
        {
            if (_standing.IsDefault)
            {
                _standing = Stand();
            }

            return _standing;
        }
    }

    private ImmutableArray<CoarseRun> Stand()
    {
        if (Coarse.Runs.IsEmpty || IsEmpty)
        {
            return [];
        }

        List<CoarseRun> standing = [];
        foreach (CoarseRun run in Coarse.Runs)
        {
            if (standing.Count > 0 && standing[^1] is var last && !HoldsFiner(new(last.Range.To, run.Range.From)))
            {
                standing[^1] = last with { Range = new(last.Range.From, last.Interval == run.Interval ? run.Range.To : run.Range.From) };
                if (last.Interval == run.Interval)
                {
                    continue;
                }
            }

            standing.Add(run);
        }

        if (standing[0] is var first && first.Range.From <= Life.FirstSlot)
        {
            standing[0] = first with { Range = new(0, first.Range.To) };
        }

        if (standing[^1] is var end && end.Range.To > Life.LastSlot)
        {
            standing[^1] = end with { Range = new(end.Range.From, int.MaxValue) };
        }

        return [.. standing];
    }

    /// <summary>Whether there may be bars of 5 minutes in a gap between two bars of coarser intervals.</summary>
    private bool HoldsFiner(SlotRange gap)
    {
        if (gap.IsEmpty)
        {
            return false;
        }

        for (int i = MonthIndexEndingAtOrAfter(gap.From); i < Months.Length && Months[i].Summary.FirstSlot < gap.To; i++)
        {
            if (HoldsFiner(Months[i].Summary))
            {
                return true;
            }
        }

        return !_open.IsEmpty && _open.FirstSlot < gap.To && _open.LastSlot >= gap.From && HoldsFiner(_open);
    }

    private bool HoldsFiner(in RateSummary bars) => Coarse.CountIn(new(bars.FirstSlot, bars.LastSlot + 1)) < bars.Count;
}

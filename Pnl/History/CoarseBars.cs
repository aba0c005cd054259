using System.Collections.Immutable;

namespace Pnl;

/// <summary>A run of adjoining periods that each hold one bar of a coarser interval than 5 minutes, in its last slot.</summary>
/// <param name="Range">The slots of the periods, whole periods.</param>
/// <param name="Interval">Length of a period: 15m, 1h, 4h or 1d.</param>
public readonly record struct CoarseRun(SlotRange Range, Interval Interval)
{
    /// <summary>Number of bars.</summary>
    public int Count => Range.Length / Interval.Slots();
}

/// <summary>
/// Which bars of a history are of a coarser interval than 5 minutes, and over which periods a source was read at such an
/// interval. Most histories have none. Immutable.
/// </summary>
public sealed class CoarseBars : IEquatable<CoarseBars>
{
    /// <summary>Every bar is of 5 minutes.</summary>
    public static CoarseBars None { get; } = new([], Coverage.None);

    private CoarseBars(ImmutableArray<CoarseRun> runs, Coverage coverage)
    {
        Runs = runs;
        Coverage = coverage;
        foreach (CoarseRun run in runs)
        {
            Count += run.Count;
        }
    }

    /// <summary>The runs, disjoint and ascending; adjoining ones differ in their interval.</summary>
    public ImmutableArray<CoarseRun> Runs { get; }

    /// <summary>The slots of periods over which a source was read to the end at a coarser interval.</summary>
    public Coverage Coverage { get; }

    /// <summary>Number of bars of a coarser interval.</summary>
    public int Count { get; }

    /// <summary>Whether there is nothing of a coarser interval.</summary>
    public bool IsNone => Runs.IsEmpty && Coverage.Ranges.IsEmpty;

    /// <summary>Puts together what <see cref="Runs"/> and <see cref="Coverage"/> gave.</summary>
    public static CoarseBars Of(IEnumerable<CoarseRun> runs, Coverage coverage)
    {
        ArgumentNullException.ThrowIfNull(coverage);
        ImmutableArray<CoarseRun> joined = Joined(runs);
        return joined.IsEmpty && coverage.Ranges.IsEmpty ? None : new(joined, coverage);
    }

    /// <summary>With other coverage.</summary>
    public CoarseBars With(Coverage coverage) => Coverage.Equals(coverage) ? this : Of(Runs, coverage);

    /// <summary>With the periods of bars of one interval, given by their last slots in ascending order.</summary>
    public CoarseBars With(Interval interval, IEnumerable<int> lastSlots)
    {
        ArgumentNullException.ThrowIfNull(lastSlots);
        int length = interval.Slots();
        IEnumerable<CoarseRun> added = lastSlots.Select(last => new CoarseRun(new(last + 1 - length, last + 1), interval));
        return Of(Merged(Runs, Joined(added)), Coverage);
    }

    /// <summary>With whole days replaced: what was known of them is gone, and these runs, ascending and each within one of the days, are there.</summary>
    /// <param name="days">Days since the Unix epoch, ascending.</param>
    /// <param name="runs">The runs of these days.</param>
    public CoarseBars WithDays(IReadOnlyList<int> days, IEnumerable<CoarseRun> runs)
    {
        ArgumentNullException.ThrowIfNull(days);
        ImmutableArray<CoarseRun> added = Joined(runs);
        if (Runs.IsEmpty && added.IsEmpty)
        {
            return this;
        }

        List<CoarseRun> kept = [];
        int next = 0;
        foreach (CoarseRun run in Runs)
        {
            int from = run.Range.From;
            while (next < days.Count && BarTime.FirstSlotOfDay(days[next] + 1) <= from)
            {
                next++;
            }

            for (int i = next; i < days.Count && BarTime.FirstSlotOfDay(days[i]) < run.Range.To; i++)
            {
                int day = BarTime.FirstSlotOfDay(days[i]);
                if (day > from)
                {
                    kept.Add(run with { Range = new(from, day) });
                }

                from = day + BarTime.BarsPerDay;
            }

            if (from < run.Range.To)
            {
                kept.Add(run with { Range = new(from, run.Range.To) });
            }
        }

        return Of(Merged(kept, added), Coverage);
    }

    /// <summary>The interval of a bar.</summary>
    public Interval IntervalOf(int slot)
    {
        int i = IndexEndingAfter(slot);
        return i < Runs.Length && Runs[i].Range.From <= slot ? Runs[i].Interval : Interval.FiveMinutes;
    }

    /// <summary>Number of bars of a coarser interval in a range of slots.</summary>
    public int CountIn(SlotRange range)
    {
        int count = 0;
        for (int i = IndexEndingAfter(range.From); i < Runs.Length && Runs[i].Range.From < range.To; i++)
        {
            count += Runs[i].Interval.PeriodsEndingIn(Runs[i].Range.Intersect(range));
        }

        return count;
    }

    /// <inheritdoc/>
    public bool Equals(CoarseBars? other) => other is not null && Runs.AsSpan().SequenceEqual(other.Runs.AsSpan()) && Coverage.Equals(other.Coverage);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CoarseBars);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Runs.Length, Count, Coverage);

    private int IndexEndingAfter(int slot)
    {
        int low = 0, high = Runs.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Runs[middle].Range.To <= slot ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Two ascending lists as one.</summary>
    private static IEnumerable<CoarseRun> Merged(IReadOnlyList<CoarseRun> one, IReadOnlyList<CoarseRun> other)
    {
        int i = 0, j = 0;
        while (i < one.Count || j < other.Count)
        {
            yield return j == other.Count || (i < one.Count && one[i].Range.From <= other[j].Range.From) ? one[i++] : other[j++];
        }
    }

    private static ImmutableArray<CoarseRun> Joined(IEnumerable<CoarseRun> runs)
    {
        ImmutableArray<CoarseRun>.Builder joined = ImmutableArray.CreateBuilder<CoarseRun>();
        foreach (CoarseRun run in runs)
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Interval == run.Interval && run.Range.From <= last.Range.To)
            {
                joined[^1] = last with { Range = new(last.Range.From, Math.Max(last.Range.To, run.Range.To)) };
            }
            else
            {
                joined.Add(run);
            }
        }

        return joined.ToImmutable();
    }
}

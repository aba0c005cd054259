using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// The slots over which a source has been read to the end. A slot in here that holds no bar had none at the source; a
/// slot that is neither in here nor holds a bar has not been fetched. Immutable; ranges are disjoint, not adjoining, and
/// ascend.
/// </summary>
public sealed class Coverage : IEquatable<Coverage>
{
    /// <summary>Nothing has been read.</summary>
    public static Coverage None { get; } = new([]);

    private Coverage(ImmutableArray<SlotRange> ranges) => Ranges = ranges;

    /// <summary>The ranges read.</summary>
    public ImmutableArray<SlotRange> Ranges { get; }

    /// <summary>All of some ranges, in any order; those that overlap or adjoin become one.</summary>
    public static Coverage Of(IEnumerable<SlotRange> ranges)
    {
        SlotRange[] sorted = [.. ranges.Where(range => !range.IsEmpty)];
        Array.Sort(sorted, (one, other) => one.From.CompareTo(other.From));
        ImmutableArray<SlotRange>.Builder joined = ImmutableArray.CreateBuilder<SlotRange>();
        foreach (SlotRange range in sorted)
        {
            if (joined.Count > 0 && range.From <= joined[^1].To)
            {
                joined[^1] = joined[^1] with { To = Math.Max(joined[^1].To, range.To) };
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined.Count == 0 ? None : new(joined.ToImmutable());
    }

    /// <summary>Some slots, each a range of its own unless they adjoin.</summary>
    public static Coverage OfSlots(IEnumerable<int> slots) => Of(slots.Select(slot => new SlotRange(slot, slot + 1)));

    /// <summary>Adds a range; the same instance if it is in here already, or empty.</summary>
    public Coverage With(SlotRange range)
    {
        if (range.IsEmpty)
        {
            return this;
        }

        int first = 0;
        while (first < Ranges.Length && Ranges[first].To < range.From)
        {
            first++;
        }

        int end = first;
        SlotRange merged = range;
        while (end < Ranges.Length && Ranges[end].From <= range.To)
        {
            merged = new(Math.Min(merged.From, Ranges[end].From), Math.Max(merged.To, Ranges[end].To));
            end++;
        }

        return end == first + 1 && merged == Ranges[first]
            ? this
            : new(Ranges.RemoveRange(first, end - first).Insert(first, merged));
    }

    /// <summary>
    /// Adds what was read, whole periods of its interval only, and without those whose rows were set aside. The same instance
    /// if nothing changes.
    /// </summary>
    internal Coverage With(in Reading read)
    {
        int slots = read.Interval.Slots();
        Coverage coverage = With(new SlotRange((read.Covered.From + slots - 1) / slots * slots, read.Covered.To / slots * slots));
        foreach (int slot in read.SetAside ?? [])
        {
            coverage = coverage.Without(new(read.Interval.PeriodStart(slot), read.Interval.PeriodEnd(slot)));
        }

        return coverage.Equals(this) ? this : coverage;
    }

    /// <summary>Takes a range out; the same instance if none of it is in here.</summary>
    public Coverage Without(SlotRange range)
    {
        if (range.IsEmpty || !Within(range).Any())
        {
            return this;
        }

        ImmutableArray<SlotRange>.Builder left = ImmutableArray.CreateBuilder<SlotRange>(Ranges.Length + 1);
        foreach (SlotRange own in Ranges)
        {
            SlotRange before = new(own.From, Math.Min(own.To, range.From)), behind = new(Math.Max(own.From, range.To), own.To);
            if (!before.IsEmpty)
            {
                left.Add(before);
            }

            if (!behind.IsEmpty)
            {
                left.Add(behind);
            }
        }

        return new(left.ToImmutable());
    }

    /// <summary>What is in here and not in another.</summary>
    public Coverage Except(Coverage other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.Ranges.IsEmpty || Ranges.IsEmpty ? this : new([.. Ranges.SelectMany(other.MissingIn)]);
    }

    /// <summary>What is in here, in another, or in both.</summary>
    public Coverage Union(Coverage other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.Ranges.IsEmpty ? this : Ranges.IsEmpty ? other : Of(Ranges.Concat(other.Ranges));
    }

    /// <summary>Whether all of a range is in here.</summary>
    public bool Covers(SlotRange range) => range.IsEmpty || (FirstEndingAfter(range.From) is var i && i < Ranges.Length && Ranges[i].From <= range.From && Ranges[i].To >= range.To);

    private int FirstEndingAfter(int slot)
    {
        int low = 0, high = Ranges.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Ranges[middle].To <= slot ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>The parts of a range that are in here.</summary>
    public IEnumerable<SlotRange> Within(SlotRange range)
    {
        for (int i = FirstEndingAfter(range.From); i < Ranges.Length && Ranges[i].From < range.To; i++)
        {
            SlotRange part = Ranges[i].Intersect(range);
            if (!part.IsEmpty)
            {
                yield return part;
            }
        }
    }

    /// <summary>The parts of a range that are not in here.</summary>
    public IEnumerable<SlotRange> MissingIn(SlotRange range)
    {
        int from = range.From;
        foreach (SlotRange part in Within(range))
        {
            if (part.From > from)
            {
                yield return new(from, part.From);
            }

            from = part.To;
        }

        if (from < range.To)
        {
            yield return new(from, range.To);
        }
    }

    /// <inheritdoc/>
    public bool Equals(Coverage? other) => other is not null && Ranges.AsSpan().SequenceEqual(other.Ranges.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Coverage);

    /// <inheritdoc/>
    public override int GetHashCode() => Ranges.Length == 0 ? 0 : HashCode.Combine(Ranges.Length, Ranges[0], Ranges[^1]);
}

namespace Pnl;

/// <summary>A range of slots, <paramref name="From"/> included, <paramref name="To"/> not; empty if they are equal.</summary>
/// <param name="From">First slot.</param>
/// <param name="To">The slot behind the last one.</param>
public readonly record struct SlotRange(int From, int To)
{
    /// <summary>Whether there is no slot in it.</summary>
    public bool IsEmpty => To <= From;

    /// <summary>Number of slots.</summary>
    public int Length => IsEmpty ? 0 : To - From;

    /// <summary>What two ranges share.</summary>
    public SlotRange Intersect(SlotRange other) => new(Math.Max(From, other.From), Math.Min(To, other.To));
}

namespace Pnl;

/// <summary>A run of slots of a token's life without a bar.</summary>
/// <param name="Range">The slots.</param>
/// <param name="IsFetched">True if the source was read there and had none; false if nobody has asked it yet.</param>
/// <param name="Interval">The interval on which it stands: one bar a period is what it lacks.</param>
public readonly record struct Gap(SlotRange Range, bool IsFetched, Interval Interval = Interval.FiveMinutes)
{
    /// <summary>Number of bars that it lacks.</summary>
    public int Bars => Interval.PeriodsEndingIn(Range);
}

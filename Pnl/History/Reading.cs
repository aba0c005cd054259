namespace Pnl;

/// <summary>What was read of a listing with the bars that are handed over.</summary>
/// <param name="Covered">Slots over which it was read to the end: one without a bar had none there. May be empty.</param>
/// <param name="Interval">Of what interval the bars are; those of a coarser one than 5 minutes stand in the last slots of their periods.</param>
/// <param name="SetAside">Covered slots whose rows could not be taken: they stay not covered. Null for none.</param>
public readonly record struct Reading(SlotRange Covered, Interval Interval = Interval.FiveMinutes, IReadOnlyList<int>? SetAside = null)
{
    /// <summary>Bars of 5 minutes, none set aside.</summary>
    public static implicit operator Reading(SlotRange covered) => new(covered);

    /// <inheritdoc cref="op_Implicit"/>
    public static Reading FromSlotRange(SlotRange covered) => covered;
}

namespace Pnl;

/// <summary>What is kept of one listing: its own bars in its own quote, and what was read of it.</summary>
/// <param name="Listing">The listing, with its bounds.</param>
/// <param name="History">Its bars.</param>
public sealed record ListedBars(Listing Listing, TokenHistory History)
{
    /// <summary>
    /// The slots from which on, and up to which, it is known: from the first bar or reading to the last one, within its
    /// bounds. Empty if nothing is known of it.
    /// </summary>
    public SlotRange Known
    {
        get
        {
            Coverage covered = Covered;
            int from = int.MaxValue, to = int.MinValue;
            if (!History.IsEmpty)
            {
                (from, to) = (Listing.Interval.PeriodStart(History.Life.FirstSlot), History.Life.LastSlot + 1);
            }

            if (covered.Ranges is [var first, ..])
            {
                (from, to) = (Math.Min(from, first.From), Math.Max(to, covered.Ranges[^1].To));
            }

            return from > to ? default : new SlotRange(from, to).Intersect(Listing.Bounds);
        }
    }

    /// <summary>The slots over which it was read to the end, at its own interval.</summary>
    public Coverage Covered => Listing.Interval == Interval.FiveMinutes ? History.Coverage : History.Coarse.Coverage;
}

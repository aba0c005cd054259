namespace Pnl;

/// <summary>The last bars as of some times, and what all bars up to some times come to.</summary>
/// <param name="Slots">The last slots that count, in any order.</param>
/// <param name="Digested">The last slots of fingerprints.</param>
public sealed record RatesAtQuestion(int[] Slots, int[] Digested) : IHistoryQuestion<(Bar?[] Bars, ulong[] Digests)>
{
    /// <inheritdoc/>
    public IReadOnlySet<int> Months(TokenHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        SortedSet<int> months = [];
        foreach (int slot in Digested)
        {
            history.DigestNeeds(slot, months);
        }

        foreach (int slot in Slots)
        {
            history.LastAtNeeds(slot, months);
        }

        return months;
    }

    /// <inheritdoc/>
    /// <returns>The bar as of each slot, null before the first one; and a fingerprint up to each digested slot.</returns>
    public (Bar?[] Bars, ulong[] Digests) Answer(TokenHistory history, SegmentSet segments)
    {
        ArgumentNullException.ThrowIfNull(history);
        return (history.LastAt(Slots, segments), Array.ConvertAll(Digested, slot => history.Digest(slot, segments)));
    }
}

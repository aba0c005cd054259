namespace Pnl.Rates;

/// <summary>Sealed months of one row of a store, read together: those that are in the cache from there.</summary>
public static class SealedMonths
{
    private const int AtOnce = 16; // of a store in the cloud each is a request

    /// <summary>Loads months. Those that are read are put into the cache, unless they have changed meanwhile.</summary>
    /// <param name="store">The store.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="key">The row.</param>
    /// <param name="owner">Whose its months are in the cache.</param>
    /// <param name="months">The months, since January 1970.</param>
    /// <param name="isCurrent">Whether a month is still as it was when this was asked; null if none can change meanwhile.</param>
    /// <param name="damaged">Takes a month that is damaged, which then counts as such; null if that is thrown.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="StoreConflictException">The row was rewritten.</exception>
    /// <exception cref="SegmentCorruptException">A month is damaged, and nobody takes that.</exception>
    public static async ValueTask<SegmentSet> LoadAsync(
        this ISegmentStore store, SegmentCache cache, StoredKey key, long owner, IEnumerable<int> months, Func<int, bool>? isCurrent = null, Action<SegmentCorruptException>? damaged = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(months);
        SegmentSet segments = new();
        List<int> lacking = [];
        foreach (int month in months)
        {
            if (cache.Find(owner, month) is { } known)
            {
                segments.Add(month, known);
            }
            else
            {
                lacking.Add(month);
            }
        }

        foreach (int[] some in lacking.Chunk(AtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach ((int month, Segment? segment, SegmentCorruptException? damage) in await Task.WhenAll(some.Select(ReadAsync)))
            {
                if (segment is null)
                {
                    (damaged ?? throw damage!)(damage!);
                    segments.AddDamaged(month, damage!);
                    continue;
                }

                segments.Add(month, segment);
                if (isCurrent is null || isCurrent(month))
                {
                    cache.Put(owner, month, segment);
                }
            }
        }

        return segments;

        async Task<(int Month, Segment? Segment, SegmentCorruptException? Damage)> ReadAsync(int month)
        {
            try
            {
                return (month, await store.ReadMonthAsync(key, month, cancellation), null);
            }
            catch (SegmentCorruptException e)
            {
                return (month, null, e);
            }
        }
    }
}

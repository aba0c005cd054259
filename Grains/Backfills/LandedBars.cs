using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Hands the bars of candles to their token.</summary>
internal static class LandedBars
{
    /// <summary>Hands them over, as columns wherever their rates are mantissas of one scale. Null if the token is not registered.</summary>
    /// <param name="owner">The token.</param>
    /// <param name="listing">Whose the bars are.</param>
    /// <param name="landed">The candles.</param>
    /// <param name="tally">What is to be counted of a backfill once all are stored; null if they are none's.</param>
    public static async Task<IngestResult?> Take(ITokenGrain owner, TokenListing listing, LandedCandles landed, BackfillTally? tally)
    {
        (Candles candles, SlotRange covered) = (landed.Candles, landed.Covered);
        int[]? aside = landed.SetAside() is { Length: > 0 } slots ? slots : null;
        if (candles.Bars() is { } bars)
        {
            return await owner.IngestHistory(new()
            {
                Slots = bars.Slots,
                Mantissas = bars.Mantissas,
                Scale = bars.Scale,
                CoveredFrom = covered.From,
                CoveredTo = covered.To,
                Listing = listing,
                SetAside = aside,
                Interval = listing.Interval,
                Tally = tally,
            });
        }

        // Rates of 19 digits and more, which markets seldom have. The last part tells the coverage, once all are stored.
        IngestResult sum = new(0, 0, 0, [], 0);
        for (int from = 0; ; from += BarBatch.MaxLength)
        {
            int to = Math.Min(from + BarBatch.MaxLength, candles.Count);
            bool last = to == candles.Count;
            IngestResult? part = await owner.Ingest(new()
            {
                Time = Enumerable.Range(from, to - from).Select(i => BarPeriod.OpenSeconds(listing.Interval, candles.Slots[i])).ToArray(),
                Interval = listing.Interval,
                Rate = Enumerable.Range(from, to - from).Select(i => candles.Close[i]).ToArray(),
                CoveredFrom = last ? BarTime.OpenSeconds(covered.From) : null,
                CoveredTo = last ? BarTime.OpenSeconds(covered.To) : null,
                Source = listing.Source,
                Listing = listing,
                SetAside = last ? aside : null,
                Tally = tally is null ? null : last ? tally with { Quarantined = tally.Quarantined + sum.Rejected.Length } : new(tally.Backfill),
            });
            if (part is null)
            {
                return null;
            }

            sum = new(sum.Accepted + part.Accepted, sum.Unchanged + part.Unchanged, sum.Corrected + part.Corrected, [.. sum.Rejected, .. part.Rejected], part.Revision) { Counted = part.Counted };
            if (last)
            {
                return sum;
            }
        }
    }

    /// <summary>
    /// What a token counted of a backfill; null if nothing, or if it is not registered. Asked by a batch of nothing, of a listing that the
    /// backfill fetches: a silo of the release before answers it as well.
    /// </summary>
    public static async Task<BackfillCount?> Counted(ITokenGrain owner, TokenListing listing, string backfill) => (await owner.IngestHistory(new()
    {
        Slots = ReadOnlyMemory<int>.Empty,
        Mantissas = ReadOnlyMemory<long>.Empty,
        Scale = 0,
        Listing = listing,
        Interval = listing.Interval,
        Tally = new(backfill),
    }))?.Counted;
}

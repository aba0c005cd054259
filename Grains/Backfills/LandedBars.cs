using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Hands the bars of candles to their token.</summary>
internal static class LandedBars
{
    /// <summary>Hands them over, as columns wherever their rates are mantissas of one scale. Null if the token is not registered.</summary>
    public static async Task<IngestResult?> Take(ITokenGrain owner, TokenListing listing, LandedCandles landed)
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
                Time = Enumerable.Range(from, to - from).Select(i => BarTime.OpenSeconds(candles.Slots[i])).ToArray(),
                Rate = Enumerable.Range(from, to - from).Select(i => candles.Close[i]).ToArray(),
                CoveredFrom = last ? BarTime.OpenSeconds(covered.From) : null,
                CoveredTo = last ? BarTime.OpenSeconds(covered.To) : null,
                Source = listing.Source,
                Listing = listing,
                SetAside = last ? aside : null,
            });
            if (part is null)
            {
                return null;
            }

            sum = new(sum.Accepted + part.Accepted, sum.Unchanged + part.Unchanged, sum.Corrected + part.Corrected, [.. sum.Rejected, .. part.Rejected], part.Revision);
            if (last)
            {
                return sum;
            }
        }
    }
}

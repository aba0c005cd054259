namespace Pnl.Rates;

/// <summary>A month's bars as the landing has them.</summary>
internal static class LandedMonth
{
    /// <summary>
    /// What the month may have been: of each listing alone, and of all in the order in which they were fetched. Whoever asks must
    /// tell by a checksum or by sums whether one of them is what was stored.
    /// </summary>
    /// <param name="landing">The landing.</param>
    /// <param name="row">Id of the token, or of a row of one of its listings.</param>
    /// <param name="month">Months since January 1970.</param>
    /// <param name="within">Only bars from its first to its last; all without.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<IReadOnlyList<Segment>> ReadAsync(ILanding landing, string row, int month, RateSummary? within, CancellationToken cancellation)
    {
        string token = row.Split('@')[0];
        SlotRange whole = within is { IsEmpty: false } known ? new(known.FirstSlot, known.LastSlot + 1) : new(BarTime.FirstSlotOfMonth(month), BarTime.FirstSlotOfMonth(month + 1));
        List<LandedCandles> landed = [];
        await foreach (LandingKey key in landing.ListAsync(token, cancellation))
        {
            if (!key.Range.Intersect(whole).IsEmpty)
            {
                try
                {
                    landed.Add(await landing.ReadAsync(key, cancellation));
                }
                catch (RateFileException)
                {
                    // This file does not help; another may.
                }
            }
        }

        landed.Sort((one, other) => one.FetchedAt.CompareTo(other.FetchedAt));
        return [.. landed.GroupBy(candles => candles.Listing).Select(group => group.ToList()).Append(landed).Select(some => Of(some, whole, month)).OfType<Segment>()];
    }

    private static Segment? Of(IEnumerable<LandedCandles> landed, SlotRange whole, int month)
    {
        SortedDictionary<int, decimal> rates = [];
        foreach (LandedCandles candles in landed)
        {
            foreach (Candle candle in candles.Candles)
            {
                if (candle.Slot >= whole.From && candle.Slot < whole.To)
                {
                    rates[candle.Slot] = candle.Close;
                }
            }
        }

        if (rates.Count == 0)
        {
            return null;
        }

        // A bar of long after seals the month.
        Bar[] bars = [.. rates.Select(rate => new Bar(rate.Key, rate.Value)), new Bar(BarTime.FirstSlotOfMonth(month + 1) + 3 * BarTime.BarsPerDay, 1)];
        return TokenHistory.Empty.With(bars, default, SegmentSet.Empty, 0).Sealed.FirstOrDefault(made => made.Summary.Month == month)?.Segment;
    }
}

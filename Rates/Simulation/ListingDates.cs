namespace Pnl.Rates.Simulation;

/// <summary>
/// When tokens come and go. Most are listed from 2017 to 2024. One in 40 is a latecomer, listed from 2025 to 2034 at
/// even distances: in a market of 10,000 tokens every 15 days or so, and never more than 30 days apart.
/// </summary>
internal static class ListingDates
{
    private const int TokensPerLatecomer = 40;
    private const int FirstDay = 17_167; // 2017-01-01
    private const int FirstLateDay = 20_089; // 2025-01-01
    private const int EndDay = 23_741; // 2035-01-01
    private const int ShortestLifeDays = 30, LongestLifeDays = 3_650;
    private const double ShareDelisted = 0.01;

    /// <summary>The slot of a token's first bar.</summary>
    /// <param name="marketPhase">In [0, 1), the same for all tokens of a market.</param>
    /// <param name="token">Index of the token.</param>
    /// <param name="draw">In [0, 1), the token's own.</param>
    public static int Listed(double marketPhase, int token, double draw)
    {
        if (token % TokensPerLatecomer != TokensPerLatecomer - 1)
        {
            return SlotBetween(FirstDay, FirstLateDay, draw);
        }

        // Multiples of the golden ratio modulo 1 are spread evenly however many there are, so that neither chance nor
        // the size of the market leaves a long time without a listing.
        double along = marketPhase + token / TokensPerLatecomer * 0.6180339887498949;
        return SlotBetween(FirstLateDay, EndDay, along - Math.Floor(along));
    }

    /// <summary>The slot from which a token has no bars any more; null for the 99 % that stay.</summary>
    /// <param name="listed">The slot of its first bar.</param>
    /// <param name="fate">In [0, 1): whether it is delisted.</param>
    /// <param name="life">In [0, 1): how long it lives, 30 days to 10 years.</param>
    public static int? Delisted(int listed, double fate, double life) =>
        fate < ShareDelisted ? listed + SlotBetween(ShortestLifeDays, LongestLifeDays, life) : null;

    private static int SlotBetween(int fromDay, int toDay, double share) =>
        BarTime.FirstSlotOfDay(fromDay) + (int)((toDay - fromDay) * (double)BarTime.BarsPerDay * share);
}

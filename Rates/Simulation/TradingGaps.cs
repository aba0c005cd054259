using System.Runtime.CompilerServices;

namespace Pnl.Rates.Simulation;

/// <summary>The slots without a bar: single ones without a trade, and outages of 10 to 60 minutes.</summary>
internal readonly struct TradingGaps(ulong singleKey, ulong outageKey)
{
    private const int ShortestOutage = 2, LongestOutage = 12; // bars
    private const int DaysPerOutage = 64;

    /// <summary>Whether nobody traded in a slot: 0.2 % of them, each by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool NoTrade(int slot) => SeededHash.At(singleKey, slot) < ulong.MaxValue / 500;

    /// <summary>
    /// The outage of a UTC day as slots [From, To), empty on most days. It lies within the day, so that no other day
    /// need be looked at.
    /// </summary>
    public (int From, int To) OutageOn(int day)
    {
        ulong hash = SeededHash.At(outageKey, day);
        if (hash % DaysPerOutage != 0)
        {
            return (0, 0);
        }

        int length = ShortestOutage + (int)((hash >> 8) % (LongestOutage - ShortestOutage + 1));
        int from = BarTime.FirstSlotOfDay(day) + (int)((hash >> 16) % (ulong)(BarTime.BarsPerDay - length + 1));
        return (from, from + length);
    }
}

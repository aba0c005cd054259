namespace Pnl;

/// <summary>Decides whether a bar may be taken, as the contract has it; each bar by itself.</summary>
public static class BarCheck
{
    /// <summary>Checks a bar that somebody sent.</summary>
    /// <param name="openSeconds">Its open time, Unix seconds.</param>
    /// <param name="rate">Its rate.</param>
    /// <param name="now">The present: a bar may open at most 5 minutes later.</param>
    /// <param name="bar">The bar, its rate without trailing zeros.</param>
    /// <returns><see cref="BarDefect.None"/>, or why it is refused.</returns>
    public static BarDefect Check(long openSeconds, decimal rate, DateTimeOffset now, out Bar bar)
    {
        bar = default;
        if (openSeconds < 0 || openSeconds > BarTime.OpenSeconds(BarTime.MaxSlot))
        {
            return BarDefect.TimeOutOfRange;
        }

        (long slot, long rest) = Math.DivRem(openSeconds, BarTime.SecondsPerBar);
        if (rest != 0)
        {
            return BarDefect.TimeUnaligned;
        }

        if (openSeconds > now.ToUnixTimeSeconds() + BarTime.SecondsPerBar)
        {
            return BarDefect.TimeInFuture;
        }

        BarDefect defect = RateText.Normalise(rate, out decimal normal);
        bar = new((int)slot, normal);
        return defect;
    }

    /// <summary>
    /// The slots that a source is said to have been read over: whole slots only, none that is not closed by now; empty if
    /// either end is absent.
    /// </summary>
    public static SlotRange Covered(long? from, long? to, DateTimeOffset now)
    {
        if (from is not { } f || to is not { } t || f < 0 || t <= f)
        {
            return default;
        }

        int first = BarTime.SlotAtSeconds(Math.Min(f, BarTime.OpenSeconds(BarTime.MaxSlot)) + BarTime.SecondsPerBar - 1);
        int end = BarTime.SlotAtSeconds(Math.Min(t, now.ToUnixTimeSeconds()));
        return end > first ? new(first, end) : default;
    }
}

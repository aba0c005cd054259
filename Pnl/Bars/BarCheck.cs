namespace Pnl;

/// <summary>Decides whether a bar may be taken, as the contract has it; each bar by itself.</summary>
public static class BarCheck
{
    /// <summary>Checks a 5-minute bar that somebody sent.</summary>
    /// <param name="openSeconds">Its open time, Unix seconds.</param>
    /// <param name="rate">Its rate.</param>
    /// <param name="now">The present: a bar is known once it has closed.</param>
    /// <param name="bar">The bar, its rate without trailing zeros.</param>
    /// <returns><see cref="BarDefect.None"/>, or why it is refused.</returns>
    public static BarDefect Check(long openSeconds, decimal rate, DateTimeOffset now, out Bar bar) =>
        Check(openSeconds, rate, Interval.FiveMinutes, now, out bar, out _);

    /// <summary>Checks a bar of any interval that somebody sent, and puts it at the end of its period.</summary>
    /// <param name="openSeconds">Open time of its period, Unix seconds.</param>
    /// <param name="rate">Its rate; one of 29 digits is rounded half-even to 28.</param>
    /// <param name="interval">The length of its period, see <see cref="BarPeriod"/>.</param>
    /// <param name="now">The present: a bar is known once its period has closed.</param>
    /// <param name="bar">The bar of the last slot of its period, its rate without trailing zeros.</param>
    /// <param name="rounded">Whether its rate was rounded.</param>
    /// <returns>
    /// <see cref="BarDefect.None"/>, or why it is refused: <see cref="BarDefect.TimeInFuture"/> if it opens later than now + 5
    /// minutes, <see cref="BarDefect.BarOpen"/> if it opens before that and has not closed.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">Bars have no such interval.</exception>
    public static BarDefect Check(long openSeconds, decimal rate, Interval interval, DateTimeOffset now, out Bar bar, out bool rounded)
    {
        bar = default;
        rounded = false;
        int slots = BarPeriod.SlotsOf(interval);
        if (openSeconds < 0 || openSeconds > BarTime.OpenSeconds(BarTime.MaxSlot - slots + 1))
        {
            return BarDefect.TimeOutOfRange;
        }

        (long slot, long rest) = Math.DivRem(openSeconds, BarTime.SecondsPerBar);
        if (rest != 0 || slot % slots != 0)
        {
            return BarDefect.TimeUnaligned;
        }

        int last = (int)slot + slots - 1;
        if (openSeconds > now.ToUnixTimeSeconds() + BarTime.SecondsPerBar)
        {
            return BarDefect.TimeInFuture;
        }

        if (last > BarTime.LastClosedSlot(now))
        {
            return BarDefect.BarOpen;
        }

        BarDefect defect = RateText.NormaliseRounded(rate, out decimal normal, out rounded);
        bar = new(last, normal);
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

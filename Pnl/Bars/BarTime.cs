namespace Pnl;

/// <summary>
/// The 5-minute grid of bars. A slot is the number of a 5-minute interval since the Unix epoch, so that slot
/// <c>n</c> is the interval [n * 300 s, (n + 1) * 300 s) in UTC. Slots are what the engine counts with: a bar that opens
/// in slot <c>n</c> closes, and becomes known, at the instant where slot <c>n + 1</c> opens.
/// </summary>
public static class BarTime
{
    /// <summary>Length of a bar in seconds.</summary>
    public const int SecondsPerBar = 300;

    /// <summary>Bars in a UTC day.</summary>
    public const int BarsPerDay = 288;

    /// <summary>5-minute periods in a year of 365 days, the factor of annualised volatility.</summary>
    public const int BarsPerYear = 105_120;

    /// <summary>The last slot that a <see cref="DateTimeOffset"/> can express (in the year 9999).</summary>
    public const int MaxSlot = (int)(253_402_300_799 / SecondsPerBar) - 1;

    /// <summary>Unix seconds at which a slot opens.</summary>
    public static long OpenSeconds(int slot) => (long)slot * SecondsPerBar;

    /// <summary>Unix seconds at which a slot closes.</summary>
    public static long CloseSeconds(int slot) => ((long)slot + 1) * SecondsPerBar;

    /// <summary>UTC instant at which a slot opens.</summary>
    public static DateTimeOffset Open(int slot) => DateTimeOffset.FromUnixTimeSeconds(OpenSeconds(slot));

    /// <summary>UTC instant at which a slot closes.</summary>
    public static DateTimeOffset Close(int slot) => DateTimeOffset.FromUnixTimeSeconds(CloseSeconds(slot));

    /// <summary>The slot that contains an instant (floor).</summary>
    public static int SlotAt(DateTimeOffset time) => SlotAtSeconds(time.ToUnixTimeSeconds());

    /// <summary>The slot that contains an instant given in Unix seconds (floor).</summary>
    public static int SlotAtSeconds(long unixSeconds) => checked((int)Math.DivRem(unixSeconds, SecondsPerBar).Quotient)
        - (unixSeconds < 0 && unixSeconds % SecondsPerBar != 0 ? 1 : 0);

    /// <summary>The first slot that opens at an instant or after it (ceiling), a part of a second counting.</summary>
    public static int SlotAtOrAfter(DateTimeOffset time)
    {
        int slot = SlotAt(time);
        return Open(slot) < time ? slot + 1 : slot;
    }

    /// <summary>The last slot that is closed at an instant: the newest bar that may be known then.</summary>
    public static int LastClosedSlot(DateTimeOffset time) => SlotAt(time) - 1;

    /// <summary>The UTC day of a slot, counted since the Unix epoch.</summary>
    public static int DayOf(int slot) => slot >= 0 ? slot / BarsPerDay : (slot - (BarsPerDay - 1)) / BarsPerDay;

    /// <summary>The first slot of a UTC day counted since the Unix epoch.</summary>
    public static int FirstSlotOfDay(int day) => day * BarsPerDay;

    /// <summary>The UTC month of a day (both counted since the Unix epoch: January 1970 is 0).</summary>
    public static int MonthOfDay(int day)
    {
        DateTime date = DateTime.UnixEpoch.AddDays(day);
        return (date.Year - 1970) * 12 + date.Month - 1;
    }

    /// <summary>The UTC month of a slot, counted since January 1970.</summary>
    public static int MonthOf(int slot) => MonthOfDay(DayOf(slot));

    /// <summary>The first day (since the Unix epoch) of a month counted since January 1970.</summary>
    public static int FirstDayOfMonth(int month) =>
        (int)(new DateTime(1970 + month / 12, month % 12 + 1, 1, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalDays;

    /// <summary>The first slot of a month counted since January 1970.</summary>
    public static int FirstSlotOfMonth(int month) => FirstSlotOfDay(FirstDayOfMonth(month));

    /// <summary>Cuts a range at the beginnings of months, so that each piece lies within so many of them.</summary>
    public static IEnumerable<SlotRange> Months(SlotRange range, int monthsAPiece = 1)
    {
        for (int from = range.From; from < range.To;)
        {
            int end = Math.Min(FirstSlotOfMonth(MonthOf(from) + monthsAPiece), range.To);
            yield return new(from, end);
            from = end;
        }
    }
}

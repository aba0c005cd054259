namespace Pnl;

/// <summary>
/// The periods of bars that are coarser than 5 minutes: 15m, 1h, 4h and 1d, aligned to UTC. The rate of a period is that of
/// its last 5-minute slot, and becomes known when the period has closed: a daily rate of a day D is the bar of D 23:55.
/// 5m is such an interval as well, whose period is the slot itself.
/// </summary>
public static class BarPeriod
{
    /// <summary>The names of the intervals, for messages.</summary>
    public const string Names = "5m, 15m, 1h, 4h, 1d";

    /// <summary>Whether bars may have an interval; weeks and months are of series alone.</summary>
    public static bool IsOfBars(this Interval interval) => interval is >= Interval.FiveMinutes and <= Interval.Day;

    /// <summary>The number of 5-minute slots in a period, 1 to 288.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Bars have no such interval.</exception>
    public static int SlotsOf(Interval interval) => interval switch
    {
        Interval.FiveMinutes => 1,
        Interval.FifteenMinutes => 3,
        Interval.Hour => 12,
        Interval.FourHours => 48,
        Interval.Day => BarTime.BarsPerDay,
        _ => throw new ArgumentOutOfRangeException(nameof(interval), interval, $"bars are of {Names}"),
    };

    /// <summary>Length of a period in seconds, 300 to 86,400.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Bars have no such interval.</exception>
    public static int SecondsOf(Interval interval) => SlotsOf(interval) * BarTime.SecondsPerBar;

    /// <summary>The interval whose periods are so long; null if bars have none such.</summary>
    public static Interval? OfSeconds(long seconds) => seconds switch
    {
        300 => Interval.FiveMinutes,
        900 => Interval.FifteenMinutes,
        3_600 => Interval.Hour,
        14_400 => Interval.FourHours,
        86_400 => Interval.Day,
        _ => null,
    };

    /// <summary>The last slot of the period that begins with a slot.</summary>
    public static int LastSlot(Interval interval, int firstSlot) => firstSlot + SlotsOf(interval) - 1;

    /// <summary>Unix seconds at which the period opens of which a slot is the last.</summary>
    public static long OpenSeconds(Interval interval, int lastSlot) => BarTime.OpenSeconds(lastSlot - SlotsOf(interval) + 1);
}

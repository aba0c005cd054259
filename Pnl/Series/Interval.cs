namespace Pnl;

/// <summary>The length of the periods of a series, aligned to UTC; weeks start on Monday.</summary>
public enum Interval
{
    /// <summary>5 minutes: every bar.</summary>
    FiveMinutes,

    /// <summary>15 minutes.</summary>
    FifteenMinutes,

    /// <summary>One hour.</summary>
    Hour,

    /// <summary>4 hours.</summary>
    FourHours,

    /// <summary>A UTC day.</summary>
    Day,

    /// <summary>A week from Monday, UTC.</summary>
    Week,

    /// <summary>A calendar month, UTC.</summary>
    Month,
}

/// <summary>Names and boundaries of <see cref="Interval"/>.</summary>
public static class Intervals
{
    private static readonly string[] Names = ["5m", "15m", "1h", "4h", "1d", "1w", "1M"];

    /// <summary>All names, for messages.</summary>
    public static string AllNames => string.Join(", ", Names);

    /// <summary>The name in the API, such as <c>4h</c>.</summary>
    public static string Name(this Interval interval) => Names[(int)interval];

    /// <summary>Reads a name; capitals count, since 1m is no month.</summary>
    public static bool TryParse(string name, out Interval interval)
    {
        int i = Array.IndexOf(Names, name);
        interval = (Interval)Math.Max(i, 0);
        return i >= 0;
    }

    /// <summary>Whether bars may be of this interval: its periods lie within a UTC day.</summary>
    public static bool IsOfBars(this Interval interval) => interval <= Interval.Day;

    /// <summary>Slots of a period of an interval of up to a day.</summary>
    public static int Slots(this Interval interval) => interval switch
    {
        Interval.FiveMinutes => 1,
        Interval.FifteenMinutes => 3,
        Interval.Hour => 12,
        Interval.FourHours => 48,
        Interval.Day => BarTime.BarsPerDay,
        _ => throw new ArgumentOutOfRangeException(nameof(interval), interval, "its periods are not equally long"),
    };

    /// <summary>How many periods of an interval of up to a day have their last slot in a range: the bars that may be there.</summary>
    public static int PeriodsEndingIn(this Interval interval, SlotRange range)
    {
        int slots = interval.Slots();
        return range.IsEmpty ? 0 : range.To / slots - range.From / slots;
    }

    /// <summary>The first slot of the period that holds a slot.</summary>
    public static int PeriodStart(this Interval interval, int slot) => interval switch
    {
        Interval.FiveMinutes => slot,
        Interval.FifteenMinutes => slot - slot % 3,
        Interval.Hour => slot - slot % 12,
        Interval.FourHours => slot - slot % 48,
        Interval.Day => slot - slot % BarTime.BarsPerDay,
        Interval.Week => BarTime.FirstSlotOfDay(BarTime.DayOf(slot) - (BarTime.DayOf(slot) + 3) % 7), // day 0 was a Thursday
        Interval.Month => BarTime.FirstSlotOfMonth(BarTime.MonthOf(slot)),
        _ => throw new ArgumentOutOfRangeException(nameof(interval), interval, "no such interval"),
    };

    /// <summary>The first slot behind the period that holds a slot.</summary>
    public static int PeriodEnd(this Interval interval, int slot) => interval switch
    {
        Interval.Month => BarTime.FirstSlotOfMonth(BarTime.MonthOf(slot) + 1),
        Interval.Week => interval.PeriodStart(slot) + 7 * BarTime.BarsPerDay,
        Interval.FiveMinutes => slot + 1,
        Interval.FifteenMinutes => interval.PeriodStart(slot) + 3,
        Interval.Hour => interval.PeriodStart(slot) + 12,
        Interval.FourHours => interval.PeriodStart(slot) + 48,
        _ => interval.PeriodStart(slot) + BarTime.BarsPerDay,
    };
}

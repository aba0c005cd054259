using System.Globalization;

namespace Pnl;

/// <summary>
/// How long candles are, as files and exchanges write it: 1m, 5m, 30m, 1h, 1d and so on. Each length goes into the finest
/// interval of bars whose periods it fills without a rest: 1m into 5m, 3m into 15m, 30m into 1h, 12h into 1d. Only at the end of
/// such a period is its close known, so that nothing finer than that can be said; longer ones than a day are none.
/// </summary>
internal static class CandleLength
{
    private const int Minute = 60, Hour = 3_600, Day = 86_400;

    private static readonly Interval[] OfBars = [Interval.FiveMinutes, Interval.FifteenMinutes, Interval.Hour, Interval.FourHours, Interval.Day];

    /// <summary>Lengths of regular candles that files are looked through for, the longest first; in seconds.</summary>
    public static ReadOnlySpan<int> Usual => [Day, 12 * Hour, 8 * Hour, 6 * Hour, 4 * Hour, 2 * Hour, Hour, 30 * Minute, 15 * Minute, 10 * Minute, 5 * Minute, 3 * Minute, 2 * Minute, Minute];

    /// <summary>Reads a name such as <c>1m</c>, <c>30min</c>, <c>4h</c> or <c>1d</c>.</summary>
    /// <param name="name">The name; a capital M is a month, and no length.</param>
    /// <param name="seconds">The length; 0 if it is none.</param>
    public static bool TryParse(ReadOnlySpan<char> name, out int seconds)
    {
        seconds = 0;
        int digits = 0;
        while (digits < name.Length && char.IsAsciiDigit(name[digits]))
        {
            digits++;
        }

        int unit = name[digits..] switch
        {
            "s" or "sec" => 1,
            "m" or "min" => Minute,
            "h" or "H" => Hour,
            "d" or "D" => Day,
            "w" or "W" => 7 * Day,
            _ => 0,
        };
        const int Most = 1000;
        if (unit == 0 || !int.TryParse(name[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > Most)
        {
            return false;
        }

        seconds = number * unit;
        return true;
    }

    /// <summary>The name of a length, such as <c>1m</c>.</summary>
    public static string Name(long seconds) => string.Create(CultureInfo.InvariantCulture, $"{(seconds % Day == 0 ? seconds / Day : seconds % Hour == 0 ? seconds / Hour : seconds % Minute == 0 ? seconds / Minute : seconds)}{(seconds % Day == 0 ? "d" : seconds % Hour == 0 ? "h" : seconds % Minute == 0 ? "m" : "s")}");

    /// <summary>The length in words, such as <c>1-minute</c> or <c>daily</c>.</summary>
    public static string Word(long seconds) => seconds switch
    {
        Day => "daily",
        Hour => "hourly",
        _ when seconds % Day == 0 => Words(seconds / Day, "day"),
        _ when seconds % Hour == 0 => Words(seconds / Hour, "hour"),
        _ when seconds % Minute == 0 => Words(seconds / Minute, "minute"),
        _ => Words(seconds, "second"),
    };

    /// <summary>The interval of the bars that candles of a length make; null for those longer than a day, or of odd lengths.</summary>
    public static Interval? Target(int seconds)
    {
        foreach (Interval interval in OfBars)
        {
            if (BarPeriod.SecondsOf(interval) % seconds == 0)
            {
                return interval;
            }
        }

        return null;
    }

    private static string Words(long number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number}-{unit}");
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Pnl;

/// <summary>A time as exports and spreadsheets write it, before it is known whether the day or the month comes first.</summary>
/// <param name="Year">The year.</param>
/// <param name="First">The month; or where <paramref name="IsOpen"/>, whichever of day and month stands first.</param>
/// <param name="Second">The day; or where <paramref name="IsOpen"/>, whichever of day and month stands second.</param>
/// <param name="IsOpen">Whether its signs do not say which of day and month comes first, as in 02/03/2024.</param>
/// <param name="Clock">The time of day.</param>
/// <param name="Offset">How far it is ahead of UTC; null if it does not say.</param>
/// <param name="IsShortYear">Whether the year has two digits.</param>
internal sealed partial record LedgerTime(int Year, int First, int Second, bool IsOpen, TimeSpan Clock, TimeSpan? Offset, bool IsShortYear)
{
    /// <summary>Whether the day must come first: null if either may.</summary>
    public bool? IsDayFirst => !IsOpen ? null : First > 12 && Second <= 12 ? true : Second > 12 && First <= 12 ? false : null;

    /// <summary>Reads a text; null if it is no date with a time of day.</summary>
    public static LedgerTime? Of(string text)
    {
        if (Times().Match(text) is not { Success: true } match || ClockOf(match) is not { } clock)
        {
            return null;
        }

        (int year, bool isShort) = match.Groups["yy"].Success ? (2000 + Number(match, "yy"), true) : (Number(match, "y"), false);
        TimeSpan? offset = match.Groups["o"].Success ? OffsetOf(match.Groups["o"].Value) : match.Groups["z"].Success ? TimeSpan.Zero : null;
        if (match.Groups["o"].Success && offset is null)
        {
            return null;
        }

        if (!match.Groups["a"].Success)
        {
            return new(year, Number(match, "m"), Number(match, "d"), IsOpen: false, clock, offset, isShort);
        }

        (int first, int second) = (Number(match, "a"), Number(match, "b"));
        return match.Groups["s"].Value == "." // nowhere with the month first
            ? new(year, second, first, IsOpen: false, clock, offset, isShort)
            : new(year, first, second, IsOpen: true, clock, offset, isShort);
    }

    /// <summary>How far ahead of UTC, by a text such as +1, -03:30 or +0200; null if it is none.</summary>
    public static TimeSpan? OffsetOf(string text)
    {
        Match match = Offsets().Match(text);
        TimeSpan size = match.Success ? new TimeSpan(Number(match, "h"), match.Groups["m"].Success ? Number(match, "m") : 0, 0) : TimeSpan.MaxValue;
        return size > TimeSpan.FromHours(14) ? null : match.Groups["s"].Value == "-" ? -size : size;
    }

    /// <summary>The time in UTC; null if there is no such day.</summary>
    /// <param name="dayFirst">Whether the day comes first, where that is open.</param>
    /// <param name="offset">How far it is ahead of UTC, where it does not say.</param>
    public DateTimeOffset? Utc(bool dayFirst, TimeSpan offset)
    {
        (int month, int day) = IsOpen && dayFirst ? (Second, First) : (First, Second);
        return Year is >= 1900 and <= 9998 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(Year, month)
            ? new DateTimeOffset(Year, month, day, 0, 0, 0, TimeSpan.Zero) + Clock - (Offset ?? offset)
            : null;
    }

    private static TimeSpan? ClockOf(Match match)
    {
        int hour = Number(match, "h"), minute = Number(match, "min"), second = match.Groups["sec"].Success ? Number(match, "sec") : 0;
        if (match.Groups["ap"] is { Success: true } half)
        {
            if (hour is < 1 or > 12)
            {
                return null;
            }

            hour = hour % 12 + (half.Value is ['p' or 'P', ..] ? 12 : 0);
        }

        long ticks = match.Groups["f"].Success ? long.Parse(match.Groups["f"].Value.PadRight(7, '0'), CultureInfo.InvariantCulture) : 0;
        return hour > 23 || minute > 59 || second > 59 ? null : new TimeSpan(hour, minute, second) + TimeSpan.FromTicks(ticks);
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^(?:(?<y>[0-9]{4})(?<p>[-/.])(?<m>[0-9]{1,2})\k<p>(?<d>[0-9]{1,2})|(?<a>[0-9]{1,2})(?<s>[-/.])(?<b>[0-9]{1,2})\k<s>(?<y>[0-9]{4})|(?<yy>[0-9]{2})-(?<m>[0-9]{2})-(?<d>[0-9]{2}))"
        + @"(?:T|,? +)(?<h>[0-9]{1,2}):(?<min>[0-9]{2})(?::(?<sec>[0-9]{2})(?:[.,](?<f>[0-9]{1,7}))?)?(?: *(?<ap>[AaPp][Mm]))? *(?<z>Z|UTC|GMT)?(?<o>[+-][0-9]{1,2}(?::?[0-9]{2})?)?$")]
    private static partial Regex Times();

    [GeneratedRegex(@"^(?<s>[+-])(?<h>[0-9]{1,2})(?::?(?<m>[0-9]{2}))?$")]
    private static partial Regex Offsets();
}

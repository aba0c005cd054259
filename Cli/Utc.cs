using System.Globalization;

namespace Pnl.Cli;

/// <summary>Times as the tool reads and writes them: to the minute, in UTC, for bars open and close on full minutes.</summary>
internal static class Utc
{
    private const long LastSecond = 253_402_300_799;

    public static string Text(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>The day alone.</summary>
    public static string Day(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>Without a space in it, as the API reads it: a date where it is the beginning of one.</summary>
    public static string Bound(DateTimeOffset time) =>
        time.ToUniversalTime() is { TimeOfDay.Ticks: 0 } day ? Day(day) : time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>With all its digits, for programs.</summary>
    public static string Exact(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);

    /// <summary>Reads RFC 3339, a date for its beginning, or Unix seconds; not before 1970.</summary>
    public static bool TryRead(string text, out DateTimeOffset time)
    {
        time = default;
        if (Rfc3339.TryParseExact(text, out long seconds, out int nanoseconds) || Rfc3339.TryParseDate(text, out seconds) || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds))
        {
            bool isInRange = seconds is >= 0 and <= LastSecond;
            time = isInRange ? DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100) : default;
            return isInRange;
        }

        return false;
    }

    /// <summary>A time that <see cref="TryRead"/> can read; null if there is none.</summary>
    public static DateTimeOffset? Read(string? text) => text is not null && TryRead(text, out DateTimeOffset time) ? time : null;
}

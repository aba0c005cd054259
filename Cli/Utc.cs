using System.Globalization;

namespace Pnl.Cli;

/// <summary>Times as the tool writes them, to the minute, in UTC: bars open and close on full minutes.</summary>
internal static class Utc
{
    public static string Text(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>The day alone.</summary>
    public static string Day(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>Without a space in it, as the API reads it: a date where it is the beginning of one.</summary>
    public static string Bound(DateTimeOffset time) =>
        time.ToUniversalTime() is { TimeOfDay.Ticks: 0 } day ? Day(day) : time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}

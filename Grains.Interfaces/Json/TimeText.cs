using System.Globalization;

namespace Pnl.Grains;

/// <summary>Times as text, in bodies and in addresses.</summary>
internal static class TimeText
{
    private const long LastSecond = 253_402_300_799;

    /// <summary>Whether Unix seconds are a time of the API: from 1970 to the year 9999.</summary>
    public static bool IsTime(long seconds) => seconds is >= 0 and <= LastSecond;

    /// <summary>RFC 3339 in UTC, with as many decimals of a second as there are.</summary>
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);

    /// <summary>Reads RFC 3339 with its decimals of a second, to 100 ns, or whole Unix seconds.</summary>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && IsTime(seconds))
        {
            time = DateTimeOffset.FromUnixTimeSeconds(seconds);
            return true;
        }

        bool ok = Rfc3339.TryParse(text, out seconds, out bool wholeSecond) && IsTime(seconds);
        time = !ok ? default
            : !wholeSecond && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset exact) ? exact
            : DateTimeOffset.FromUnixTimeSeconds(seconds);
        return ok;
    }
}

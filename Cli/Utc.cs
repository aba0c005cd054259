using System.Globalization;

namespace Pnl.Cli;

/// <summary>Times as the tool writes them, to the minute, in UTC: bars open and close on full minutes.</summary>
internal static class Utc
{
    public static string Text(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "–";
}

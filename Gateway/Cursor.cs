using System.Globalization;

namespace Pnl.Gateway;

/// <summary>Where a page of a series ends: the open time of the next point, in Unix seconds. To clients it is opaque.</summary>
internal static class Cursor
{
    public static string? Of(DateTimeOffset? next) => next?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    public static DateTimeOffset? Time(string? cursor) =>
        string.IsNullOrEmpty(cursor) ? null
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && QueryText.IsTime(seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds)
        : throw ApiException.BadRequest("cursor.malformed", $"'{cursor}' is no cursor.", "cursor", "the nextCursor of the answer before");
}

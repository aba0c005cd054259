using System.Globalization;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>
/// Where a page ends. To clients it is opaque: of tokens the last id, of a series the open time of the next point and, so
/// that pages join to the whole, the PnL accumulated before it.
/// </summary>
internal readonly record struct Cursor(DateTimeOffset Next, decimal CumulativePnl)
{
    private const char Separator = '_';

    public static string? Of(DateTimeOffset? next) => next?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    public static string? Of(DateTimeOffset? next, decimal cumulativePnl) =>
        next is null ? null : string.Create(CultureInfo.InvariantCulture, $"{Of(next)}{Separator}{cumulativePnl}");

    /// <summary>The cursor of a series or of rates; null if there is none.</summary>
    public static Cursor? Read(string? text)
    {
        if (text is null)
        {
            return null;
        }

        int end = text.IndexOf(Separator, StringComparison.Ordinal);
        decimal cumulative = 0m;
        return long.TryParse(end < 0 ? text : text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && QueryText.IsTime(seconds)
            && (end < 0 || decimal.TryParse(text[(end + 1)..], NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out cumulative))
            ? new(DateTimeOffset.FromUnixTimeSeconds(seconds), cumulative)
            : throw Malformed(text);
    }

    /// <summary>The cursor of a list of tokens; null if there is none.</summary>
    public static string? Token(string? text) => text is null || TokenId.IsValid(text) ? text : throw Malformed(text);

    /// <summary>The cursor of a list that is counted: how many to pass over; null if there is none.</summary>
    public static int? Count(string? text) =>
        text is null ? null : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : throw Malformed(text);

    public static string? Of(EntryPlace? place) =>
        place is null ? null : string.Create(CultureInfo.InvariantCulture, $"{place.Time.UtcTicks}{Separator}{(int)place.Kind}{Separator}{place.Id}");

    /// <summary>The cursor of a ledger: behind which entry to go on, whether it is there any more or not; null if there is none.</summary>
    public static EntryPlace? Entry(string? text) =>
        text is null ? null
        : text.Split(Separator, 3) is [string ticks, string kind, string id]
            && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out long t) && t <= DateTimeOffset.MaxValue.UtcTicks
            && byte.TryParse(kind, NumberStyles.None, CultureInfo.InvariantCulture, out byte k) && Enum.IsDefined((EntryKind)k)
            ? new(new DateTimeOffset(t, TimeSpan.Zero), (EntryKind)k, id)
        : throw Malformed(text);

    private static ApiException Malformed(string text) =>
        ApiException.BadRequest("cursor.malformed", $"'{text}' is no cursor.", "cursor", "the nextCursor of the answer before");
}

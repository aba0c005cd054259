using System.Globalization;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>
/// Where a page ends. To clients it is opaque: of tokens the last id, of a series the open time of the next point and, so
/// that pages join to the whole, the PnL accumulated before it and the revision by which it was.
/// </summary>
internal readonly record struct Cursor(DateTimeOffset Next, Amount CumulativePnl, long? Revision = null)
{
    private const char Separator = '_';
    private const int MostDigits = 200; // no sum of PnL has as many

    public static string? Of(DateTimeOffset? next) => next?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    public static string? Of(DateTimeOffset? next, Amount cumulativePnl, long revision) =>
        next is null ? null : string.Create(CultureInfo.InvariantCulture, $"{Of(next)}{Separator}{cumulativePnl}{Separator}{revision}");

    /// <summary>The cursor of a series or of rates; null if there is none.</summary>
    public static Cursor? Read(string? text)
    {
        if (text is null)
        {
            return null;
        }

        string[] parts = text.Split(Separator, 3); // those of earlier releases, and those that clients make, have fewer
        Amount cumulative = Amount.Zero;
        long revision = 0;
        return long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && TimeText.IsTime(seconds)
            && (parts.Length < 2 || (parts[1].Length < MostDigits && Amount.TryParse(parts[1], out cumulative)))
            && (parts.Length < 3 || long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out revision))
            ? new(DateTimeOffset.FromUnixTimeSeconds(seconds), cumulative, parts.Length < 3 ? null : revision)
            : throw Malformed(text);
    }

    /// <summary>Where the range begins of which a cursor names a page: at its start, or before all there is; null of the first page.</summary>
    public static DateTimeOffset? RangeFrom(string? text, DateTimeOffset? start) => text is null ? null : start ?? DateTimeOffset.UnixEpoch;

    /// <summary>The cursor of a list of tokens; null if there is none.</summary>
    public static string? Token(string? text) => text is null || TokenId.IsValid(text) ? text : throw Malformed(text);

    /// <summary>The cursor of a list that is counted, with what tells its state.</summary>
    public static string Of(int count, long state) => string.Create(CultureInfo.InvariantCulture, $"{count}{Separator}{state}");

    /// <summary>
    /// What the cursor of a list that is counted says: how many to pass over, and the state of the pages before, which cursors of
    /// earlier releases do not tell.
    /// </summary>
    public static (int Count, long? State) Counted(string? text)
    {
        string[] parts = text?.Split(Separator, 2) ?? ["0"];
        long state = 0;
        return int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && (parts.Length < 2 || long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out state))
            ? (count, parts.Length < 2 ? null : state)
            : throw Malformed(text!);
    }

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

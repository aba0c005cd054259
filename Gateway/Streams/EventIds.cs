using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Pnl.Gateway;

/// <summary>
/// What a listener has seen, as the id of an event: the store's epoch, a digest of what the stream follows, then the revision last sent of each
/// in the order of their ids, hexadecimal; 0 for none. <c>9f3c2a77e0b1d455~1f0c9a77:3e8.0.4b</c>.
/// </summary>
internal static class EventIds
{
    /// <summary>The header by which a client tells the last id that it saw.</summary>
    public const string Header = "Last-Event-ID";

    /// <summary>The kind of a stream that follows tokens.</summary>
    public const string Token = "token";

    /// <summary>The kind of a stream that follows a portfolio.</summary>
    public const string Portfolio = "portfolio";

    public static string Of(StoreEpoch epoch, string kind, SortedDictionary<string, long> seen)
    {
        StringBuilder id = new(Digest(kind, seen.Keys));
        char separator = ':';
        foreach (long revision in seen.Values)
        {
            id.Append(separator).Append(revision.ToString("x", CultureInfo.InvariantCulture));
            separator = '.';
        }

        return epoch.Mark(id.ToString());
    }

    /// <summary>What a client has seen of what its stream follows, by the id that it sends; nothing without one, or by one of another epoch.</summary>
    public static SortedDictionary<string, long> Read(StoreEpoch epoch, string? id, string kind, IEnumerable<string> followed)
    {
        SortedDictionary<string, long> seen = new(StringComparer.Ordinal);
        foreach (string one in followed)
        {
            seen[one] = 0;
        }

        if (string.IsNullOrEmpty(id))
        {
            return seen;
        }

        (StoreEpoch.Told told, string inEpoch) = epoch.Take(id);
        string[] parts = inEpoch.Split(':');
        string[] revisions = parts is [_, string given] ? given.Split('.') : [];
        if (parts[0] != Digest(kind, seen.Keys) || revisions.Length != seen.Count)
        {
            throw Wrong(id);
        }

        foreach ((string one, string revision) in seen.Keys.ToArray().Zip(revisions))
        {
            long last = long.TryParse(revision, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long value) && value >= 0 ? value : throw Wrong(id);
            seen[one] = told == StoreEpoch.Told.Now ? last : 0;
        }

        return seen;
    }

    private static string Digest(string kind, IEnumerable<string> followed) =>
        XxHash32.HashToUInt32(Encoding.UTF8.GetBytes((kind == Token ? "" : kind + " ") + string.Join(',', followed))).ToString("x8", CultureInfo.InvariantCulture);

    private static ApiException Wrong(string id) => ApiException.BadRequest(
        "lastEventId.malformed", $"'{id}' is no id of an event of this stream.", Header, "the id of the last event seen of the same tokens or the same portfolio, or none");
}

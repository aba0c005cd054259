using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Pnl.Gateway;

/// <summary>
/// What a listener has seen, as the id of an event: a digest of the stream's tokens, then the revision last sent of each in
/// the order of their ids, hexadecimal; 0 for none. <c>1f0c9a77:3e8.0.4b</c>.
/// </summary>
internal static class EventIds
{
    /// <summary>The header by which a client tells the last id that it saw.</summary>
    public const string Header = "Last-Event-ID";

    public static string Of(SortedDictionary<string, long> seen)
    {
        StringBuilder id = new(Digest(seen.Keys));
        char separator = ':';
        foreach (long revision in seen.Values)
        {
            id.Append(separator).Append(revision.ToString("x", CultureInfo.InvariantCulture));
            separator = '.';
        }

        return id.ToString();
    }

    /// <summary>What a client has seen of the tokens of its stream, by the id that it sends; nothing without one.</summary>
    public static SortedDictionary<string, long> Read(string? id, IEnumerable<string> tokens)
    {
        SortedDictionary<string, long> seen = new(StringComparer.Ordinal);
        foreach (string token in tokens)
        {
            seen[token] = 0;
        }

        if (string.IsNullOrEmpty(id))
        {
            return seen;
        }

        string[] parts = id.Split(':');
        string[] revisions = parts is [_, string given] ? given.Split('.') : [];
        if (parts[0] != Digest(seen.Keys) || revisions.Length != seen.Count)
        {
            throw Wrong(id);
        }

        foreach ((string token, string revision) in seen.Keys.ToArray().Zip(revisions))
        {
            seen[token] = long.TryParse(revision, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long value) && value >= 0 ? value : throw Wrong(id);
        }

        return seen;
    }

    private static string Digest(IEnumerable<string> tokens) =>
        XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(string.Join(',', tokens))).ToString("x8", CultureInfo.InvariantCulture);

    private static ApiException Wrong(string id) => ApiException.BadRequest(
        "lastEventId.malformed", $"'{id}' is no id of an event of a stream of these tokens.", Header, "the id of the last event seen of the same tokens, or none");
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// The checksum of each API key, by its id, as they are stored: beside the list of keys, which stays as releases before read
/// it. Where the list is damaged, they tell which keys of it are good.
/// </summary>
internal sealed class ApiKeySums : IKeptInParts
{
    private const string DamagedName = "damaged: revoke it and make another";
    private static readonly byte[] Start = "{\"id\":\""u8.ToArray(); // of a key; within a text quotes are escaped

    public Dictionary<string, long> Sums { get; set; } = [];

    /// <summary>Without them a list that is whole is good, and one that is damaged has no good key.</summary>
    public void TakeDamaged(string text) => Sums = [];

    /// <summary>The checksums of keys.</summary>
    public static ApiKeySums Of(IEnumerable<ApiKeyInfo> keys) => new() { Sums = keys.ToDictionary(key => key.Id, Of, StringComparer.Ordinal) };

    /// <summary>Whether a key is one of which no more than its name is known: it lets nobody in, and can be revoked.</summary>
    public static bool IsDamaged(ApiKeyInfo key) => key.Hash.Length == 0;

    /// <summary>The keys of a list that is damaged: those that are good, and of the others their names.</summary>
    /// <param name="text">The list as it is stored.</param>
    public List<ApiKeyInfo> Held(string text)
    {
        List<ApiKeyInfo> keys = [];
        byte[] json = Encoding.UTF8.GetBytes(text);
        for (int at = json.AsSpan().IndexOf(Start); at >= 0;)
        {
            int next = json.AsSpan(at + 1).IndexOf(Start), end = next < 0 ? json.Length : at + 1 + next;
            if (First(json.AsSpan(at, end - at)) is { } key && keys.TrueForAll(other => other.Id != key.Id))
            {
                keys.Add(Sums.TryGetValue(key.Id, out long sum) && sum == Of(key) ? key : Damaged(key.Id));
            }

            at = next < 0 ? -1 : end;
        }

        keys.AddRange(Sums.Keys.Where(id => !keys.Exists(key => key.Id == id)).Order(StringComparer.Ordinal).Select(Damaged));
        return keys;
    }

    private static ApiKeyInfo Damaged(string id) => new() { Id = id, Name = DamagedName, Owner = "", Scopes = [], Hash = "" };

    /// <summary>The key at the start of some bytes; null if there is none.</summary>
    private static ApiKeyInfo? First(ReadOnlySpan<byte> json)
    {
        try
        {
            Utf8JsonReader reader = new(json);
            return JsonSerializer.Deserialize<ApiKeyInfo>(ref reader, StoredJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static long Of(ApiKeyInfo key) => RowSum.Of(
        "api_key", key.Id, key.Name, key.Owner, string.Join('\n', key.Scopes), key.Hash, key.CreatedAt.UtcTicks, key.CreatedAt.Offset.Ticks);
}

using System.Text.Json;

namespace Pnl.Bench.Hosts;

/// <summary>The tokens that a server lists.</summary>
internal static class TokenIds
{
    public static async Task<HashSet<string>> OfAsync(HttpClient http, CancellationToken cancel)
    {
        HashSet<string> ids = [];
        for (string? cursor = ""; cursor is not null;)
        {
            string path = "/v1/tokens?limit=1000" + (cursor.Length == 0 ? "" : $"&cursor={Uri.EscapeDataString(cursor)}");
            using JsonDocument page = JsonDocument.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative), cancel));
            ids.UnionWith(page.RootElement.GetProperty("items").EnumerateArray().Select(token => token.GetProperty("id").GetString()!));
            cursor = page.RootElement.TryGetProperty("nextCursor", out JsonElement next) ? next.GetString() : null;
        }

        return ids;
    }
}

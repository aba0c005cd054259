using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pnl.Tests.Shared;

/// <summary>
/// Files of every durable format as releases wrote them, a folder a generation, with what was read from them then:
/// tests/Shared/Golden/README.md tells how another generation is added.
/// </summary>
internal static class GoldenFiles
{
    private const string Setting = "Pnl__Golden__Generation";
    private const double Tolerance = 1e-9; // what is promised of statistics

    private static readonly HashSet<string> Statistics = ["Return", "Volatility", "MaxDrawdown", "Twr", "Mwr", "Roi", "Sharpe", "Sortino"];

    /// <summary>Every generation that has a file: one that wrote something else otherwise need not have all of them.</summary>
    public static TheoryData<string> GenerationsOf(string name) =>
        [.. Directory.GetDirectories(Root).Select(folder => System.IO.Path.GetFileName(folder)).Where(generation => File.Exists(Path(generation, name))).Order(StringComparer.Ordinal)];

    private static string Root
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(System.IO.Path.Combine(folder, "Orleans.Pnl.sln")))
            {
                folder = System.IO.Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not in the repository");
            }

            return System.IO.Path.Combine(folder, "tests", "Shared", "Golden");
        }
    }

    /// <summary>A file of a generation.</summary>
    public static string Path(string generation, string name) => System.IO.Path.Combine(Root, generation, name);

    /// <summary>A file of the generation that is being written; what is there is never written again.</summary>
    public static string NewPath(string name)
    {
        string generation = Environment.GetEnvironmentVariable(Setting) ?? throw new InvalidOperationException($"{Setting} names no generation to write");
        string path = Path(int.Parse(generation, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture), name);
        Assert.False(File.Exists(path), $"{path} is there, and golden files stay as they are");
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>
    /// Asserts that all that was read then is read now: what is new beside it does not matter, numbers are equal digit for
    /// digit (statistics to what is promised), and revisions are not lower.
    /// </summary>
    public static void AssertHolds(string pinned, string now) => AssertHolds(JsonElement.Parse(pinned), JsonElement.Parse(now), "$", "");

    /// <summary>
    /// What an earlier generation read, with figures that were defined anew since as a later one reads them; where that has none, it
    /// is left out.
    /// </summary>
    /// <param name="pinned">As the earlier generation read it.</param>
    /// <param name="later">As a later one does.</param>
    /// <param name="names">What was defined anew.</param>
    public static string Redefined(string pinned, string? later, params string[] names)
    {
        JsonNode read = JsonNode.Parse(pinned)!;
        Redefine(read, later is null ? null : JsonNode.Parse(later), names);
        return read.ToJsonString();
    }

    private static void Redefine(JsonNode? read, JsonNode? later, string[] names)
    {
        if (read is JsonArray items)
        {
            for (int i = 0; i < items.Count; i++)
            {
                Redefine(items[i], later is JsonArray others && i < others.Count ? others[i] : null, names);
            }
        }
        else if (read is JsonObject members)
        {
            foreach (string name in members.Select(member => member.Key).ToArray())
            {
                JsonNode? other = later is JsonObject others && others.TryGetPropertyValue(name, out JsonNode? value) ? value : null;
                if (!names.Contains(name))
                {
                    Redefine(members[name], other, names);
                }
                else if (other is null && members[name] is not null)
                {
                    members.Remove(name);
                }
                else
                {
                    members[name] = other?.DeepClone();
                }
            }
        }
    }

    private static void AssertHolds(JsonElement pinned, JsonElement now, string path, string name)
    {
        Assert.True(pinned.ValueKind == now.ValueKind, $"{path}: {pinned.GetRawText()} was read, and now {now.GetRawText()}");
        switch (pinned.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in pinned.EnumerateObject())
                {
                    Assert.True(now.TryGetProperty(property.Name, out JsonElement value), $"{path}.{property.Name} is read no more");
                    AssertHolds(property.Value, value, $"{path}.{property.Name}", property.Name);
                }

                break;
            case JsonValueKind.Array:
                Assert.True(pinned.GetArrayLength() == now.GetArrayLength(), $"{path}: {pinned.GetArrayLength()} were read, and now {now.GetArrayLength()}");
                int i = 0;
                foreach ((JsonElement one, JsonElement other) in pinned.EnumerateArray().Zip(now.EnumerateArray()))
                {
                    AssertHolds(one, other, $"{path}[{i++}]", name);
                }

                break;
            case JsonValueKind.Number when name == "Revision":
                Assert.True(now.GetInt64() >= pinned.GetInt64(), $"{path}: the revision was {pinned} and is {now}");
                break;
            case JsonValueKind.Number when Statistics.Contains(name):
                Assert.Equal(pinned.GetDouble(), now.GetDouble(), Tolerance * Math.Max(1, Math.Abs(pinned.GetDouble())));
                break;
            case JsonValueKind.Number when pinned.TryGetDecimal(out decimal then) && now.TryGetDecimal(out decimal present):
                Assert.True(then == present, $"{path}: {then} was read, and now {present}");
                break;
            case JsonValueKind.String:
                Assert.True(pinned.GetString() == now.GetString(), $"{path}: {pinned} was read, and now {now}");
                break;
            default:
                Assert.True(pinned.GetRawText() == now.GetRawText(), $"{path}: {pinned.GetRawText()} was read, and now {now.GetRawText()}");
                break;
        }
    }
}

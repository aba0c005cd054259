using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pnl.Tests.Fuzz;

/// <summary>
/// A call of the API as the OpenAPI document describes it, from which requests are made that are mostly right: what is
/// described tomorrow is tried tomorrow.
/// </summary>
internal sealed class Call(string method, string path, JsonElement described, JsonElement document)
{
    private const int MostDepth = 6;

    // Values by the names of fields, of things that are there; without them nearly all is refused at the first check.
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["id"] = ["fuzz", "fuzz", "fuzz", "fuzz", "fuzz-2", "nobody", "b1", "a"],
        ["entryId"] = ["a", "a", "b"],
        ["token"] = ["fuzz", "fuzz-2", "usd"],
        ["tokens"] = ["fuzz", "fuzz,fuzz-2", "nobody"],
        ["portfolio"] = ["fuzz", "nobody"],
        ["source"] = ["simulated", "files", "none-such"], // no exchange: this is no fuzz of theirs
        ["baseCurrency"] = ["usd", "fuzz", "eur"],
        ["currency"] = ["usd", "fuzz"],
        ["quote"] = ["usd"],
        ["name"] = ["A name"],
        ["owner"] = ["local", "alice"],
        ["scopes"] = ["read", "portfolio"],
        ["search"] = ["fuzz", "F"],
        ["cursor"] = ["fuzz", "1621427700", "1621427700_0.5", "637570100000000000_1_a"],
        ["from"] = ["1621427700", "2021-05-19T00:00:00Z"],
        ["to"] = ["1621430000", "2021-05-20T00:00:00Z"],
        ["at"] = ["1621430000"],
        ["Last-Event-ID"] = ["00000000:1"],
    };

    public string Name => $"{method} {path}";

    public bool Changes => method != "GET";

    /// <summary>All calls of a document.</summary>
    public static Call[] Of(JsonElement document) =>
        [.. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(call => new Call(call.Name.ToUpperInvariant(), path.Name, call.Value, document)))];

    /// <summary>Makes a request, and its text to be kept.</summary>
    public (HttpRequestMessage Request, string Text) Make(Random random)
    {
        string at = path;
        List<string> query = [];
        HttpRequestMessage request = new() { Method = new(random.Next(60) == 0 ? "PATCH" : method) };
        foreach (JsonElement parameter in described.TryGetProperty("parameters", out JsonElement all) ? all.EnumerateArray().ToArray() : [])
        {
            string name = parameter.GetProperty("name").GetString()!, value = random.Next(10) == 0 ? Mutation.Word(random) : Plain(Value(random, parameter.GetProperty("schema"), name, 0));
            switch (parameter.GetProperty("in").GetString())
            {
                case "path":
                    at = at.Replace("{" + name + "}", Escaped(value), StringComparison.Ordinal);
                    break;
                case "header" when random.Next(2) == 0:
                    request.Headers.TryAddWithoutValidation(name, Printable(value));
                    break;
                case "query" when random.Next(3) == 0:
                    query.Add($"{name}={Escaped(value)}");
                    break;
                default:
                    break;
            }
        }

        if (random.Next(30) == 0)
        {
            query.Add(Escaped(Mutation.Word(random)) + "=" + Escaped(Mutation.Word(random)));
        }

        if (random.Next(10) == 0)
        {
            request.Headers.TryAddWithoutValidation(random.Next(3) switch { 0 => "If-None-Match", 1 => "Accept", _ => "Accept-Encoding" }, Printable(Mutation.Word(random)));
        }

        byte[]? body = described.TryGetProperty("requestBody", out JsonElement content) && random.Next(30) != 0 ? Body(random, content.GetProperty("content"), request) : null;
        request.RequestUri = new(at + (query.Count == 0 ? "" : "?" + string.Join('&', query)), UriKind.Relative);
        return (request, $"{request.Method} {request.RequestUri}\n{request.Headers}{request.Content?.Headers}\n{(body is null ? "" : Encoding.UTF8.GetString(body))}");
    }

    private byte[] Body(Random random, JsonElement content, HttpRequestMessage request)
    {
        JsonProperty[] types = [.. content.EnumerateObject()];
        JsonProperty type = types[random.Next(types.Length)];
        byte[] valid = type.Name == "text/csv"
            ? Encoding.UTF8.GetBytes(type.Value.GetProperty("schema").GetProperty("examples")[0].GetString()!)
            : JsonSerializer.SerializeToUtf8Bytes(Broken(random, Value(random, type.Value.GetProperty("schema"), "", 0)));
        byte[] body = random.Next(4) != 0 ? valid : type.Name == "text/csv" ? Mutation.Table(random, valid, valid) : Mutation.Bytes(random, valid, valid);
        request.Content = new ByteArrayContent(body);
        string sent = random.Next(20) == 0 ? Mutation.Word(random) : random.Next(20) == 0 ? types[random.Next(types.Length)].Name : type.Name;
        if (!request.Content.Headers.TryAddWithoutValidation("Content-Type", Printable(sent)))
        {
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (random.Next(20) == 0)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", random.Next(2) == 0 ? "gzip" : "br");
        }

        return body;
    }

    /// <summary>A value as a schema has it.</summary>
    private JsonNode? Value(Random random, JsonElement schema, string name, int depth)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            return Value(random, document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]), name, depth);
        }

        foreach (string choice in (string[])["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(choice, out JsonElement choices))
            {
                return Value(random, choices[random.Next(choices.GetArrayLength())], name, depth + 1);
            }
        }

        if (schema.TryGetProperty("enum", out JsonElement names))
        {
            return JsonNode.Parse(names[random.Next(names.GetArrayLength())].GetRawText());
        }

        string[] types = !schema.TryGetProperty("type", out JsonElement given) ? ["null"]
            : given.ValueKind == JsonValueKind.Array ? [.. given.EnumerateArray().Select(one => one.GetString()!).Where(one => one != "null" || random.Next(6) == 0)] : [given.GetString()!];
        string format = schema.TryGetProperty("format", out JsonElement told) ? told.GetString()! : "";
        long time = 1_621_427_700 + 300 * random.Next(-3, 40);
        switch (depth > MostDepth || types.Length == 0 ? "null" : types[random.Next(types.Length)])
        {
            case "object":
                JsonObject made = [];
                HashSet<string> required = schema.TryGetProperty("required", out JsonElement needed) ? [.. needed.EnumerateArray().Select(one => one.GetString()!)] : [];
                foreach (JsonProperty property in schema.TryGetProperty("properties", out JsonElement properties) ? properties.EnumerateObject().ToArray() : [])
                {
                    if (required.Contains(property.Name) || random.Next(2) == 0)
                    {
                        made[property.Name] = Value(random, property.Value, property.Name, depth + 1);
                    }
                }

                if (schema.TryGetProperty("additionalProperties", out JsonElement more) && more.ValueKind == JsonValueKind.Object)
                {
                    made["binance"] = Value(random, more, "symbol", depth + 1);
                }

                return made;
            case "array":
                // Columns are mostly of one length.
                return new JsonArray([.. Enumerable.Range(0, random.Next(8) == 0 ? random.Next(4) : 2).Select(_ => Value(random, schema.GetProperty("items"), name, depth + 1))]);
            case "integer":
                return name is "time" or "from" or "to" || format == "date-time" ? time : random.Next(3) == 0 ? Limit(random, schema) : random.Next(1, 1000);
            case "number":
                return random.Next(1_000_000) / 1000m;
            case "boolean":
                return random.Next(2) == 0;
            case "string":
                return Known.TryGetValue(depth > 0 && name == "id" ? "entryId" : name, out string[]? known) ? known[random.Next(known.Length)]
                    : format == "date-time" ? DateTimeOffset.FromUnixTimeSeconds(time).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
                    : "text";
            default:
                return null;
        }
    }

    private static long Limit(Random random, JsonElement schema) =>
        schema.TryGetProperty(random.Next(2) == 0 ? "minimum" : "maximum", out JsonElement end) && end.ValueKind == JsonValueKind.Number ? end.GetInt64() + random.Next(-1, 2) : 1;

    /// <summary>Puts something else in one place of a value, now and then.</summary>
    private static JsonNode? Broken(Random random, JsonNode? node)
    {
        if (random.Next(3) != 0)
        {
            return random.Next(12) == 0 ? Other(random) : node;
        }

        switch (node)
        {
            case JsonObject { Count: > 0 } o:
                string name = o.ElementAt(random.Next(o.Count)).Key;
                if (random.Next(8) == 0)
                {
                    o.Remove(name);
                }
                else
                {
                    JsonNode? inner = o[name];
                    o[name] = null;
                    o[random.Next(12) == 0 ? name.ToUpperInvariant() : name] = random.Next(3) == 0 ? Other(random) : Broken(random, inner);
                }

                break;
            case JsonArray { Count: > 0 } a:
                int at = random.Next(a.Count);
                JsonNode? element = a[at];
                a[at] = null;
                a[at] = random.Next(3) == 0 ? Other(random) : Broken(random, element);
                break;
            default:
                return Other(random);
        }

        return node;
    }

    private static JsonNode? Other(Random random)
    {
        switch (random.Next(7))
        {
            case 0:
                return null;
            case 1:
                JsonNode deep = new JsonObject();
                for (int i = 0; i < 40; i++)
                {
                    deep = random.Next(2) == 0 ? new JsonArray(deep) : new JsonObject { ["a"] = deep };
                }

                return deep;
            case 2:
                return JsonNode.Parse(new[] { "1e400", "1e-400", "-0", "79228162514264337593543950336", "0.00000000000000000000000000001", "9223372036854775808", "1.5", "-1" }[random.Next(8)]);
            case 3:
                return random.Next(2) == 0;
            case 4:
                return new JsonArray();
            default:
                string word = Mutation.Word(random);
                return JsonValue.Create(word.Any(char.IsSurrogate) && !word.IsNormalized() ? "x" : word);
        }
    }

    private static string Plain(JsonNode? value) => value is null ? "" : value is JsonValue text && text.TryGetValue(out string? s) ? s : value.ToJsonString();

    private static string Escaped(string text) => Uri.EscapeDataString(string.Concat(text.EnumerateRunes().Take(700)));

    private static string Printable(string text) => string.Concat(text.Where(c => c is >= ' ' and < '\x7f').Take(2000));
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Rates;

/// <summary>
/// How values are kept as JSON. A member that this release does not know is a later release's: such a value is refused, since
/// whoever read it without that member would write it again without it (docs/decisions/0021-upgrades.md).
/// </summary>
public static class StoredJson
{
    private static readonly JsonSerializerOptions Lenient = new(JsonSerializerDefaults.Web);

    /// <summary>The options. A member without a value is not written, so that the release before can read what has no value for what it does not know.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Reads a kept value.</summary>
    /// <param name="json">What is kept.</param>
    /// <param name="name">What it is, for the message.</param>
    /// <exception cref="LaterReleaseException">It has members that this release does not know.</exception>
    /// <exception cref="InvalidDataException">It is no such value.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw new InvalidDataException($"{name} is empty");
        }
        catch (JsonException e)
        {
            throw IsKnown<T>(json)
                ? new LaterReleaseException($"{name} was written by a later release and is left as it is: {e.Message}", e)
                : new InvalidDataException($"{name} is malformed: {e.Message}", e);
        }
    }

    /// <inheritdoc cref="Read{T}(ReadOnlySpan{byte}, string)"/>
    public static T Read<T>(string json, string name) => Read<T>(Encoding.UTF8.GetBytes(json), name);

    /// <summary>Whether it is such a value but for members that are not known.</summary>
    private static bool IsKnown<T>(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Lenient) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

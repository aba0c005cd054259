using System.Text.Json;
using System.Text.Json.Serialization;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>What history to fetch.</summary>
internal sealed record BackfillBody(BackfillIds? Tokens, DateTimeOffset? From, DateTimeOffset? To, string? Source, string? Order, string? Kind, bool? Again = null);

/// <summary>Ids of tokens, or <c>"all"</c> (as null).</summary>
[JsonConverter(typeof(BackfillIdsConverter))]
internal sealed record BackfillIds(string[]? Ids);

/// <summary>Reads a list of ids or <c>"all"</c>.</summary>
internal sealed class BackfillIdsConverter : JsonConverter<BackfillIds>
{
    public override BackfillIds Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String when reader.ValueTextEquals("all") => new((string[]?)null),
        JsonTokenType.StartArray => new(List(ref reader)),
        _ => throw new JsonException("tokens is a list of ids, or \"all\""),
    };

    public override void Write(Utf8JsonWriter writer, BackfillIds value, JsonSerializerOptions options)
    {
        if (value.Ids is null)
        {
            writer.WriteStringValue("all");
        }
        else
        {
            JsonSerializer.Serialize(writer, value.Ids, options);
        }
    }

    // Not by the serializer: it would name the place within the list instead of the field.
    private static string[] List(ref Utf8JsonReader reader)
    {
        List<string> ids = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ids.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException("tokens is a list of ids, or \"all\""));
        }

        return [.. ids];
    }
}

/// <summary>A page of backfills. Unreadable are those of the page whose stored state is damaged; null if there is none.</summary>
internal sealed record BackfillListAnswer(IReadOnlyList<BackfillStatus> Items, string? NextCursor, IReadOnlyList<UnreadableBackfill>? Unreadable);

/// <summary>A backfill whose stored state cannot be read, and why.</summary>
internal sealed record UnreadableBackfill(string Id, string Code, string Detail);

using System.Text.Json;
using System.Text.Json.Serialization;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>What history to fetch.</summary>
internal sealed record BackfillBody(BackfillTokens? Tokens, DateTimeOffset? From, DateTimeOffset? To, string? Source, string? Order, string? Kind, bool? Again = null);

/// <summary>Ids of tokens, or <c>"all"</c> (as null).</summary>
[JsonConverter(typeof(BackfillTokensConverter))]
internal sealed record BackfillTokens(string[]? Ids);

/// <summary>Reads a list of ids or <c>"all"</c>.</summary>
internal sealed class BackfillTokensConverter : JsonConverter<BackfillTokens>
{
    public override BackfillTokens Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String when reader.ValueTextEquals("all") => new((string[]?)null),
        JsonTokenType.StartArray => new(List(ref reader)),
        _ => throw new JsonException("tokens is a list of ids, or \"all\""),
    };

    public override void Write(Utf8JsonWriter writer, BackfillTokens value, JsonSerializerOptions options)
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

/// <summary>How far a backfill is. Of the tokens in empty nothing was fetched, for the reason there: the first 100.</summary>
internal sealed record BackfillAnswer(
    string Id, BackfillKind Kind, BackfillPhase Status, string Source, DateTimeOffset? From, DateTimeOffset? To, BackfillCount Tokens, BackfillBars Bars,
    double BarsPerSecond, DateTimeOffset? Eta, int Retries, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, BackfillFailure[] Failures, BackfillFailure[] Empty, bool Again, BackfillFailure[] LeftOut)
{
    public static BackfillAnswer Of(BackfillStatus status) => new(
        status.Id, status.Request.Kind, status.Phase, status.Request.Source, status.Request.From, status.Request.To,
        new(status.TokensTotal, status.TokensDone, status.TokensFailed, status.TokensEmpty), new(status.BarsLanded, status.BarsImported, status.BarsCorrected, status.BarsImported - status.BarsCorrected, status.Quarantined),
        status.BarsPerSecond, status.Eta, status.Retries, status.StartedAt, status.EndedAt, status.Failures, status.Empty ?? [], status.Request.Again, status.LeftOut ?? []);
}

/// <summary>Numbers of tokens: of the empty ones, which are done, nothing was fetched.</summary>
internal sealed record BackfillCount(int Total, int Done, int Failed, int Empty);

/// <summary>Numbers of bars: those imported have corrected another rate or filled a slot without one.</summary>
internal sealed record BackfillBars(long Landed, long Imported, long Corrected, long Filled, long Quarantined);

/// <summary>A page of backfills. Unreadable are those of the page whose stored state is damaged; null if there is none.</summary>
internal sealed record BackfillListAnswer(IReadOnlyList<BackfillAnswer> Items, string? NextCursor, IReadOnlyList<UnreadableBackfill>? Unreadable);

/// <summary>A backfill whose stored state cannot be read, and why.</summary>
internal sealed record UnreadableBackfill(string Id, string Code, string Detail);

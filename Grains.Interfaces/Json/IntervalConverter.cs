using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>Intervals by their names in the API, such as <c>1d</c>.</summary>
internal sealed class IntervalConverter : JsonConverter<Interval>
{
    public override Interval Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Intervals.TryParse(reader.GetString()!, out Interval interval)
            ? interval
            : throw new JsonException($"an interval is one of {Intervals.AllNames}");

    public override void Write(Utf8JsonWriter writer, Interval value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name());
}

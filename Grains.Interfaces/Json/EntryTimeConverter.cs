using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>Times that are a client's own, of entries and windows: RFC 3339 in UTC with as many decimals of a second as there are; read as such, or as Unix seconds.</summary>
internal sealed class EntryTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => UtcTimeConverter.ReadExact(ref reader);

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(TimeText.Of(value));
}

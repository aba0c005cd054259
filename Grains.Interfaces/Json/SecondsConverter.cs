using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>Unix seconds as the API writes times; null where they are none.</summary>
internal sealed class SecondsConverter : JsonConverter<long?>
{
    private static readonly UtcTimeConverter Times = new();

    public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null : UtcTimeConverter.ReadExact(ref reader).ToUnixTimeSeconds();

    public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options)
    {
        if (value is { } seconds && TimeText.IsTime(seconds))
        {
            Times.Write(writer, DateTimeOffset.FromUnixTimeSeconds(seconds), options);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>Instants as RFC 3339 in UTC, to the second: <c>2021-05-19T12:35:00Z</c>. Reads RFC 3339 or Unix seconds.</summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTimeOffset.FromUnixTimeSeconds(ReadExact(ref reader).ToUnixTimeSeconds());

    /// <summary>Reads an instant with its decimals of a second.</summary>
    public static DateTimeOffset ReadExact(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number when reader.TryGetInt64(out long seconds) && TimeText.IsTime(seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds),
        JsonTokenType.String when TimeText.TryParse(reader.GetString()!, out DateTimeOffset time) => time,
        _ => throw new JsonException("a time is RFC 3339 such as 2021-05-19T12:35:00Z, or Unix seconds"),
    };

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[20];
        value.UtcDateTime.TryFormat(text, out int length, "s", CultureInfo.InvariantCulture);
        text[length] = (byte)'Z';
        writer.WriteStringValue(text[..(length + 1)]);
    }
}

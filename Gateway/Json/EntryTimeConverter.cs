using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Gateway;

/// <summary>Times of ledger entries: RFC 3339 in UTC with as many decimals of a second as there are; read as such, or as Unix seconds.</summary>
internal sealed class EntryTimeConverter : JsonConverter<DateTimeOffset>
{
    private static readonly UtcTimeConverter ToTheSecond = new();

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        DateTimeOffset time = ToTheSecond.Read(ref reader, typeToConvert, options);
        return reader.TokenType == JsonTokenType.String && reader.GetString() is { } text && text.Contains('.', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset exact)
            ? exact
            : time;
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture));
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>Times that are often a day's: a date is its beginning in UTC; all else as <see cref="UtcTimeConverter"/> reads and writes it.</summary>
internal sealed class DateOrTimeConverter : JsonConverter<DateTimeOffset>
{
    private static readonly UtcTimeConverter Times = new();

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String
            && DateOnly.TryParseExact(reader.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date)
            && date.Year >= 1970)
        {
            return new(date, TimeOnly.MinValue, TimeSpan.Zero);
        }

        try
        {
            return Times.Read(ref reader, typeToConvert, options);
        }
        catch (JsonException)
        {
            throw new JsonException("a date such as 2013-04-01, a time of RFC 3339 such as 2013-04-01T00:00:00Z, or Unix seconds, not before 1970");
        }
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => Times.Write(writer, value, options);
}

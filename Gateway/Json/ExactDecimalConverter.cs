using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Gateway;

/// <summary>Reads a decimal of at most 28 digits; the framework would round one of more silently.</summary>
internal sealed class ExactDecimalConverter : JsonConverter<decimal>
{
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            throw new JsonException("a number is wanted, without quotes");
        }

        ReadOnlySpan<byte> bytes = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        string text = Encoding.ASCII.GetString(bytes);
        bool negative = text.StartsWith('-');
        return RateText.Parse(negative ? text[1..] : text, out decimal value) switch
        {
            BarDefect.None => negative ? -value : value,
            BarDefect.RateZero => 0m,
            BarDefect.RateTooPrecise => throw new JsonException($"{text} has more than 28 significant digits"),
            BarDefect.RateTooLarge => throw new JsonException($"{text} is too large"),
            _ => throw new JsonException($"{text} is no number that can be taken"),
        };
    }

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl;

/// <summary>Writes amounts as JSON numbers with all their digits, and reads such numbers, of any length.</summary>
public sealed class AmountJsonConverter : JsonConverter<Amount>
{
    private const int AlwaysExact = 28; // characters, of which no more can be digits or places

    /// <inheritdoc/>
    public override Amount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            throw new JsonException("an amount is a number");
        }

        ReadOnlySpan<byte> text = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        if (text.IndexOfAny((byte)'e', (byte)'E') >= 0)
        {
            throw new JsonException("an amount is a number in plain digits");
        }

        return text.Length <= AlwaysExact ? reader.GetDecimal() : Amount.Parse(Encoding.ASCII.GetString(text));
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteRawValue(value.ToString(), skipInputValidation: true);
    }
}

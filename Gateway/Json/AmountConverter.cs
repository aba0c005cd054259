using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Gateway;

/// <summary>Writes amounts as JSON numbers with all their digits.</summary>
internal sealed class AmountConverter : JsonConverter<Amount>
{
    public override Amount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("amounts are answered, never read");

    public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options) => writer.WriteRawValue(value.ToString(), skipInputValidation: true);
}

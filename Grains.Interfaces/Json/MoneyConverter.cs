using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>Money as a JSON number with all its digits: a decimal as it is, with the zeros behind its point; longer ones in plain digits.</summary>
internal sealed class MoneyConverter : JsonConverter<Amount>
{
    private static readonly AmountJsonConverter Amounts = new();

    public override Amount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Amounts.Read(ref reader, typeToConvert, options);

    public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options)
    {
        if (value.TryToDecimal(out decimal same))
        {
            writer.WriteNumberValue(same);
        }
        else
        {
            Amounts.Write(writer, value, options);
        }
    }
}

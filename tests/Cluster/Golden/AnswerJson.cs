using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Tests.Cluster.Golden;

/// <summary>Answers and messages as JSON, amounts with all their digits.</summary>
internal static class AnswerJson
{
    private static readonly JsonSerializerOptions Options = new() { Converters = { new Amounts() } };

    public static string Of(object answer) => JsonSerializer.Serialize(answer, answer.GetType(), Options);

    private sealed class Amounts : JsonConverter<Amount>
    {
        public override Amount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}

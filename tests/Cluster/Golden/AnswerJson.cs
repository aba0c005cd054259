using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Golden;

/// <summary>Answers and messages as JSON: every member by its name in C#, whatever the HTTP API makes of it; amounts with all their digits.</summary>
internal static class AnswerJson
{
    private static readonly JsonSerializerOptions Options = new() { Converters = { new Amounts(), new Columns() }, TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { ShowAll } } };

    public static string Of(object answer) => JsonSerializer.Serialize(answer, answer.GetType(), Options);

    private static void ShowAll(JsonTypeInfo type)
    {
        if (type.Kind == JsonTypeInfoKind.Object && type.Type.Assembly == typeof(TokenPnl).Assembly)
        {
            type.Properties.Clear();
            foreach (PropertyInfo property in type.Type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
            {
                JsonPropertyInfo member = type.CreateJsonPropertyInfo(property.PropertyType, property.Name);
                member.Get = property.GetValue;
                type.Properties.Add(member);
            }
        }
    }

    /// <summary>The nearest decimals.</summary>
    private sealed class Columns : JsonConverter<MoneyColumn>
    {
        public override MoneyColumn Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, MoneyColumn value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, value.Nearest, options);
    }

    private sealed class Amounts : JsonConverter<Amount>
    {
        public override Amount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}

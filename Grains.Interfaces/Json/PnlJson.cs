using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Pnl.Grains;

/// <summary>The JSON of the API, for who writes it and who reads it: how times, intervals, money and columns are written.</summary>
internal static class PnlJson
{
    /// <summary>Adds it to the options of a gateway or of a client; what these refuse or leave out is their own.</summary>
    public static void AddTo(JsonSerializerOptions options)
    {
        foreach (JsonConverter converter in (JsonConverter[])
            [
                new UtcTimeConverter(), new IntervalConverter(), new MoneyRunConverter(), new DecimalColumnConverter(), new DoubleColumnConverter(), new TimeColumnConverter(),
                new JsonStringEnumConverter(JsonNamingPolicy.CamelCase),
            ])
        {
            options.Converters.Add(converter);
        }

        options.NumberHandling = JsonNumberHandling.Strict;
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(UseColumns);
    }

    /// <summary>Arrays of answers are columns: of Unix seconds those of times.</summary>
    private static void UseColumns(JsonTypeInfo type)
    {
        for (int i = 0; type.Type.Assembly == typeof(PnlJson).Assembly && i < type.Properties.Count; i++)
        {
            JsonPropertyInfo property = type.Properties[i];
            type.Properties[i] = property.PropertyType switch
            {
                var times when times == typeof(long[]) => Column<PlainColumn<long>>(type, property, values => new((long[])values), column => column.Read),
                var decimals when decimals == typeof(decimal[]) => Column<PlainColumn<decimal>>(type, property, values => new((decimal[])values), column => column.Read),
                var doubles when doubles == typeof(double?[]) => Column<PlainColumn<double?>>(type, property, values => new((double?[])values), column => column.Read),
                var money when money == typeof(MoneyColumn) => Column<MoneyRuns>(type, property, values => new((MoneyColumn)values), column => column.Read),
                _ => property,
            };
        }
    }

    private static JsonPropertyInfo Column<TColumn>(JsonTypeInfo type, JsonPropertyInfo values, Func<object, TColumn> write, Func<TColumn, object> read)
        where TColumn : class
    {
        JsonPropertyInfo column = type.CreateJsonPropertyInfo(typeof(TColumn), values.Name);
        column.IsRequired = values.IsRequired;
        column.Get = values.Get is { } get ? answer => get(answer) is { } known ? write(known) : null : null;
        column.Set = values.Set is { } set ? (answer, value) => set(answer, read((TColumn)value!)) : null;
        return column;
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>Money of an answer: a decimal, or where that does not hold all of its digits, these.</summary>
internal readonly record struct Money(decimal Nearest, string? Digits)
{
    public static Money? Of(decimal? nearest, string? digits) => nearest is { } known ? new(known, digits) : null;

    /// <summary>
    /// Has the messages that are answered as they are write the PnL with every digit, under the one name <c>pnl</c>.
    /// </summary>
    public static void Write(JsonTypeInfo type)
    {
        if (type.Type == typeof(WindowPnl))
        {
            Write(type, static answer => answer is WindowPnl window ? Of(window.Pnl, window.PnlDigits) : null);
        }
        else if (type.Type == typeof(LeaderboardItem))
        {
            Write(type, static answer => answer is LeaderboardItem item ? Of(item.Pnl, item.PnlDigits) : null);
        }
    }

    private static void Write(JsonTypeInfo type, Func<object, object?> pnl)
    {
        type.Properties.Remove(type.Properties.First(property => property.Name == "pnlDigits"));
        int at = Enumerable.Range(0, type.Properties.Count).First(i => type.Properties[i].Name == "pnl");
        JsonPropertyInfo written = type.CreateJsonPropertyInfo(typeof(Money?), "pnl");
        written.Get = pnl;
        type.Properties[at] = written;
    }
}

/// <summary>Writes money as a JSON number with all its digits.</summary>
internal sealed class MoneyConverter : JsonConverter<Money>
{
    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("money is answered, never read");

    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options)
    {
        if (value.Digits is { } digits)
        {
            writer.WriteRawValue(digits, skipInputValidation: true);
        }
        else
        {
            writer.WriteNumberValue(value.Nearest);
        }
    }
}

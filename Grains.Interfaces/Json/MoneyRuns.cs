using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>A column of money: numbers with all their digits.</summary>
internal sealed class MoneyRuns(MoneyColumn column) : JsonColumn<MoneyRun>
{
    private readonly List<Amount> _read = [];

    public MoneyRuns()
        : this(new(0))
    {
    }

    public override int Count => column.Length;

    /// <summary>What was read.</summary>
    public MoneyColumn Read => MoneyColumn.Of(_read);

    public override void Add(MoneyRun item) => _read.Add(item.Read);

    protected override MoneyRun Run(int at, int length) =>
        new(new(column.Nearest, at, length), column.Exact is { } exact ? new ArraySegment<Amount>(exact, at, length) : (ArraySegment<Amount>?)null, default);
}

/// <summary>A run of values of a column of money; or one that was read.</summary>
internal readonly record struct MoneyRun(ArraySegment<decimal> Nearest, ArraySegment<Amount>? Exact, Amount Read);

/// <summary>Writes a run of money: decimals as a column of those is written, and where they are not exact, every digit.</summary>
internal sealed class MoneyRunConverter : JsonConverter<MoneyRun>
{
    private static readonly DecimalColumnConverter Decimals = new();
    private static readonly AmountJsonConverter Amounts = new();

    public override MoneyRun Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new([], null, Amounts.Read(ref reader, typeof(Amount), options));

    public override void Write(Utf8JsonWriter writer, MoneyRun value, JsonSerializerOptions options)
    {
        if (value.Exact is not { } exact)
        {
            Decimals.Write(writer, value.Nearest);
            return;
        }

        ArrayBufferWriter<byte> run = new(64 * exact.Count);
        string text = "";
        for (int i = 0; i < exact.Count; i++)
        {
            if (i > 0)
            {
                run.Write(","u8);
            }

            text = i > 0 && exact[i] == exact[i - 1] ? text : exact[i].ToString();
            Encoding.ASCII.GetBytes(text, run);
        }

        writer.WriteRawValue(run.WrittenSpan, skipInputValidation: true);
    }
}

using System.Buffers;
using System.Collections;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Gateway;

/// <summary>A column of money, which becomes a JSON array of numbers with all their digits; sent by runs, as <see cref="Column{T}"/> is.</summary>
/// <param name="nearest">The nearest decimals.</param>
/// <param name="exact">As many values with every digit; null where the decimals are exact.</param>
internal sealed class ExactColumn(decimal[] nearest, Amount[]? exact) : IEnumerable<ExactRun>
{
    private const int RunLength = DecimalColumnConverter.RunLength;

    public static implicit operator ExactColumn(MoneyColumn column) => new(column.Nearest, column.Exact);

    public IEnumerator<ExactRun> GetEnumerator()
    {
        for (int at = 0; at < nearest.Length; at += RunLength)
        {
            int length = Math.Min(RunLength, nearest.Length - at);
            yield return new(new(nearest, at, length), exact is null ? (ArraySegment<Amount>?)null : new(exact, at, length));
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>A run of values of a column of money.</summary>
internal readonly record struct ExactRun(ArraySegment<decimal> Nearest, ArraySegment<Amount>? Exact);

/// <summary>Writes a run of money: decimals as a column of those is written, and where they are not exact, every digit.</summary>
internal sealed class ExactRunConverter : JsonConverter<ExactRun>
{
    private static readonly DecimalColumnConverter Decimals = new();

    public override ExactRun Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("columns are answered, never read");

    public override void Write(Utf8JsonWriter writer, ExactRun value, JsonSerializerOptions options)
    {
        if (value.Exact is not { } exact)
        {
            Decimals.Write(writer, value.Nearest, options);
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

using System.Buffers.Text;
using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Gateway;

/// <summary>
/// A column of an answer, which becomes a JSON array; one of Unix seconds, of times. The serializer gets a run of values at
/// a time and sends what is written after each: an answer goes out while it is written, and little of it is ever held.
/// </summary>
internal sealed class Column<T>(T[] values) : IEnumerable<ArraySegment<T>>
{
    public static implicit operator Column<T>(T[] values) => new(values);

    public IEnumerator<ArraySegment<T>> GetEnumerator()
    {
        for (int at = 0; at < values.Length; at += ColumnConverter<T>.RunLength)
        {
            yield return new(values, at, Math.Min(ColumnConverter<T>.RunLength, values.Length - at));
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>
/// Writes a run of values of a column, many values at a time: a series of a year has a million of them, and the writer's
/// checks and steps for each would take longer than its digits. Columns are answered, never read.
/// </summary>
/// <typeparam name="T">The type of the values.</typeparam>
internal abstract class ColumnConverter<T> : JsonConverter<ArraySegment<T>>
{
    /// <summary>Some 200 KB: with much shorter ones, those who write, send and read would wait for each other more than they work.</summary>
    public const int RunLength = 8192;

    private const int ChunkBytes = 4096, MostBytesAValue = 64;

    public sealed override ArraySegment<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("columns are answered, never read");

    public sealed override void Write(Utf8JsonWriter writer, ArraySegment<T> value, JsonSerializerOptions options)
    {
        Span<byte> chunk = stackalloc byte[ChunkBytes];
        ReadOnlySpan<T> values = value;
        int used = 0, lastAt = 0, lastLength = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (used > ChunkBytes - MostBytesAValue)
            {
                writer.WriteRawValue(chunk[..used], skipInputValidation: true);
                used = lastLength = 0;
            }
            else if (used > 0)
            {
                chunk[used++] = (byte)',';
            }

            // Much of a portfolio changes with its ledger alone, and stays as it is for thousands of points.
            if (lastLength > 0 && IsSame(values[i], values[i - 1]))
            {
                chunk.Slice(lastAt, lastLength).CopyTo(chunk[used..]);
            }
            else
            {
                lastLength = Format(values[i], chunk[used..]);
            }

            lastAt = used;
            used += lastLength;
        }

        writer.WriteRawValue(chunk[..used], skipInputValidation: true);
    }

    /// <summary>Whether two values are written by the same characters; may be false though they are.</summary>
    protected abstract bool IsSame(T value, T other);

    /// <summary>Writes a value, in 64 bytes at most.</summary>
    protected abstract int Format(T value, Span<byte> to);
}

/// <summary>Writes a column of decimals, with all their digits.</summary>
internal sealed class DecimalColumnConverter : ColumnConverter<decimal>
{
    protected override bool IsSame(decimal value, decimal other) => Unsafe.BitCast<decimal, Int128>(value) == Unsafe.BitCast<decimal, Int128>(other); // 1.0 is not 1.00

    protected override int Format(decimal value, Span<byte> to) => DecimalText.Write(value, to);
}

/// <summary>Writes a column of doubles or nulls.</summary>
internal sealed class DoubleColumnConverter : ColumnConverter<double?>
{
    protected override bool IsSame(double? value, double? other) => value == other && value != 0; // -0 is not 0

    protected override int Format(double? value, Span<byte> to)
    {
        if (value is not { } number)
        {
            "null"u8.CopyTo(to);
            return 4;
        }

        if (!double.IsFinite(number))
        {
            throw new ArgumentException($"{number} is no number in JSON", nameof(value));
        }

        Utf8Formatter.TryFormat(number, to, out int length);
        return length;
    }
}

/// <summary>Writes a column of Unix seconds as times, as <see cref="UtcTimeConverter"/> does.</summary>
internal sealed class TimeColumnConverter : ColumnConverter<long>
{
    protected override bool IsSame(long value, long other) => value == other;

    protected override int Format(long value, Span<byte> to)
    {
        to[0] = (byte)'"';
        DateTimeOffset.FromUnixTimeSeconds(value).UtcDateTime.TryFormat(to[1..], out int length, "s", CultureInfo.InvariantCulture);
        "Z\""u8.CopyTo(to[(length + 1)..]);
        return length + 3;
    }
}

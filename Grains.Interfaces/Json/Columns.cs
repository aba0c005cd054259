using System.Buffers.Text;
using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>
/// A column of a series as a JSON array. It is written run by run: the serializer sends what is written after each, so that an
/// answer goes out while it is written, and little of it is ever held. It is read value by value.
/// </summary>
/// <typeparam name="TRun">A run of values to write, or a value that was read.</typeparam>
internal abstract class JsonColumn<TRun> : ICollection<TRun>
{
    /// <summary>Some 200 KB: with much shorter ones, those who write, send and read would wait for each other more than they work.</summary>
    public const int RunLength = 8192;

    public abstract int Count { get; }

    public bool IsReadOnly => false;

    public IEnumerator<TRun> GetEnumerator()
    {
        for (int at = 0; at < Count; at += RunLength)
        {
            yield return Run(at, Math.Min(RunLength, Count - at));
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public abstract void Add(TRun item);

    public void Clear() => throw new NotSupportedException();

    public bool Contains(TRun item) => throw new NotSupportedException();

    public void CopyTo(TRun[] array, int arrayIndex) => throw new NotSupportedException();

    public bool Remove(TRun item) => throw new NotSupportedException();

    /// <summary>Some of the values.</summary>
    protected abstract TRun Run(int at, int length);
}

/// <summary>A run of values; or one that was read.</summary>
internal readonly record struct Run<T>(ArraySegment<T> Values, T Read);

/// <summary>A column of plain values; one of Unix seconds, of times.</summary>
internal sealed class PlainColumn<T>(T[] values) : JsonColumn<Run<T>>
{
    private readonly List<T> _read = [];

    public PlainColumn()
        : this([])
    {
    }

    public static implicit operator PlainColumn<T>(T[] values) => new(values);

    public override int Count => values.Length;

    /// <summary>What was read.</summary>
    public T[] Read => [.. _read];

    public override void Add(Run<T> item) => _read.Add(item.Read);

    protected override Run<T> Run(int at, int length) => new(new(values, at, length), default!);
}

/// <summary>
/// Writes a run of values of a column, many values at a time: a series of a year has a million of them, and the writer's
/// checks and steps for each would take longer than its digits. Reads one value.
/// </summary>
/// <typeparam name="T">The type of the values.</typeparam>
internal abstract class ColumnConverter<T> : JsonConverter<Run<T>>
{
    private const int ChunkBytes = 4096, MostBytesAValue = 64;

    public sealed override bool HandleNull => true;

    public sealed override Run<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new([], Read(ref reader));

    public sealed override void Write(Utf8JsonWriter writer, Run<T> value, JsonSerializerOptions options) => Write(writer, value.Values);

    public void Write(Utf8JsonWriter writer, ReadOnlySpan<T> values)
    {
        Span<byte> chunk = stackalloc byte[ChunkBytes];
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

    protected abstract T Read(ref Utf8JsonReader reader);

    /// <summary>Writes a value, in 64 bytes at most.</summary>
    protected abstract int Format(T value, Span<byte> to);
}

/// <summary>Writes a column of decimals, with all their digits.</summary>
internal sealed class DecimalColumnConverter : ColumnConverter<decimal>
{
    protected override bool IsSame(decimal value, decimal other) => Unsafe.BitCast<decimal, Int128>(value) == Unsafe.BitCast<decimal, Int128>(other); // 1.0 is not 1.00

    protected override decimal Read(ref Utf8JsonReader reader) => reader.GetDecimal();

    protected override int Format(decimal value, Span<byte> to) => DecimalText.Write(value, to);
}

/// <summary>Writes a column of doubles or nulls.</summary>
internal sealed class DoubleColumnConverter : ColumnConverter<double?>
{
    protected override bool IsSame(double? value, double? other) => value == other && value != 0; // -0 is not 0

    protected override double? Read(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : reader.GetDouble();

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

    protected override long Read(ref Utf8JsonReader reader) => UtcTimeConverter.ReadExact(ref reader).ToUnixTimeSeconds();

    protected override int Format(long value, Span<byte> to)
    {
        to[0] = (byte)'"';
        DateTimeOffset.FromUnixTimeSeconds(value).UtcDateTime.TryFormat(to[1..], out int length, "s", CultureInfo.InvariantCulture);
        "Z\""u8.CopyTo(to[(length + 1)..]);
        return length + 3;
    }
}

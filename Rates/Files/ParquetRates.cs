using System.Globalization;
using ParquetSharp;
using Encoding = System.Text.Encoding;

namespace Pnl.Rates;

/// <summary>
/// Rates in Parquet: decimals, integers, text, or floating point numbers, whose shortest text that reads back as the
/// same number is taken for the rate that was meant (0.1 is 0.1, not 0.1000000000000000055511151231257827). All go
/// through <see cref="RateText"/>, so that one rule decides what a rate is.
/// </summary>
internal static class ParquetRates
{
    private const int MaxNumberLength = 64; // 39 digits of a 128-bit integer, sign and exponent; a double needs 24

    public static ParquetCells<ParquetRate> Open(string path, int index, ColumnDescriptor column)
    {
        bool optional = column.MaxDefinitionLevel > 0;
        ParquetCells<ParquetRate> Cells<T>(CellConversion<T, ParquetRate> convert)
            where T : unmanaged =>
            new ParquetCells<T, ParquetRate>(index, optional, BarDefect.RateMissing, convert);

        using LogicalType logical = column.LogicalType;
        bool isDecimal = logical.Type == LogicalTypeEnum.Decimal;
        bool isInteger = logical.Type is LogicalTypeEnum.None or LogicalTypeEnum.Int;
        bool unsigned = logical is IntLogicalType { IsSigned: false };
        int scale = isDecimal ? ((DecimalLogicalType)logical).Scale : 0;
        switch (column.PhysicalType)
        {
            case PhysicalType.Int32 when isDecimal || isInteger:
                return Cells((int stored, out ParquetRate rate) => Scaled(unsigned ? (uint)stored : stored, scale, out rate));
            case PhysicalType.Int64 when isDecimal || isInteger:
                return Cells((long stored, out ParquetRate rate) => Scaled(unsigned ? (ulong)stored : stored, scale, out rate));
            case PhysicalType.FixedLenByteArray when isDecimal && column.TypeLength <= 16:
                int length = column.TypeLength;
                return Cells((FixedLenByteArray stored, out ParquetRate rate) =>
                    Scaled(BigEndian(stored.Pointer, length), scale, out rate));
            case PhysicalType.ByteArray when isDecimal:
                return Cells((ByteArray stored, out ParquetRate rate) => stored.Length <= 16
                    ? Scaled(BigEndian(stored.Pointer, stored.Length), scale, out rate)
                    : TooLong(out rate));
            case PhysicalType.Double:
                return Cells((double stored, out ParquetRate rate) => Shortest(stored, out rate));
            case PhysicalType.Float:
                return Cells((float stored, out ParquetRate rate) => Shortest(stored, out rate));
            case PhysicalType.ByteArray when logical.Type is LogicalTypeEnum.None or LogicalTypeEnum.String:
                return Cells<ByteArray>(Text);
            default:
                throw new RateFileException(
                    $"{path} has rates of type {column.PhysicalType}/{logical.Type} in column '{column.Name}': "
                    + "wanted a decimal, an integer, a floating point number or text.");
        }
    }

    private static BarDefect Scaled(Int128 mantissa, int scale, out ParquetRate rate)
    {
        Span<char> text = stackalloc char[MaxNumberLength];
        mantissa.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        text[length++] = 'e';
        (-scale).TryFormat(text[length..], out int more, default, CultureInfo.InvariantCulture);
        return Read(text[..(length + more)], out rate);
    }

    private static BarDefect Shortest<T>(T number, out ParquetRate rate)
        where T : ISpanFormattable
    {
        Span<char> text = stackalloc char[MaxNumberLength];
        number.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        return Read(text[..length], out rate);
    }

    private static BarDefect TooLong(out ParquetRate rate)
    {
        rate = default;
        return BarDefect.RateTooPrecise;
    }

    private static unsafe Int128 BigEndian(nint pointer, int length)
    {
        ReadOnlySpan<byte> bytes = new((void*)pointer, length);
        Int128 number = length > 0 && bytes[0] >= 0x80 ? -1 : 0;
        foreach (byte b in bytes)
        {
            number = (number << 8) | b;
        }

        return number;
    }

    private static unsafe BarDefect Text(ByteArray stored, out ParquetRate rate)
    {
        ReadOnlySpan<byte> bytes = new((void*)stored.Pointer, stored.Length);
        Span<char> text = bytes.Length <= 256 ? stackalloc char[256] : new char[bytes.Length];
        return Read(text[..Encoding.UTF8.GetChars(bytes, text)], out rate);
    }

    private static BarDefect Read(ReadOnlySpan<char> text, out ParquetRate rate)
    {
        BarDefect defect = RateText.ParseRounded(text, out decimal value, out bool rounded);
        rate = new(value, rounded);
        return defect;
    }
}

/// <summary>A rate as read from Parquet.</summary>
/// <param name="Value">Quote currency per token.</param>
/// <param name="IsRounded">Whether it was rounded; see <see cref="RateText.ParseRounded"/>.</param>
internal readonly record struct ParquetRate(decimal Value, bool IsRounded);

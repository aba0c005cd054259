using ParquetSharp;
using Encoding = System.Text.Encoding;

namespace Pnl.Rates;

/// <summary>
/// Open times in Parquet: integers (Unix seconds or milliseconds, see <see cref="OpenTime"/>), timestamps of any unit
/// (those without a zone count as UTC, for lack of anything better), the deprecated 96-bit ones, or text.
/// </summary>
internal static class ParquetTimes
{
    private const int JulianDayOfUnixEpoch = 2_440_588;

    public static ParquetCells<long> Open(string path, int index, ColumnDescriptor column)
    {
        bool optional = column.MaxDefinitionLevel > 0;
        ParquetCells<long> Cells<T>(CellConversion<T, long> convert)
            where T : unmanaged =>
            new ParquetCells<T, long>(index, optional, BarDefect.TimeMalformed, convert);

        using LogicalType logical = column.LogicalType;
        return (column.PhysicalType, logical.Type) switch
        {
            (PhysicalType.Int64, LogicalTypeEnum.Timestamp) => Cells(Timestamp(PerSecond(path, (TimestampLogicalType)logical))),
            (PhysicalType.Int64, LogicalTypeEnum.None or LogicalTypeEnum.Int) =>
                Cells((long stored, out long seconds) => OpenTime.OfNumber(stored, out seconds, out _)),
            (PhysicalType.Int32, LogicalTypeEnum.None or LogicalTypeEnum.Int) =>
                Cells((int stored, out long seconds) => OpenTime.OfNumber(stored, out seconds, out _)),
            (PhysicalType.Int96, _) => Cells<Int96>(Julian),
            (PhysicalType.ByteArray, LogicalTypeEnum.None or LogicalTypeEnum.String) => Cells<ByteArray>(Text),
            _ => throw new RateFileException(
                $"{path} has times of type {column.PhysicalType}/{logical.Type} in column '{column.Name}': "
                + "wanted an integer, a timestamp or text."),
        };
    }

    private static long PerSecond(string path, TimestampLogicalType type) => type.TimeUnit switch
    {
        TimeUnit.Millis => 1_000,
        TimeUnit.Micros => 1_000_000,
        TimeUnit.Nanos => 1_000_000_000,
        _ => throw new RateFileException($"{path} has timestamps of an unknown unit: {type.TimeUnit}."),
    };

    private static CellConversion<long, long> Timestamp(long perSecond) => (long stored, out long seconds) =>
    {
        (seconds, long rest) = Math.DivRem(stored, perSecond);
        return OpenTime.Checked(seconds - (rest < 0 ? 1 : 0), rest == 0, out _);
    };

    private static BarDefect Julian(Int96 stored, out long seconds)
    {
        (long ofDay, long rest) = Math.DivRem((long)((uint)stored.A | ((ulong)(uint)stored.B << 32)), 1_000_000_000);
        seconds = ((uint)stored.C - (long)JulianDayOfUnixEpoch) * 86_400 + ofDay;
        return OpenTime.Checked(seconds, rest == 0, out _);
    }

    private static unsafe BarDefect Text(ByteArray stored, out long seconds)
    {
        seconds = 0;
        const int MaxLength = 64; // longer than any time
        if (stored.Length > MaxLength)
        {
            return BarDefect.TimeMalformed;
        }

        Span<char> text = stackalloc char[MaxLength];
        int length = Encoding.UTF8.GetChars(new ReadOnlySpan<byte>((void*)stored.Pointer, stored.Length), text);
        return OpenTime.Parse(text[..length], out seconds, out _);
    }
}

using ParquetSharp;
using Encoding = System.Text.Encoding;

namespace Pnl.Rates;

/// <summary>
/// Times in Parquet: integers (Unix seconds, milliseconds and so on, see <see cref="OpenTime"/>), timestamps of any unit
/// (those without a zone count as UTC, for lack of anything better), the deprecated 96-bit ones, dates, or text.
/// </summary>
internal static class ParquetTimes
{
    private const int JulianDayOfUnixEpoch = 2_440_588;

    public static ParquetCells<RateTime> Open(string path, int index, ColumnDescriptor column)
    {
        bool optional = column.MaxDefinitionLevel > 0;
        ParquetCells<RateTime> Cells<T>(CellConversion<T, RateTime> convert)
            where T : unmanaged =>
            new ParquetCells<T, RateTime>(index, optional, BarDefect.TimeMalformed, convert);

        using LogicalType logical = column.LogicalType;
        return (column.PhysicalType, logical.Type) switch
        {
            (PhysicalType.Int64, LogicalTypeEnum.Timestamp) => Cells(Timestamp(PerSecond(path, (TimestampLogicalType)logical))),
            (PhysicalType.Int64, LogicalTypeEnum.None or LogicalTypeEnum.Int) =>
                Cells((long stored, out RateTime time) => OpenTime.OfNumber(stored, out time)),
            (PhysicalType.Int32, LogicalTypeEnum.None or LogicalTypeEnum.Int) =>
                Cells((int stored, out RateTime time) => OpenTime.OfNumber(stored, out time)),
            (PhysicalType.Int32, LogicalTypeEnum.Date) => Cells<int>(Date),
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

    private static CellConversion<long, RateTime> Timestamp(long perSecond) => (long stored, out RateTime time) =>
    {
        (long seconds, long rest) = Math.DivRem(stored, perSecond);
        return InRange(rest < 0 ? new(seconds - 1, Nanoseconds(rest + perSecond)) : new(seconds, Nanoseconds(rest)), out time);

        int Nanoseconds(long units) => (int)(units * (1_000_000_000 / perSecond));
    };

    private static BarDefect Julian(Int96 stored, out RateTime time)
    {
        (long ofDay, long rest) = Math.DivRem((long)((uint)stored.A | ((ulong)(uint)stored.B << 32)), 1_000_000_000);
        return InRange(new(((uint)stored.C - (long)JulianDayOfUnixEpoch) * 86_400 + ofDay, (int)Math.Abs(rest)), out time);
    }

    private static BarDefect Date(int stored, out RateTime time) => InRange(new(stored * 86_400L, IsDate: true), out time);

    private static BarDefect InRange(RateTime read, out RateTime time)
    {
        time = read;
        return OpenTime.OfSeconds(read.Seconds, out _) == BarDefect.TimeOutOfRange ? BarDefect.TimeOutOfRange : BarDefect.None;
    }

    private static unsafe BarDefect Text(ByteArray stored, out RateTime time)
    {
        time = default;
        const int MaxLength = 64; // longer than any time
        if (stored.Length > MaxLength)
        {
            return BarDefect.TimeMalformed;
        }

        Span<char> text = stackalloc char[MaxLength];
        int length = Encoding.UTF8.GetChars(new ReadOnlySpan<byte>((void*)stored.Pointer, stored.Length), text);
        return OpenTime.Read(text[..length], out time);
    }
}

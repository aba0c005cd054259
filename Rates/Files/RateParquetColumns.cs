using ParquetSharp;

namespace Pnl.Rates;

/// <summary>
/// The short way through a Parquet file of good rates: times that are integers or timestamps in 64 bits, rates that are
/// decimals in 64 bits, in order and without a fault. They are the columns of the engine but for a division of the times, so
/// that a core reads a hundred million bars a second. Everything else goes row by row through <see cref="RateFile"/>,
/// which tells what is wrong with each row.
/// </summary>
internal static class RateParquetColumns
{
    /// <summary>The bars of a file; null if it is another kind of file, or any row of it is not simply good.</summary>
    public static Candles? TryRead(string path, string? quote = null)
    {
        if (RateFileName.FormatOf(path) != RateFileFormat.Parquet || !File.Exists(path))
        {
            return null;
        }

        try
        {
            using ParquetFileReader file = new(path);
            SchemaDescriptor schema = file.FileMetaData.Schema;
            ColumnDescriptor[] columns = [.. Enumerable.Range(0, schema.NumColumns).Select(schema.Column)];
            RateColumns wanted = RateColumns.Find(path, [.. columns.Select(c => c.Name)], quote);
            (ColumnDescriptor times, ColumnDescriptor rates) = (columns[wanted.Time], columns[wanted.Rate]);
            if (!IsPlain(times) || !IsPlain(rates) || UnitsPerSecond(times) is not { } perSecond || DecimalScale(rates) is not { } scale)
            {
                return null;
            }

            if (file.FileMetaData.NumRows is < 0 or > RateFileReading.MostRows)
            {
                return null; // more bars than there is time for: nothing is made ready for them
            }

            int rows = (int)file.FileMetaData.NumRows, at = 0;
            (int[] slots, long[] mantissas, long[] stored) = (new int[rows], new long[rows], []);
            for (int i = 0; i < file.FileMetaData.NumRowGroups; i++)
            {
                using RowGroupReader group = file.RowGroup(i);
                int count = checked((int)group.MetaData.NumRows);
                if (count < 0 || count > rows - at)
                {
                    return null;
                }

                stored = stored.Length >= count ? stored : new long[count];
                Span<int> into = slots.AsSpan(at, count);
                Span<long> values = mantissas.AsSpan(at, count);
                if (!Read(group, wanted.Time, times, stored.AsSpan(0, count)) || !Slots(stored.AsSpan(0, count), perSecond, at == 0 ? -1 : slots[at - 1], into) ||
                    !Read(group, wanted.Rate, rates, values) || values.ContainsAnyExceptInRange(1, BarColumns.MantissaLimit - 1))
                {
                    return null;
                }

                at += count;
            }

            return at == rows ? Candles.OfCloses(slots, DecimalColumn.Of(mantissas, scale)) : null;
        }
        catch (Exception e) when (e is ParquetException or RateFileException or OverflowException or IOException)
        {
            return null; // the long way says what is wrong
        }
    }

    private static bool IsPlain(ColumnDescriptor column) =>
        column.PhysicalType == PhysicalType.Int64 && column is { MaxRepetitionLevel: 0, MaxDefinitionLevel: <= 1 };

    /// <summary>Units of the stored times in a second; 0 for numbers whose size tells; null if they are no times.</summary>
    private static long? UnitsPerSecond(ColumnDescriptor column)
    {
        using LogicalType type = column.LogicalType;
        return type switch
        {
            TimestampLogicalType { TimeUnit: TimeUnit.Millis } => 1_000,
            TimestampLogicalType { TimeUnit: TimeUnit.Micros } => 1_000_000,
            TimestampLogicalType { TimeUnit: TimeUnit.Nanos } => 1_000_000_000,
            { Type: LogicalTypeEnum.None } or IntLogicalType { IsSigned: true } => 0,
            _ => null,
        };
    }

    private static int? DecimalScale(ColumnDescriptor column)
    {
        using LogicalType type = column.LogicalType;
        return type is DecimalLogicalType { Scale: >= 0 and <= BarColumns.MaxScale } exact ? exact.Scale : null;
    }

    /// <summary>Reads a column of a row group; false if a value is absent.</summary>
    private static bool Read(RowGroupReader group, int index, ColumnDescriptor column, Span<long> into)
    {
        using ColumnReader<long> reader = (ColumnReader<long>)group.Column(index);
        short[] levels = column.MaxDefinitionLevel == 0 ? [] : new short[into.Length];
        for (int read = 0; read < into.Length;)
        {
            Span<short> present = levels.Length == 0 ? [] : levels.AsSpan(read);
            int rows = (int)reader.ReadBatch(into.Length - read, present, [], into[read..], out long values);
            if (rows == 0 || values != rows)
            {
                return false;
            }

            read += rows;
        }

        return true;
    }

    /// <summary>Turns times into slots; false if one is off the grid, out of range, or not behind the one before.</summary>
    private static bool Slots(ReadOnlySpan<long> times, long perSecond, int before, Span<int> slots)
    {
        if (perSecond == 0 && !times.IsEmpty)
        {
            perSecond = OpenTime.UnitsPerSecond(times[^1]);
            if (OpenTime.UnitsPerSecond(times[0]) != perSecond)
            {
                return false;
            }
        }

        long perBar = perSecond * BarTime.SecondsPerBar, next = long.MinValue;
        for (int i = 0; i < times.Length; i++)
        {
            long slot = before + 1;
            if (times[i] != next)
            {
                (slot, long rest) = Math.DivRem(times[i], perBar);
                if (rest != 0 || slot <= before || slot > BarTime.MaxSlot)
                {
                    return false;
                }
            }

            slots[i] = before = (int)slot;
            next = times[i] + perBar;
        }

        return true;
    }
}

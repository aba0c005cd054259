using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ParquetSharp;
using ParquetSharp.IO;
using ParquetSharp.Schema;

namespace Pnl.Rates;

/// <summary>
/// The Parquet form of <see cref="LandedCandles"/>: columns time (timestamp, milliseconds, UTC), open, high, low, close,
/// volume (decimals: 64-bit mantissas of up to 18 digits, or 128-bit ones of 38; text if even that is too short; null where
/// the source gives the close alone), and the rest in the file's metadata under <c>pnl</c> as JSON. Any Parquet reader sees exact decimals.
/// </summary>
internal static class CandleParquet
{
    private const string MetadataKey = "pnl";
    private const int Version = 2, VersionOfListings = 3; // the later one where an earlier release would take the candles for others
    private const int WideBytes = 16;
    private const int WideDigits = 38;
    private const int MostRows = 12 * 31 * BarTime.BarsPerDay; // the longest page of a source is a year

    private static readonly string[] Columns = ["open", "high", "low", "close", "volume"];
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static void Write(LandedCandles candles, Stream to)
    {
        DecimalColumn?[] values = candles.Candles.More is (var open, var high, var low, var volume)
            ? [open, high, low, candles.Candles.Close, volume]
            : [null, null, null, candles.Candles.Close, null];
        ColumnForm[] forms = Array.ConvertAll(values, FormOf);
        using LogicalType timestamp = LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Millis);
        List<Node> nodes = [new PrimitiveNode("time", Repetition.Required, timestamp, PhysicalType.Int64)];
        for (int i = 0; i < values.Length; i++)
        {
            int scale = values[i]?.Scale ?? 0;
            using LogicalType type = forms[i] switch
            {
                ColumnForm.Text => LogicalType.String(),
                ColumnForm.Wide => LogicalType.Decimal(WideDigits, scale),
                _ => LogicalType.Decimal(18, scale),
            };
            nodes.Add(forms[i] switch
            {
                ColumnForm.Text => new PrimitiveNode(Columns[i], Repetition.Required, type, PhysicalType.ByteArray),
                ColumnForm.Wide => new PrimitiveNode(Columns[i], Repetition.Required, type, PhysicalType.FixedLenByteArray, WideBytes),
                ColumnForm.Absent => new PrimitiveNode(Columns[i], Repetition.Optional, type, PhysicalType.Int64),
                _ => new PrimitiveNode(Columns[i], Repetition.Required, type, PhysicalType.Int64),
            });
        }

        string? quote = candles.Quote == candles.Registration.Quote ? null : candles.Quote, interval = candles.Interval == Interval.FiveMinutes ? null : candles.Interval.Name();
        Metadata metadata = new(
            quote is null && interval is null ? Version : VersionOfListings, candles.Key.Source, candles.Key.Token, candles.Registration, candles.Symbol, candles.Covered.From, candles.Covered.To, candles.FetchedAt, candles.Quarantined,
            quote, interval);
        using GroupNode schema = new("candles", Repetition.Required, nodes);
        using WriterPropertiesBuilder builder = new();
        builder.Compression(Compression.Zstd).CompressionLevel(1).DisableDictionary();
        foreach (string column in (string[])["time", .. Columns])
        {
            builder.Encoding(column, Encoding.DeltaBinaryPacked);
        }

        for (int i = 0; i < values.Length; i++)
        {
            if (forms[i] is ColumnForm.Wide or ColumnForm.Text)
            {
                builder.Encoding(Columns[i], Encoding.Plain);
            }
        }

        using WriterProperties properties = builder.Build();
        using ManagedOutputStream output = new(to, leaveOpen: true);
        using (ParquetFileWriter writer = new(output, schema, properties, new Dictionary<string, string> { [MetadataKey] = JsonSerializer.Serialize(metadata, Json) }))
        {
            using (RowGroupWriter group = writer.AppendRowGroup())
            {
                using (ColumnWriter<long> time = (ColumnWriter<long>)group.NextColumn())
                {
                    time.WriteBatch(Milliseconds(candles.Candles.Slots));
                }

                for (int i = 0; i < values.Length; i++)
                {
                    using ColumnWriter column = group.NextColumn();
                    switch (forms[i])
                    {
                        case ColumnForm.Absent:
                            ((ColumnWriter<long>)column).WriteBatch(candles.Candles.Count, new short[candles.Candles.Count], [], []);
                            break;
                        case ColumnForm.Narrow:
                            ((ColumnWriter<long>)column).WriteBatch(values[i]!.Mantissas);
                            break;
                        case ColumnForm.Wide:
                            WriteWide((ColumnWriter<FixedLenByteArray>)column, values[i]!);
                            break;
                        default:
                            WriteText((ColumnWriter<ByteArray>)column, values[i]!);
                            break;
                    }
                }
            }

            writer.Close();
        }

        foreach (Node node in nodes)
        {
            node.Dispose();
        }
    }

    public static LandedCandles Read(Stream from, string name)
    {
        try
        {
            using ManagedRandomAccessFile input = new(from, leaveOpen: true);
            using ParquetFileReader reader = new(input);
            Metadata metadata = ReadMetadata(reader, name);
            if (reader.FileMetaData.NumRowGroups != 1 || reader.FileMetaData.Schema.NumColumns != 1 + Columns.Length)
            {
                throw new RateFileException($"{name} is not of the landing: it has {reader.FileMetaData.NumRowGroups} row groups and {reader.FileMetaData.Schema.NumColumns} columns");
            }

            using RowGroupReader group = reader.RowGroup(0);
            SlotRange covered = new(metadata.CoveredFrom, metadata.CoveredTo);
            if (covered.From < 0 || covered.To > BarTime.MaxSlot + 1 || group.MetaData.NumRows < 0 || group.MetaData.NumRows > Math.Min((long)covered.To - covered.From, MostRows))
            {
                throw new RateFileException($"{name} is damaged: it has {group.MetaData.NumRows} rows of the intervals {covered.From} to {covered.To}");
            }

            int rows = (int)group.MetaData.NumRows;
            if (reader.FileMetaData.Schema.Column(0) is not { PhysicalType: PhysicalType.Int64, MaxDefinitionLevel: 0, MaxRepetitionLevel: 0 })
            {
                throw new RateFileException($"{name} is not of the landing: its first column is none of times");
            }

            long[] times = ReadLongs(group, 0, rows);
            DecimalColumn?[] values = new DecimalColumn?[Columns.Length];
            for (int i = 0; i < values.Length; i++)
            {
                ColumnDescriptor descriptor = reader.FileMetaData.Schema.Column(i + 1);
                int scale = descriptor.TypeScale;
                values[i] = (descriptor.MaxRepetitionLevel, descriptor.MaxDefinitionLevel, descriptor.PhysicalType) switch
                {
                    (0, 1, _) => null,
                    (0, 0, PhysicalType.Int64) when scale is >= 0 and <= 18 => DecimalColumn.Of(ReadLongs(group, i + 1, rows), scale),
                    (0, 0, PhysicalType.ByteArray) => ReadText(group, i + 1, rows),
                    (0, 0, PhysicalType.FixedLenByteArray) when scale is >= 0 and <= 28 && descriptor.TypeLength == WideBytes => ReadWide(group, i + 1, rows, scale),
                    _ => throw new RateFileException($"{name} is not of the landing: its column '{Columns[i]}' is of the type {descriptor.PhysicalType}, with {scale} decimal places"),
                };
            }

            int[] slots = Slots(times, name);
            return new(
                new(metadata.Source, metadata.Token, new(metadata.CoveredFrom, metadata.CoveredTo)), metadata.Registration, metadata.Symbol, metadata.FetchedAt,
                values is [{ } open, { } high, { } low, { } close, { } volume] ? Candles.Of(slots, open, high, low, close, volume)
                    : Candles.OfCloses(slots, values[3] ?? throw new RateFileException($"{name} has no last rates")),
                metadata.Quarantined)
            {
                Quote = metadata.Quote ?? metadata.Registration.Quote,
                Interval = IntervalOf(metadata, name),
            };
        }
        catch (Exception e) when (e is ParquetException or JsonException or InvalidCastException or FormatException or OverflowException)
        {
            throw new RateFileException($"{name} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>What was set aside alone.</summary>
    public static LandedRows ReadRows(Stream from, string name)
    {
        try
        {
            using ManagedRandomAccessFile input = new(from, leaveOpen: true);
            using ParquetFileReader reader = new(input);
            Metadata metadata = ReadMetadata(reader, name);
            return new(
                new(metadata.Source, metadata.Token, new(metadata.CoveredFrom, metadata.CoveredTo)),
                new(metadata.Source, metadata.Symbol, metadata.Quote ?? metadata.Registration.Quote, IntervalOf(metadata, name)), metadata.FetchedAt, metadata.Quarantined);
        }
        catch (Exception e) when (e is ParquetException or JsonException)
        {
            throw new RateFileException($"{name} cannot be read: {e.Message}", e);
        }
    }

    private static Metadata ReadMetadata(ParquetFileReader reader, string name)
    {
        if (!reader.FileMetaData.KeyValueMetadata.TryGetValue(MetadataKey, out string? json) ||
            JsonSerializer.Deserialize<Metadata>(json, Json) is not { Version: >= Version } metadata)
        {
            throw new RateFileException($"{name} is not of the landing: it lacks the metadata '{MetadataKey}' of version {Version}");
        }

        if (metadata.Version > VersionOfListings)
        {
            throw new RateFileException($"{name} was landed by a later release (version {metadata.Version}, this one knows {VersionOfListings})");
        }

        return metadata is { Source: not null, Token: not null, Symbol: not null, Registration.Quote: not null, Quarantined: not null } ? metadata
            : throw new RateFileException($"{name} is damaged: its metadata '{MetadataKey}' lacks something");
    }

    private static Interval IntervalOf(Metadata metadata, string name) => metadata.Interval is null ? Interval.FiveMinutes
        : Intervals.TryParse(metadata.Interval, out Interval interval) && interval <= Interval.Day ? interval
        : throw new RateFileException($"{name} is damaged: '{metadata.Interval}' is no interval of candles");

    private static int[] Slots(long[] milliseconds, string name)
    {
        int[] slots = new int[milliseconds.Length];
        for (int i = 0; i < slots.Length; i++)
        {
            (long slot, long rest) = Math.DivRem(milliseconds[i], 1000L * BarTime.SecondsPerBar);
            slots[i] = rest == 0 && slot > (i == 0 ? -1 : slots[i - 1]) && slot <= BarTime.MaxSlot ? (int)slot
                : throw new RateFileException($"{name} is damaged: row {i} has the time {milliseconds[i]}, which is none of a bar behind that of the row before");
        }

        return slots;
    }

    private static long[] ReadLongs(RowGroupReader group, int column, int rows)
    {
        using ColumnReader<long> reader = (ColumnReader<long>)group.Column(column);
        long[] values = new long[rows];
        for (int read = 0; read < rows;)
        {
            long got = reader.ReadBatch(rows - read, values.AsSpan(read), out _);
            read += got > 0 ? (int)got : throw new ParquetException("EndOfFile", string.Create(CultureInfo.InvariantCulture, $"column {column} ends after {read} of {rows} rows"));
        }

        return values;
    }

    private static long[] Milliseconds(ReadOnlySpan<int> slots)
    {
        long[] times = new long[slots.Length];
        for (int i = 0; i < times.Length; i++)
        {
            times[i] = BarTime.OpenSeconds(slots[i]) * 1000;
        }

        return times;
    }

    private enum ColumnForm
    {
        Absent,
        Narrow,
        Wide,

        /// <summary>No decimal type holds all values: a trillion and a trillionth of a trillionth in one column.</summary>
        Text,
    }

    private static ColumnForm FormOf(DecimalColumn? values)
    {
        if (values is null or { Mantissas: not null })
        {
            return values is null ? ColumnForm.Absent : ColumnForm.Narrow;
        }

        foreach (decimal value in values)
        {
            (UInt128 mantissa, int scale) = Mantissa.Of(value);
            if (mantissa > (Mantissa.TenToThe(WideDigits) - 1) / Mantissa.TenToThe(values.Scale - scale))
            {
                return ColumnForm.Text;
            }
        }

        return ColumnForm.Wide;
    }

    private static unsafe void WriteText(ColumnWriter<ByteArray> column, DecimalColumn values)
    {
        byte[][] texts = new byte[values.Count][];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = System.Text.Encoding.ASCII.GetBytes(values[i].ToString(CultureInfo.InvariantCulture));
        }

        ByteArray[] pointers = new ByteArray[texts.Length];
        byte[] bytes = [.. texts.SelectMany(text => text)];
        fixed (byte* start = bytes)
        {
            int at = 0;
            for (int i = 0; i < pointers.Length; i++)
            {
                pointers[i] = new ByteArray((IntPtr)(start + at), texts[i].Length);
                at += texts[i].Length;
            }

            column.WriteBatch(pointers);
        }
    }

    private static unsafe DecimalColumn ReadText(RowGroupReader group, int column, int rows)
    {
        using ColumnReader<ByteArray> reader = (ColumnReader<ByteArray>)group.Column(column);
        decimal[] values = new decimal[rows];
        ByteArray[] batch = new ByteArray[Math.Max(rows, 1)];
        for (int read = 0; read < rows;)
        {
            int got = (int)reader.ReadBatch(rows - read, batch, out _);
            if (got <= 0)
            {
                throw new ParquetException("EndOfFile", string.Create(CultureInfo.InvariantCulture, $"column {column} ends after {read} of {rows} rows"));
            }

            // The bytes live until the next batch is read.
            for (int i = 0; i < got; i++)
            {
                values[read + i] = decimal.Parse(new ReadOnlySpan<byte>((void*)batch[i].Pointer, batch[i].Length), NumberStyles.Number, CultureInfo.InvariantCulture);
            }

            read += got;
        }

        return DecimalColumn.Of(values);
    }

    private static unsafe void WriteWide(ColumnWriter<FixedLenByteArray> column, DecimalColumn values)
    {
        byte[] bytes = new byte[values.Count * WideBytes];
        FixedLenByteArray[] pointers = new FixedLenByteArray[values.Count];
        fixed (byte* start = bytes)
        {
            for (int i = 0; i < values.Count; i++)
            {
                (UInt128 mantissa, int scale) = Mantissa.Of(values[i]);
                Int128 scaled = (Int128)(mantissa * Mantissa.TenToThe(values.Scale - scale));
                System.Buffers.Binary.BinaryPrimitives.WriteInt128BigEndian(bytes.AsSpan(i * WideBytes), values[i] < 0 ? -scaled : scaled);
                pointers[i] = new FixedLenByteArray((IntPtr)(start + i * WideBytes));
            }

            column.WriteBatch(pointers);
        }
    }

    private static unsafe DecimalColumn ReadWide(RowGroupReader group, int column, int rows, int scale)
    {
        using ColumnReader<FixedLenByteArray> reader = (ColumnReader<FixedLenByteArray>)group.Column(column);
        decimal[] values = new decimal[rows];
        FixedLenByteArray[] batch = new FixedLenByteArray[Math.Max(rows, 1)];
        for (int read = 0; read < rows;)
        {
            int got = (int)reader.ReadBatch(rows - read, batch, out _);
            if (got <= 0)
            {
                throw new ParquetException("EndOfFile", string.Create(CultureInfo.InvariantCulture, $"column {column} ends after {read} of {rows} rows"));
            }

            // The bytes live until the next batch is read.
            for (int i = 0; i < got; i++)
            {
                Int128 value = System.Buffers.Binary.BinaryPrimitives.ReadInt128BigEndian(new ReadOnlySpan<byte>((void*)batch[i].Pointer, WideBytes));
                (UInt128 mantissa, int own) = Mantissa.WithoutTrailingZeros((UInt128)Int128.Abs(value), scale);
                if (mantissa >> 96 != 0)
                {
                    throw new OverflowException(string.Create(CultureInfo.InvariantCulture, $"row {read + i} of column {column} is no decimal"));
                }

                values[read + i] = value < 0 ? -Mantissa.ToDecimal(mantissa, own) : Mantissa.ToDecimal(mantissa, own);
            }

            read += got;
        }

        return DecimalColumn.Of(values);
    }

    private sealed record Metadata(
        int Version, string Source, string Token, TokenRegistration Registration, string Symbol, int CoveredFrom, int CoveredTo, DateTimeOffset FetchedAt,
        IReadOnlyList<QuarantinedRow> Quarantined,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Quote = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Interval = null);
}

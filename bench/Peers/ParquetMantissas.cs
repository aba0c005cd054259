using ParquetSharp;
using Pnl.Bench.Data;

namespace Pnl.Bench.Peers;

/// <summary>
/// Bars as Parquet, in the encoding that suits them best of those that we tried: slots and integer mantissas as
/// DELTA_BINARY_PACKED, no dictionary, zstd over it. The scale of a token would be metadata and is not counted.
/// </summary>
internal static class ParquetMantissas
{
    public const string Name = "Parquet (ParquetSharp, int64 DELTA + zstd)";

    /// <summary>Writes one row group a token; returns the length of the file.</summary>
    public static long Write(string path, IReadOnlyList<TokenBars> tokens)
    {
        using (ParquetFileWriter file = Open(path, Compression.Zstd, new Column<int>("slot"), new Column<long>("mantissa")))
        {
            foreach (TokenBars token in tokens)
            {
                using RowGroupWriter group = file.AppendRowGroup();
                Column(group, token.Slots);
                Column(group, token.Mantissas);
            }

            file.Close();
        }

        return new FileInfo(path).Length;
    }

    /// <summary>Writes all tokens into one row group, with a column for the token; returns the length of the file.</summary>
    public static long WriteTogether(string path, IReadOnlyList<TokenBars> tokens)
    {
        using (ParquetFileWriter file = Open(path, Compression.Zstd, new Column<int>("token"), new Column<int>("slot"), new Column<long>("mantissa")))
        {
            using RowGroupWriter group = file.AppendRowGroup();
            Column(group, [.. tokens.SelectMany((token, i) => Enumerable.Repeat(i, token.Count))]);
            Column(group, [.. tokens.SelectMany(token => token.Slots)]);
            Column(group, [.. tokens.SelectMany(token => token.Mantissas)]);
            file.Close();
        }

        return new FileInfo(path).Length;
    }

    /// <summary>Writes what other peers load in bulk: token, slot, mantissa, scale, and the rate as a double.</summary>
    public static void WriteForLoading(string path, IReadOnlyList<TokenBars> tokens)
    {
        using ParquetFileWriter file = Open(
            path, Compression.Snappy,
            new Column<int>("token"), new Column<int>("slot"), new Column<long>("mantissa"), new Column<int>("scale"), new Column<double>("close"));
        for (int i = 0; i < tokens.Count; i++)
        {
            TokenBars token = tokens[i];
            using RowGroupWriter group = file.AppendRowGroup();
            Column(group, [.. Enumerable.Repeat(i, token.Count)]);
            Column(group, token.Slots);
            Column(group, token.Mantissas);
            Column(group, [.. Enumerable.Repeat(token.Scale, token.Count)]);
            Column(group, [.. Enumerable.Range(0, token.Count).Select(token.Rate)]);
        }

        file.Close();
    }

    /// <summary>Reads all slots and mantissas of a file of <see cref="Write"/> into the buffers, group after group.</summary>
    public static long Read(string path, int[] slots, long[] mantissas)
    {
        long sum = 0;
        using ParquetFileReader file = new(path);
        for (int g = 0; g < file.FileMetaData.NumRowGroups; g++)
        {
            using RowGroupReader group = file.RowGroup(g);
            int rows = (int)group.MetaData.NumRows;
            using (ColumnReader column = group.Column(0))
            {
                Fill((ColumnReader<int>)column, slots.AsSpan(0, rows));
            }

            using (ColumnReader column = group.Column(1))
            {
                Fill((ColumnReader<long>)column, mantissas.AsSpan(0, rows));
            }

            sum += mantissas[rows - 1];
        }

        return sum;
    }

    private static void Fill<T>(ColumnReader<T> column, Span<T> into)
        where T : unmanaged
    {
        // The physical reader: the logical one converts row by row and is several times slower.
        for (int done = 0; done < into.Length;)
        {
            done += (int)column.ReadBatch(into.Length - done, into[done..], out long read);
            if (read == 0)
            {
                throw new InvalidDataException("the column ends too early");
            }
        }
    }

    private static ParquetFileWriter Open(string path, Compression compression, params Column[] columns)
    {
        WriterPropertiesBuilder builder = new();
        builder.DisableDictionary().Compression(compression).DisableStatistics();
        if (compression == Compression.Zstd)
        {
            builder.Encoding(Encoding.DeltaBinaryPacked);
        }

        using WriterProperties properties = builder.Build();
        return new ParquetFileWriter(path, columns, properties);
    }

    private static void Column<T>(RowGroupWriter group, T[] values)
        where T : unmanaged
    {
        using ColumnWriter column = group.NextColumn();
        ((ColumnWriter<T>)column).WriteBatch(values);
    }
}

using System.IO.Compression;
using ParquetSharp;
using Pnl.Rates;
using Encoding = System.Text.Encoding;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Unit.Files;

public sealed class RateFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-files-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Plain_and_compressed_text_give_the_same_rows()
    {
        byte[] csv = Encoding.UTF8.GetBytes("time,rate\n300,93.25\n600,0\n");
        RateRow[] plain = Read(Write("A-USD.csv", csv));
        Assert.Equal([93.25m, 0m], plain.Select(r => r.Rate));
        Assert.Equal(plain, Read(Write("A-USD.csv.gz", Gzip(csv))));
    }

    [Fact]
    public void Gzip_members_behind_one_another_are_one_file()
    {
        byte[] file = [.. Gzip("time,rate\n300,1\n"u8), .. Gzip("600,2\n"u8)];
        Assert.Equal([1m, 2m], Read(Write("A-USD.csv.gz", file)).Select(r => r.Rate));
    }

    [Fact]
    public void A_gzip_file_that_was_cut_off_is_an_error_and_gives_no_half_of_a_row()
    {
        string csv = "time,rate\n" + string.Concat(Enumerable.Range(1, 20_000).Select(i => $"{i * 300},{i * 7919L % 99991}.125\n"));
        byte[] whole = Gzip(Encoding.UTF8.GetBytes(csv));
        int[] lengths = [.. Enumerable.Range(1, 30), whole.Length / 3, whole.Length / 2, .. Enumerable.Range(whole.Length - 40, 40)];
        foreach (int length in lengths)
        {
            string path = Write("A-USD.csv.gz", whole.AsSpan(0, length));
            List<RateRow> rows = [];
            RateFileException error = Assert.Throws<RateFileException>(() => Read(path, rows));
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
            Assert.All(rows, (r, i) => Assert.Equal((i + 1) * 7919L % 99991 + 0.125m, r.Rate));
        }
    }

    [Fact]
    public void A_gzip_file_with_a_flipped_bit_is_an_error()
    {
        byte[] file = Gzip(Encoding.UTF8.GetBytes("time,rate\n" + string.Concat(Enumerable.Range(1, 999).Select(i => $"{i * 300},{i}\n"))));
        file[^6] ^= 1; // in the checksum
        string path = Write("A-USD.csv.gz", file);
        Assert.Contains(path, Assert.Throws<RateFileException>(() => Read(path)).Message, StringComparison.Ordinal);
    }

    /// <summary>GZipStream and SharpZipLib end quietly there, and the rows of a member whose header is damaged would be missing.</summary>
    [Fact]
    public void What_follows_a_gzip_member_and_is_none_is_an_error()
    {
        byte[] damaged = Gzip("600,2\n"u8);
        damaged[0] ^= 1;
        foreach (byte[] behind in (byte[][])[damaged, [0, 0], .. Enumerable.Range(1, 10).Select(length => damaged[..length])])
        {
            string path = Write("A-USD.csv.gz", [.. Gzip("time,rate\n300,1\n"u8), .. behind]);
            Assert.Contains(path, Assert.Throws<RateFileException>(() => Read(path)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("A-USD.csv", "", "is empty.")]
    [InlineData("A-USD.csv.gz", "", "is empty.")]
    [InlineData("A-USD.parquet", "", "is empty.")]
    [InlineData("A-USD.csv.gz", "time,rate\n300,1\n", "is no gzip file, is damaged, or was cut off")]
    [InlineData("A-USD.parquet", "time,rate\n300,1\n", "is no Parquet file, is damaged, or was cut off")]
    [InlineData("A-USD.parquet", "PAR1", "is no Parquet file, is damaged, or was cut off")]
    [InlineData("A-USD.txt", "time,rate\n300,1\n", "ends in none of .csv, .csv.gz, .parquet and .zip.")]
    [InlineData("A-USD.csv", "when,price_usd\n", "has no time column: found 'when', 'price_usd'")]
    public void What_cannot_be_read_is_named(string name, string content, string message)
    {
        string path = Write(name, Encoding.UTF8.GetBytes(content));
        Assert.StartsWith(path + " " + message, Assert.Throws<RateFileException>(() => RateFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_and_a_file_that_is_not_there_are_named()
    {
        string folder = _folder.CreateSubdirectory("A-USD.csv").FullName;
        Assert.Equal(folder + " is a folder, not a file.", Assert.Throws<RateFileException>(() => RateFile.Open(folder)).Message);
        string absent = Path.Combine(_folder.FullName, "B-USD.csv");
        Assert.Equal(absent + " does not exist.", Assert.Throws<RateFileException>(() => RateFile.Open(absent)).Message);
    }

    [Fact]
    public void Parquet_times_of_every_type_are_the_same_slots()
    {
        DateTime first = new(2021, 5, 19, 12, 35, 0, DateTimeKind.Utc);
        DateTime[] times = [first, first.AddMinutes(5), first.AddSeconds(1)];
        long[] seconds = [.. times.Select(t => (long)(t - DateTime.UnixEpoch).TotalSeconds)];
        int[] narrow = [.. seconds.Select(s => (int)s)];
        long[] milliseconds = [.. seconds.Select(s => s * 1000)];
        decimal[] rates = [1m, 2m, 3m];
        LogicalType Unit(TimeUnit unit) => LogicalType.Timestamp(isAdjustedToUtc: true, unit);
        Column Rate() => new Column<decimal>("rate", LogicalType.Decimal(20, 4));

        string[] files =
        [
            Parquet("s", [new Column<long>("time"), Rate()], seconds, rates),
            Parquet("i", [new Column<int>("time"), Rate()], narrow, rates),
            Parquet("ms", [new Column<long>("open_time"), Rate()], milliseconds, rates),
            Parquet("tms", [new Column<DateTime>("timestamp", Unit(TimeUnit.Millis)), Rate()], times, rates),
            Parquet("tus", [new Column<DateTime>("timestamp", Unit(TimeUnit.Micros)), Rate()], times, rates),
            Parquet("tns", [new Column<DateTimeNanos>("timestamp", Unit(TimeUnit.Nanos)), Rate()],
                times.Select(t => new DateTimeNanos(t)).ToArray(), rates),
            Parquet("naive", [new Column<DateTime>("time", LogicalType.Timestamp(isAdjustedToUtc: false, TimeUnit.Micros)), Rate()],
                times, rates),
            Parquet("text", [new Column<string>("time"), Rate()], times.Select(t => t.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null)).ToArray(), rates),
            Parquet("null", [new Column<long?>("time"), Rate()], seconds.Select(s => (long?)s).ToArray(), rates),
            Parquet("int96", [new Column<Int96>("time"), Rate()], times.Select(Julian).ToArray(), rates),
        ];

        Assert.All(files, file => Assert.Equal(
            [
                new RateRow(1, 5_404_759, 1m, BarDefect.None, seconds[0]),
                new RateRow(2, 5_404_760, 2m, BarDefect.None, seconds[1]),
                new RateRow(3, 0, 3m, BarDefect.TimeUnaligned, seconds[2]),
            ],
            Read(file)));
    }

    [Fact]
    public void Parquet_rates_of_every_type_are_exact()
    {
        Check<decimal>("d9", LogicalType.Decimal(9, 4), [0.1m, 5m, 12345.6789m]);
        Check<decimal>("d18", LogicalType.Decimal(18, 10), [0.1m, 0.0000000001m, 12345678.123456789m]);
        Check<decimal>("d29", LogicalType.Decimal(29, 28), [0.1m, 1e-28m, 7.1234567890123456789012345m]);
        Check<double>("double", LogicalType.None(), [0.1, 5.7e-11, 69000.01], [0.1m, 0.000000000057m, 69000.01m]);
        Check<float>("float", LogicalType.None(), [0.1f, 5.7e-11f, 93.25f], [0.1m, 0.000000000057m, 93.25m]);
        Check<string>("text", LogicalType.String(), ["0.10", "1e-18", "1234567890123456789012345678"],
            [0.1m, 1e-18m, 1234567890123456789012345678m]);
        Check<int>("int", LogicalType.None(), [1, 10, int.MaxValue], [1m, 10m, int.MaxValue]);
        Check<ulong>("ulong", LogicalType.Int(64, false), [1, 10, ulong.MaxValue], [1m, 10m, ulong.MaxValue]);

        void Check<T>(string name, LogicalType type, T[] rates, decimal[]? expected = null)
        {
            string file = Parquet(name, [new Column<long>("time"), new Column<T>("rate", type)], new long[] { 300, 600, 900 }, rates);
            Assert.Equal(expected ?? rates.Cast<decimal>(), Read(file).Select(r => r.Rate));
        }
    }

    [Fact]
    public void Bad_cells_of_parquet_are_rows_with_a_reason()
    {
        string file = Parquet("bad", [new Column<long?>("time"), new Column<double?>("close")],
            new long?[] { 300, null, 600, 900, 1200, 1500, 1800 },
            new double?[] { 1, 1, null, double.NaN, 0, -1, 1e300 });
        Assert.Equal(
            [
                (1, BarDefect.None), (2, BarDefect.TimeMalformed), (3, BarDefect.RateMissing), (4, BarDefect.RateMalformed),
                (5, BarDefect.RateZero), (6, BarDefect.RateNegative), (7, BarDefect.RateTooLarge),
            ],
            Read(file).Select(r => ((int)r.Line, r.Defect)));
    }

    [Fact]
    public void Many_row_groups_and_pages_are_one_sequence()
    {
        const int Rows = 25_000;
        string path = Path.Combine(_folder.FullName, "A-USD.parquet");
        using (ParquetFileWriter writer = new(path, [new Column<long>("time"), new Column<string>("open"), new Column<string>("close")]))
        {
            for (int from = 0; from < Rows; from += 10_000)
            {
                int[] rows = [.. Enumerable.Range(from, Math.Min(10_000, Rows - from))];
                using RowGroupWriter group = writer.AppendRowGroup();
                using (LogicalColumnWriter<long> column = group.NextColumn().LogicalWriter<long>())
                {
                    column.WriteBatch([.. rows.Select(i => i * 300L)]);
                }

                for (int again = 0; again < 2; again++)
                {
                    using LogicalColumnWriter<string> column = group.NextColumn().LogicalWriter<string>();
                    column.WriteBatch([.. rows.Select(i => again == 0 ? "1" : $"{i + 1}.5")]);
                }
            }

            writer.Close();
        }

        using RateFile file = RateFile.Open(path);
        Assert.Equal(Rows, file.RowCount);
        RateRow[] read = Read(path);
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => new RateRow(i + 1, i, i + 1.5m, BarDefect.None, i * 300L)), read);
    }

    [Fact]
    public void Parquet_columns_that_will_not_do_are_named()
    {
        string flags = Parquet("flags", [new Column<long>("time"), new Column<bool>("rate")], new long[] { 300 }, new[] { true });
        Assert.Contains("rates of type Boolean", Assert.Throws<RateFileException>(() => RateFile.Open(flags)).Message, StringComparison.Ordinal);
        string nested = Parquet("nested", [new Column<long>("time"), new Column<double[]>("rate")], new long[] { 300 }, new double[][] { [1, 2] });
        Assert.Throws<RateFileException>(() => RateFile.Open(nested));
        string other = Parquet("other", [new Column<long>("when"), new Column<double>("rate")], new long[] { 300 }, new double[] { 1 });
        Assert.Contains("no time column: found 'when', 'rate'", Assert.Throws<RateFileException>(() => RateFile.Open(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_five_minute_file_of_the_market_data_has_the_rows_that_its_table_says()
    {
        string data = MarketData.Require();
        (string Path, int Rows)[] table =
        [
            .. File.ReadLines(Path.Combine(data, "README.md"))
                .Where(line => line.StartsWith("| 5m/", StringComparison.Ordinal) && line.Contains(".csv.gz |", StringComparison.Ordinal))
                .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
                .Select(cells => (cells[1], int.Parse(cells[4], System.Globalization.CultureInfo.InvariantCulture))),
        ];
        Assert.Contains(("5m/bitfinex/BTC-USD.csv.gz", 419_809), table);

        foreach ((string path, int rows) in table)
        {
            if (!RateFileName.TryParse(Path.GetFileName(path), out _, out _))
            {
                continue; // other intervals, futures
            }

            RateRow[] read = Read(Path.Combine(data, path));
            Assert.True(rows == read.Length, $"{path}: {read.Length} rows, {rows} in the table");
            Assert.All(read, row => Assert.Equal(BarDefect.None, row.Defect));
            Assert.All(read.Zip(read.Skip(1)), pair => Assert.True(pair.First.Slot < pair.Second.Slot));
        }
    }

    private static Int96 Julian(DateTime time)
    {
        long nanoseconds = time.TimeOfDay.Ticks * 100;
        return new Int96((int)nanoseconds, (int)(nanoseconds >> 32), (int)(time - DateTime.UnixEpoch).TotalDays + 2_440_588);
    }

    private string Parquet<TTime, TRate>(string name, Column[] columns, TTime[] times, TRate[] rates)
    {
        string path = Path.Combine(_folder.FullName, name + "-USD.parquet");
        using ParquetFileWriter writer = new(path, columns);
        using RowGroupWriter group = writer.AppendRowGroup();
        using (LogicalColumnWriter<TTime> column = group.NextColumn().LogicalWriter<TTime>())
        {
            column.WriteBatch(times);
        }

        using (LogicalColumnWriter<TRate> column = group.NextColumn().LogicalWriter<TRate>())
        {
            column.WriteBatch(rates);
        }

        writer.Close();
        return path;
    }

    private string Write(string name, ReadOnlySpan<byte> content)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static byte[] Gzip(ReadOnlySpan<byte> content)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }

    private static RateRow[] Read(string path) => Read(path, []);

    private static RateRow[] Read(string path, List<RateRow> rows)
    {
        using RateFile file = RateFile.Open(path);
        while (file.TryRead(out RateRow row))
        {
            rows.Add(row);
        }

        return [.. rows];
    }
}

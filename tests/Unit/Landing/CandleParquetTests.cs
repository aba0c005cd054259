using System.Globalization;
using System.Text.Json;
using CsCheck;
using DuckDB.NET.Data;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Landing;

public sealed class CandleParquetTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-landing-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_is_landed_is_read_back_digit_by_digit() => AnyLanded.Candles.Sample(
        candles =>
        {
            using MemoryStream file = Written(candles);
            AnyLanded.AssertSame(candles, CandleParquet.Read(file, "test"));
        },
        iter: 300);

    [Fact]
    public void A_range_without_any_candle_is_kept_with_what_was_set_aside()
    {
        LandedCandles nothing = AnyLanded.Of([], [], [new(1_704_067_200, "rate.zero", "[1704067200000,\"0\"]"), new(null, "time.malformed", "[\"x\"]")], DateTimeOffset.UnixEpoch);
        using MemoryStream file = Written(nothing);
        AnyLanded.AssertSame(nothing, CandleParquet.Read(file, "test"));
    }

    [Fact]
    public void What_an_earlier_release_may_read_is_as_it_wrote_it_and_what_it_would_misread_says_a_later_version()
    {
        LandedCandles plain = AnyLanded.Of([], [], [], DateTimeOffset.UnixEpoch);

        Assert.Equal(2, Metadata(plain).GetProperty("version").GetInt32());
        Assert.Equal(
            ["version", "source", "token", "registration", "symbol", "coveredFrom", "coveredTo", "fetchedAt", "quarantined"],
            Metadata(plain).EnumerateObject().Select(property => property.Name));
        Assert.Equal((3, "1d"), (Metadata(plain with { Interval = Interval.Day }).GetProperty("version").GetInt32(), Metadata(plain with { Interval = Interval.Day }).GetProperty("interval").GetString()));
        Assert.Equal((3, "eur"), (Metadata(plain with { Quote = "eur" }).GetProperty("version").GetInt32(), Metadata(plain with { Quote = "eur" }).GetProperty("quote").GetString()));

        // What has neither is of 5 minutes, in the token's quote.
        using MemoryStream file = Written(plain);
        Assert.Equal(new Listing("binance", "XYZUSDT", "usdt"), CandleParquet.ReadRows(file, "test").Listing);
    }

    private static JsonElement Metadata(LandedCandles candles)
    {
        using MemoryStream file = Written(candles);
        using ParquetSharp.IO.ManagedRandomAccessFile input = new(file, leaveOpen: true);
        using ParquetSharp.ParquetFileReader reader = new(input);
        return JsonDocument.Parse(reader.FileMetaData.KeyValueMetadata["pnl"]).RootElement.Clone();
    }

    [Fact]
    public void DuckDB_sees_the_same_times_and_exact_decimals()
    {
        decimal[][] narrow = [[1.5m, 2m, 1.25m, 1.75m, 1000.12345678m], [0.00000001m, 0.00000002m, 0.00000001m, 0.00000001m, 0m]];
        decimal[][] wide = [[1.5m, 2m, 1.25m, 0.0000000000000000001m, 79228162514264337593.5m], [3m, 3m, 3m, 123456789.0123456789m, 0.000000000001m]];
        decimal[][] widest = [[1m, 1m, 1m, 1m, decimal.MaxValue], [1m, 1m, 1m, 1m, 0.0000000000000000000000000001m]];
        int first = BarTime.FirstSlotOfMonth(AnyLanded.Month);
        foreach ((decimal[][] values, string volumeType) in ((decimal[][], string)[])[(narrow, "DECIMAL(18,8)"), (wide, "DECIMAL(38,12)"), (widest, "VARCHAR")])
        {
            string path = Path.Combine(_folder.FullName, "candles.parquet");
            LandedCandles candles = AnyLanded.Of([first, first + 7], values, [], DateTimeOffset.UnixEpoch);
            File.WriteAllBytes(path, Written(candles).ToArray());

            using DuckDBConnection connection = new("DataSource=:memory:");
            connection.Open();
            using DuckDBCommand command = connection.CreateCommand();
            command.CommandText = $"SELECT epoch_ms(time), open::VARCHAR, high::VARCHAR, low::VARCHAR, close::VARCHAR, volume::VARCHAR, typeof(volume) FROM '{path}' ORDER BY time";
            using DuckDBDataReader rows = command.ExecuteReader();
            for (int i = 0; i < values.Length; i++)
            {
                Assert.True(rows.Read());
                Assert.Equal(BarTime.OpenSeconds(candles.Candles.Slots[i]) * 1000, rows.GetInt64(0));
                Assert.Equal(
                    values[i],
                    Enumerable.Range(1, 5).Select(column => decimal.Parse(rows.GetString(column), CultureInfo.InvariantCulture)));
                Assert.Equal(volumeType, rows.GetString(6));
            }
        }
    }

    [Fact]
    public void Where_a_source_gives_the_close_alone_the_rest_is_null()
    {
        int first = BarTime.FirstSlotOfMonth(AnyLanded.Month);
        string path = Path.Combine(_folder.FullName, "closes.parquet");
        LandedCandles whole = AnyLanded.Of([first], [[1m, 3m, 1m, 2.5m, 4m]], [], DateTimeOffset.UnixEpoch);
        File.WriteAllBytes(path, Written(whole with { Candles = Candles.OfCloses([first], whole.Candles.Close) }).ToArray());

        using DuckDBConnection connection = new("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT close::VARCHAR, open IS NULL AND high IS NULL AND low IS NULL AND volume IS NULL FROM '{path}'";
        using DuckDBDataReader row = command.ExecuteReader();
        Assert.True(row.Read());
        Assert.Equal(("2.5", true), (row.GetString(0), row.GetBoolean(1)));
    }

    [Fact]
    public void A_file_that_is_cut_off_or_of_somebody_else_is_refused_by_its_name()
    {
        byte[] whole = Written(AnyLanded.Of([BarTime.FirstSlotOfMonth(AnyLanded.Month)], [[1, 1, 1, 1, 1]], [], DateTimeOffset.UnixEpoch)).ToArray();
        foreach (byte[] bytes in (byte[][])[[], whole[..^5], whole[..(whole.Length / 2)], "time,rate\n"u8.ToArray()])
        {
            using MemoryStream file = new(bytes);
            Assert.Contains("that.parquet", Assert.Throws<RateFileException>(() => CandleParquet.Read(file, "that.parquet")).Message, StringComparison.Ordinal);
        }
    }

    private static MemoryStream Written(LandedCandles candles)
    {
        MemoryStream file = new();
        CandleParquet.Write(candles, file);
        file.Position = 0;
        return file;
    }
}

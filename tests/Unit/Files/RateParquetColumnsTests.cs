using System.Globalization;
using CsCheck;
using DuckDB.NET.Data;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Files;

/// <summary>The short way through a Parquet file must give what the long one gives, or nothing.</summary>
public sealed class RateParquetColumnsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-columns-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "A-USD.parquet");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("epoch_ms(s::BIGINT * 1000)")]
    [InlineData("make_timestamp(s::BIGINT * 1000000)")]
    [InlineData("make_timestamp_ns(s::BIGINT * 1000000000)")]
    [InlineData("s::BIGINT")]
    [InlineData("(s * 1000)::BIGINT")]
    public void What_a_peer_writes_is_read_the_same_both_ways(string time) =>
        Gen.Select(Gen.Int[1, 3000], Gen.Int[1, 20], Gen.Int[0, 10], Gen.Int[1, 5]).Sample((rows, step, scale, seed) =>
        {
            Write($"SELECT {time} AS time, ((hash(i + {seed}) % 1000000 + 1) / 1000)::DECIMAL(18,{scale}) + 1 AS rate FROM (SELECT i, 1600000200 + i * 300 * {step} AS s FROM range({rows}) t(i))");

            Candles? columns = RateParquetColumns.TryRead(Path);

            Assert.NotNull(columns);
            Assert.Equal(LongWay().Select(row => (row.Slot, row.Rate)), columns.Select(candle => (candle.Slot, candle.Close)));
        }, iter: 6, threads: 1);

    [Theory]
    [InlineData("SELECT 1600000200::BIGINT + 1 AS time, 1.5::DECIMAL(18,2) AS rate", "off the grid")]
    [InlineData("SELECT * FROM (VALUES (1600000500::BIGINT, 1.5::DECIMAL(18,2)), (1600000200, 1.5)) t(time, rate)", "not in order")]
    [InlineData("SELECT * FROM (VALUES (1600000500::BIGINT, 1.5::DECIMAL(18,2)), (1600000500, 1.6)) t(time, rate)", "twice")]
    [InlineData("SELECT * FROM (VALUES (1600000500::BIGINT, 1.5::DECIMAL(18,2)), (1600000800, NULL)) t(time, rate)", "without a rate")]
    [InlineData("SELECT 1600000200::BIGINT AS time, 0::DECIMAL(18,2) AS rate", "zero")]
    [InlineData("SELECT -300::BIGINT AS time, 1::DECIMAL(18,2) AS rate", "before 1970")]
    [InlineData("SELECT 1600000200::BIGINT AS time, 1.5::DOUBLE AS rate", "doubles")]
    [InlineData("SELECT 1600000200::BIGINT AS time, 1.5::DECIMAL(38,20) AS rate", "wide")]
    [InlineData("SELECT '2020-09-13 12:30:00' AS time, 1.5::DECIMAL(18,2) AS rate", "text")]
    public void Whatever_is_not_simply_good_is_left_to_the_long_way(string sql, string why)
    {
        Write(sql);
        Assert.True(RateParquetColumns.TryRead(Path) is null, why);
        Assert.NotEmpty(LongWay());
    }

    [Fact]
    public void What_is_no_file_is_left_to_the_long_way()
    {
        Assert.Null(RateParquetColumns.TryRead(Path));
        File.WriteAllText(Path, "PAR1");
        Assert.Null(RateParquetColumns.TryRead(Path));
    }

    private void Write(string sql)
    {
        using DuckDBConnection connection = new("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"COPY ({sql}) TO '{Path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)");
        command.ExecuteNonQuery();
    }

    private List<RateRow> LongWay()
    {
        using RateFile file = RateFile.Open(Path);
        List<RateRow> rows = [];
        while (file.TryRead(out RateRow row))
        {
            rows.Add(row);
        }

        return rows;
    }
}

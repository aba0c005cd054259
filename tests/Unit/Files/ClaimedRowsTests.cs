using ParquetSharp;
using ParquetSharp.IO;
using Pnl.Rates;
using Pnl.Tests.Unit.Landing;

namespace Pnl.Tests.Unit.Files;

/// <summary>A file says how many rows it has. Whatever it says, nothing is made ready for rows that are not there.</summary>
public sealed class ClaimedRowsTests : IDisposable
{
    private const int Rows = 57;
    private const byte AsThriftHasIt = 2 * Rows, MinusOne = 1;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-rows-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Rates_of_less_than_no_rows_are_damage()
    {
        using MemoryStream bytes = new();
        using (ManagedOutputStream output = new(bytes, leaveOpen: true))
        using (ParquetFileWriter writer = new(output, [new Column<long>("time"), new Column<string>("rate")]))
        {
            using (RowGroupWriter group = writer.AppendRowGroup())
            {
                using (LogicalColumnWriter<long> time = group.NextColumn().LogicalWriter<long>())
                {
                    time.WriteBatch([.. Enumerable.Range(1, Rows).Select(i => 300L * i)]);
                }

                using LogicalColumnWriter<string> rate = group.NextColumn().LogicalWriter<string>();
                rate.WriteBatch([.. Enumerable.Range(1, Rows).Select(i => $"{i}")]);
            }

            writer.Close();
        }

        string path = Path.Combine(_folder.FullName, "A-USD.parquet");
        AssertDamage(bytes.ToArray(), damaged =>
        {
            File.WriteAllBytes(path, damaged);
            PlainRates.Read(path);
        });
    }

    [Fact]
    public void Landed_candles_of_less_than_no_rows_are_damage()
    {
        using MemoryStream bytes = new();
        int first = BarTime.FirstSlotOfMonth(AnyLanded.Month);
        CandleParquet.Write(AnyLanded.Of(new("binance", "xyz", new(first, first + 100)), DateTimeOffset.UnixEpoch, [.. Enumerable.Range(0, Rows).Select(i => new Bar(first + i, 1 + i))]), bytes);

        AssertDamage(bytes.ToArray(), damaged => CandleParquet.Read(new MemoryStream(damaged), "xyz"));
    }

    [Fact]
    public void A_file_of_more_rows_than_there_are_bars_is_given_up()
    {
        string path = Path.Combine(_folder.FullName, "A-USD.csv");
        File.WriteAllText(path, "time,rate\n" + string.Concat(Enumerable.Repeat("300,1\n", 100)));

        Assert.Equal(1, PlainRates.Read(path, most: 100).Slots.To - 1);
        Assert.Contains("has more than 99 rows", Assert.Throws<RateFileException>(() => PlainRates.Read(path, most: 99)).Message, StringComparison.Ordinal);
    }

    /// <summary>Puts -1 in each place of the footer that may be a number of rows: some of them are.</summary>
    private static void AssertDamage(byte[] file, Action<byte[]> read)
    {
        int refused = 0;
        for (int i = file.Length / 2; i < file.Length - 8; i++)
        {
            if (file[i] == AsThriftHasIt)
            {
                byte[] damaged = [.. file];
                damaged[i] = MinusOne;
                refused += Record.Exception(() => read(damaged)) switch
                {
                    null => 0,
                    RateFileException => 1,
                    { } other => throw new Xunit.Sdk.XunitException($"byte {i}: {other}"),
                };
            }
        }

        Assert.True(refused > 0);
    }
}

namespace Pnl.Tests.Unit.Files;

public sealed class RateCsvTests
{
    [Fact]
    public void Good_and_bad_rows_come_in_order_each_with_its_line()
    {
        const string Csv = """
            time,rate
            1621427700,37000.5
            1621428000
            1621428000,1,2
            soon,1
            1621428001,1

            1621428000,
            1621428000,0
            1621428000,-3
            1621428000,NaN
            1621428000,1e-29
            1621428000,1e40
            -300,1
            1621428000,37001.10
            """;

        Assert.Equal(
            [
                new RateRow(2, 5_404_759, 37000.5m, BarDefect.None, 1_621_427_700),
                new RateRow(3, 0, 0m, BarDefect.RowMalformed, 0),
                new RateRow(4, 0, 0m, BarDefect.RowMalformed, 0),
                new RateRow(5, 0, 0m, BarDefect.TimeMalformed, 0),
                new RateRow(6, 0, 0m, BarDefect.TimeUnaligned, 1_621_428_001),
                new RateRow(8, 5_404_760, 0m, BarDefect.RateMissing, 1_621_428_000),
                new RateRow(9, 5_404_760, 0m, BarDefect.RateZero, 1_621_428_000),
                new RateRow(10, 5_404_760, 0m, BarDefect.RateNegative, 1_621_428_000),
                new RateRow(11, 5_404_760, 0m, BarDefect.RateMalformed, 1_621_428_000),
                new RateRow(12, 5_404_760, 0m, BarDefect.RateTooPrecise, 1_621_428_000),
                new RateRow(13, 5_404_760, 0m, BarDefect.RateTooLarge, 1_621_428_000),
                new RateRow(14, 0, 0m, BarDefect.TimeOutOfRange, -300),
                new RateRow(15, 5_404_760, 37001.1m, BarDefect.None, 1_621_428_000),
            ],
            Read(Csv));
    }

    [Theory]
    [InlineData("time,rate\n300,2\n")]
    [InlineData("time,rate\r\n300,2")]
    [InlineData("\uFEFFTime,RATE\n300,2\n\n\n")]
    [InlineData("\n\nrate,time\n2,300")]
    [InlineData("\"time\",\"rate\"\n\"300\",\"2\"\n")]
    [InlineData(" time , rate \n 300 , 2 \n")]
    [InlineData("open_time_unix_s,open,high,low,close,volume\n300,9,9,1,2,7\n")]
    [InlineData("timestamp,price\n1970-01-01T00:05:00Z,2.0\n")]
    [InlineData("price,close,rate,timestamp,open_time,time\n7,8,2,9,9,300\n")]
    [InlineData("price,close,open_time,timestamp\n7,2,300,9\n")]
    public void Columns_are_found_by_name(string csv)
    {
        RateRow row = Assert.Single(Read(csv));
        Assert.Equal((1, 2m, BarDefect.None), (row.Slot, row.Rate, row.Defect));
    }

    [Theory]
    [InlineData("", "Body is empty: not even a header such as 'time,rate' is there.")]
    [InlineData("\n \n", "Body is empty: not even a header such as 'time,rate' is there.")]
    [InlineData("date,rate\n1,2", "Body has no time column: found 'date', 'rate', wanted one of 'time', 'open_time_unix_s', 'open_time', 'timestamp'.")]
    [InlineData("time;rate\n1;2", "Body has no time column: found 'time;rate', wanted one of 'time', 'open_time_unix_s', 'open_time', 'timestamp'.")]
    [InlineData("time,open\n1,2", "Body has no rate column: found 'time', 'open', wanted one of 'rate', 'close', 'price'.")]
    [InlineData("time,rate,Rate\n1,2,3", "Body has two columns 'rate', 2 and 3.")]
    public void A_header_that_will_not_do_says_what_was_wanted(string csv, string message) =>
        Assert.Equal(message, Assert.Throws<RateFileException>(() => Read(csv)).Message);

    [Fact]
    public void A_stray_quote_spoils_its_own_row_only()
    {
        RateRow[] rows = Read("time,rate\n300,\"1\n600,2\n");
        Assert.Equal([BarDefect.RateMalformed, BarDefect.None], rows.Select(r => r.Defect));
    }

    [Fact]
    public void A_line_without_end_is_an_error_not_a_row()
    {
        string csv = "time,rate\n300," + new string('1', 17 << 20);
        Assert.Contains("16 million", Assert.Throws<RateFileException>(() => Read(csv)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_allocates_nothing_per_row()
    {
        string csv = "time,rate\n" + string.Concat(Enumerable.Range(1, 20_000).Select(i => $"{i * 300},{i}.25\n"));
        using RateCsv rows = new(new StringReader(csv));
        for (int i = 0; i < 10_000; i++)
        {
            Assert.True(rows.TryRead(out _));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        int read = 0;
        while (rows.TryRead(out RateRow row))
        {
            read += row.Defect == BarDefect.None ? 1 : 0;
        }

        Assert.Equal(10_000, read);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }

    private static RateRow[] Read(string csv)
    {
        using RateCsv rows = new(new StringReader(csv), "Body");
        List<RateRow> read = [];
        while (rows.TryRead(out RateRow row))
        {
            read.Add(row);
        }

        return [.. read];
    }
}

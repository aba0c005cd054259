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
                new RateRow(6, 0, 1m, BarDefect.TimeUnaligned, 1_621_428_001),
                new RateRow(8, 5_404_760, 0m, BarDefect.RateMissing, 1_621_428_000),
                new RateRow(9, 5_404_760, 0m, BarDefect.RateZero, 1_621_428_000),
                new RateRow(10, 5_404_760, 0m, BarDefect.RateNegative, 1_621_428_000),
                new RateRow(11, 5_404_760, 0m, BarDefect.RateMalformed, 1_621_428_000),
                new RateRow(12, 5_404_760, 0m, BarDefect.RateTooPrecise, 1_621_428_000),
                new RateRow(13, 5_404_760, 0m, BarDefect.RateTooLarge, 1_621_428_000),
                new RateRow(14, 0, 0m, BarDefect.TimeOutOfRange, -300),
                new RateRow(15, 5_404_760, 37001.1m, BarDefect.None, 1_621_428_000),
            ],
            Read(Csv).Select(row => row with { RateDefect = BarDefect.None }));
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
    [InlineData("Open time;Close\n300;2\n")]
    [InlineData("unix\tdate\tsymbol\tclose\n300\t1970-01-01\tX\t2\n")]
    [InlineData("https://www.example.com/free, data\nUnix,Date,Close\n300,x,2\n")]
    [InlineData("datetime,PriceUSD\n1970-01-01 00:05:00 UTC,2\n")]
    [InlineData("snapped_at,value\n300,2\n")]
    [InlineData("date,last\n300000000000,2\n", 1_000_000)]
    public void Columns_are_found_by_name(string csv, int slot = 1)
    {
        RateRow row = Assert.Single(Read(csv));
        Assert.Equal((slot, 2m, BarDefect.None), (row.Slot, row.Rate, row.Defect));
    }

    [Theory]
    [InlineData("", "Body is empty: not even a header such as 'time,rate' is there.")]
    [InlineData("\n \n", "Body is empty: not even a header such as 'time,rate' is there.")]
    [InlineData("when,rate\n1,2", "Body has no time column: found 'when', 'rate', wanted one of 'time', 'open_time_unix_s', 'open_time', 'timestamp', or another usual name.")]
    [InlineData("time,open\n1,2", "Body has no rate column: found 'time', 'open', wanted one of 'rate', 'close', 'price', or another usual name.")]
    [InlineData("time,value,last\n1,2,3", "Body has several columns that may be its rate: 'value', 'last': keep one of them, or name it 'rate'.")]
    [InlineData("time,price_usd,PriceEUR\n1,2,3", "Body has several columns that may be its rate: 'price_usd', 'PriceEUR': keep one of them, or name it 'rate'.")]
    [InlineData("unix,epoch,close\n1,2,3", "Body has several columns that may be its time: 'unix', 'epoch': keep one of them, or name it 'time'.")]
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

    [Theory]
    [InlineData("time;rate\n300;1,5\n600;2\n", "1.5 2")]
    [InlineData("time;rate\n300;1.5\n600;1.234\n", "1.5 1.234")]
    [InlineData("time;rate\n300;1,5\n600;1.234\n", "1.5 1234")] // a point between thousands, since the comma is the decimal one
    [InlineData("time;rate\n300;1.234,5\n600;9.876.543,25\n", "1234.5 9876543.25")]
    [InlineData("time;rate\n300;1,234.5\n600;1,234\n", "1234.5 1234")]
    [InlineData("time;rate\n300;0,123\n", "0.123")] // no thousands begin with a zero
    [InlineData("time|rate\n300|7\n", "7")]
    public void The_decimals_of_all_rates_tell_what_a_comma_is(string csv, string rates) =>
        Assert.Equal(rates, string.Join(' ', Read(csv).Select(row => row.Defect == BarDefect.None ? row.Rate.ToString(System.Globalization.CultureInfo.InvariantCulture) : row.Defect.Code())));

    [Theory]
    [InlineData("time;rate\n300;1,234\n600;2,345\n", "'1,234' in line 2 may have a decimal separator or one of thousands")]
    [InlineData("time;rate\n300;1,5\n600;1.5\n", "with a decimal comma ('1,5' in line 2) and with the other ('1.5' in line 3)")]
    public void What_the_rates_do_not_tell_is_not_guessed(string csv, string message) =>
        Assert.Contains(message, Assert.Throws<RateFileException>(() => Read(csv)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_decimal_comma_between_commas_spoils_its_rows() =>
        Assert.Equal([BarDefect.RowMalformed, BarDefect.RowMalformed], Read("time,rate\n300,1,5\n600,\"1,5\"\n").Select(row => row.Defect));

    [Theory]
    [InlineData("time,rate\n300,100.25\n600,100.5", "row.cutOff")] // two decimals before
    [InlineData("time,rate\n300,100.25\n600,100.50", "")]
    [InlineData("time,rate\n300,100.25\n600,100.5\n", "")]
    [InlineData("time,rate\n300,104\n600,10", "row.cutOff")]
    [InlineData("time,rate\n300,104\n600,105", "")]
    [InlineData("rate,time\n5,300\n6,60", "row.cutOff")]
    [InlineData("time,close,volume\n300,104,77\n600,10,7", "")] // the rate is whole, whatever was cut off behind it
    [InlineData("time,close,volume\n300,104,77\n600,10", "row.malformed")]
    [InlineData("time,rate\n300,7", "")] // nothing to compare with
    public void The_last_line_of_a_file_without_an_end_is_taken_if_it_is_whole(string csv, string code)
    {
        Assert.Equal(code, Read(csv, isFile: true)[^1].Defect.Code());
        if (code == "row.cutOff")
        {
            Assert.NotEqual(code, Read(csv)[^1].Defect.Code()); // a request is whole by its length
        }
    }

    [Theory]
    [InlineData("1382380200,190,191,189,190.5,3,7\n", "190.5")] // Kraken
    [InlineData("1382380200,8.25,190.5,191,189,190\n", "190.5")] // Gate: volume, close, high, low, open
    [InlineData("1382380200,190,191,189,190.5,8.25\n", "190.5")]
    [InlineData("1382380200000,190,191,189,190.5,8,1382380499999,1,1,1,1,0\n", "190.5")] // Binance
    [InlineData("1382380200,190.5,0.1\n", "190.5")] // trades
    public void A_file_of_numbers_alone_is_known_by_its_columns(string csv, string rate)
    {
        Assert.Equal(rate, Assert.Single(Read(csv, isFile: true)).Rate.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Throws<RateFileException>(() => Read(csv)); // requests have a header
    }

    [Fact]
    public void A_file_of_numbers_of_two_meanings_is_refused() =>
        Assert.Contains("of more than one meaning", Assert.Throws<RateFileException>(() => Read("1382380200,5,5,5,5,5\n", isFile: true)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_candle_that_contradicts_itself_has_no_close() =>
        Assert.Equal(BarDefect.RowContradictory, Read("time,open,high,low,close\n300,2,3,2,1\n")[0].Defect);

    private static RateRow[] Read(string csv, bool isFile = false)
    {
        using RateCsv rows = new(new StringReader(csv), "Body", mayLackHeader: isFile, mayBeCutOff: isFile);
        List<RateRow> read = [];
        while (rows.TryRead(out RateRow row))
        {
            read.Add(row);
        }

        return [.. read];
    }
}

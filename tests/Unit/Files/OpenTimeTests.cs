using System.Globalization;
using CsCheck;

namespace Pnl.Tests.Unit.Files;

public sealed class OpenTimeTests
{
    [Theory]
    [InlineData("1621427700")]
    [InlineData("1621427700000")]
    [InlineData("2021-05-19T12:35:00Z")]
    [InlineData("2021-05-19t12:35:00z")]
    [InlineData("2021-05-19 12:35:00.000Z")]
    [InlineData("2021-05-19T14:35:00+02:00")]
    [InlineData("2021-05-19T07:05:00-05:30")]
    [InlineData(" 1621427700 ")]
    [InlineData("1621427700.0")]
    [InlineData("1621427700000000")]
    [InlineData("1621427700000000000")]
    [InlineData("2021-05-19 12:35:00 UTC")]
    public void Every_way_to_write_a_time_is_the_same_slot(string text)
    {
        Assert.Equal(BarDefect.None, OpenTime.Parse(text, out long seconds, out int slot));
        Assert.Equal(1_621_427_700, seconds);
        Assert.Equal(5_404_759, slot);
    }

    [Theory]
    [InlineData("", BarDefect.TimeMalformed)]
    [InlineData("-", BarDefect.TimeMalformed)]
    [InlineData("yesterday", BarDefect.TimeMalformed)]
    [InlineData("2021-05-19", BarDefect.TimeIsDate)]
    [InlineData("2021-5-19", BarDefect.TimeMalformed)]
    [InlineData("19.05.2021", BarDefect.TimeMalformed)]
    [InlineData("2021-05-19T12:35:00", BarDefect.TimeMalformed)] // of which zone?
    [InlineData("2021-02-29T12:35:00Z", BarDefect.TimeMalformed)]
    [InlineData("2021-05-19T24:00:00Z", BarDefect.TimeMalformed)]
    [InlineData("2021-05-19T12:35:00.Z", BarDefect.TimeMalformed)]
    [InlineData("2021-05-19T12:35:00+0200", BarDefect.TimeMalformed)]
    [InlineData("05/19/2021 12:35:00Z", BarDefect.TimeMalformed)]
    [InlineData("1621427700.", BarDefect.TimeMalformed)]
    [InlineData("1621427700.5x", BarDefect.TimeMalformed)]
    [InlineData("1621427700.5", BarDefect.TimeUnaligned)]
    [InlineData("1621427700000000001", BarDefect.TimeUnaligned)]
    [InlineData("1.6214277e9", BarDefect.TimeMalformed)]
    [InlineData("1621427701", BarDefect.TimeUnaligned)]
    [InlineData("1621427700001", BarDefect.TimeUnaligned)]
    [InlineData("2021-05-19T12:35:01Z", BarDefect.TimeUnaligned)]
    [InlineData("2021-05-19T12:35:00.001Z", BarDefect.TimeUnaligned)]
    [InlineData("-300", BarDefect.TimeOutOfRange)]
    [InlineData("1969-12-31T23:55:00Z", BarDefect.TimeOutOfRange)]
    [InlineData("99999999999999999999999999999", BarDefect.TimeOutOfRange)]
    public void What_opens_no_bar_is_refused(string text, BarDefect expected)
    {
        Assert.Equal(expected, OpenTime.Parse(text, out _, out int slot));
        Assert.Equal(0, slot);
    }

    [Theory]
    [InlineData("1621427701.25", 1_621_427_701, 250_000_000)]
    [InlineData("1621427701001", 1_621_427_701, 1_000_000)]
    [InlineData("1621427701000002", 1_621_427_701, 2_000)]
    [InlineData("1621427701000000003", 1_621_427_701, 3)]
    [InlineData("2021-05-19T12:35:01.5Z", 1_621_427_701, 500_000_000)]
    public void A_time_is_kept_to_the_nanosecond(string text, long seconds, int nanoseconds)
    {
        Assert.Equal(BarDefect.None, OpenTime.Read(text, out RateTime time));
        Assert.Equal(new RateTime(seconds, nanoseconds), time);
    }

    [Fact]
    public void A_date_is_a_day_and_opens_no_bar_at_its_midnight()
    {
        Assert.Equal(BarDefect.None, OpenTime.Read("2010-07-18", out RateTime time));
        Assert.Equal(new RateTime(1_279_411_200, 0, IsDate: true), time);
        Assert.Equal(BarDefect.TimeIsDate, time.Check(out int slot));
        Assert.Equal(0, slot);
    }

    [Fact]
    public void Every_slot_is_read_back_from_every_way_to_write_it() =>
        Gen.Int[0, BarTime.MaxSlot].Sample(slot =>
        {
            long seconds = BarTime.OpenSeconds(slot);
            string milliseconds = (seconds * 1000).ToString(CultureInfo.InvariantCulture);
            string text = BarTime.Open(slot).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            Assert.Equal(BarDefect.None, OpenTime.Parse(text, out long read, out int readSlot));
            Assert.Equal((seconds, slot), (read, readSlot));
            if (seconds <= OpenTime.FirstMillisecond)
            {
                Assert.Equal(BarDefect.None, OpenTime.OfNumber(seconds, out read, out readSlot));
                Assert.Equal((seconds, slot), (read, readSlot));
            }

            if (seconds * 1000 > OpenTime.FirstMillisecond && seconds * 1000 <= OpenTime.FirstMicrosecond)
            {
                Assert.Equal(BarDefect.None, OpenTime.Parse(milliseconds, out read, out readSlot));
                Assert.Equal((seconds, slot), (read, readSlot));
            }
        });
}

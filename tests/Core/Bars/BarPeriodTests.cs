using CsCheck;

namespace Pnl.Tests.Core.Bars;

public sealed class BarPeriodTests
{
    private static readonly DateTimeOffset Now = new(2024, 3, 5, 12, 7, 0, TimeSpan.Zero);

    private static readonly Interval[] OfBars = [Interval.FiveMinutes, Interval.FifteenMinutes, Interval.Hour, Interval.FourHours, Interval.Day];

    [Theory]
    [InlineData(Interval.Day, "2024-03-04T00:00:00Z", "2024-03-04T23:55:00Z")]
    [InlineData(Interval.FourHours, "2024-03-05T08:00:00Z", "2024-03-05T11:55:00Z")]
    [InlineData(Interval.Hour, "2024-03-05T11:00:00Z", "2024-03-05T11:55:00Z")]
    [InlineData(Interval.FifteenMinutes, "2024-03-05T11:45:00Z", "2024-03-05T11:55:00Z")]
    [InlineData(Interval.FiveMinutes, "2024-03-05T12:00:00Z", "2024-03-05T12:00:00Z")]
    public void The_rate_of_a_period_is_the_bar_of_its_last_five_minutes(Interval interval, string opens, string bar)
    {
        Assert.Equal(BarDefect.None, Check(opens, interval, out Bar taken));
        Assert.Equal(Utc(bar), BarTime.Open(taken.Slot));
    }

    [Theory]
    [InlineData(Interval.Day, "2024-03-05T00:00:00Z", BarDefect.BarOpen)]
    [InlineData(Interval.FourHours, "2024-03-05T12:00:00Z", BarDefect.BarOpen)]
    [InlineData(Interval.Hour, "2024-03-05T12:00:00Z", BarDefect.BarOpen)]
    [InlineData(Interval.FiveMinutes, "2024-03-05T12:05:00Z", BarDefect.BarOpen)]
    [InlineData(Interval.FiveMinutes, "2024-03-05T12:10:00Z", BarDefect.BarOpen)] // opens in less than 5 minutes
    [InlineData(Interval.FiveMinutes, "2024-03-05T12:15:00Z", BarDefect.TimeInFuture)]
    [InlineData(Interval.Day, "2024-03-06T00:00:00Z", BarDefect.TimeInFuture)]
    [InlineData(Interval.Day, "2024-03-04T23:55:00Z", BarDefect.TimeUnaligned)]
    [InlineData(Interval.Hour, "2024-03-05T11:30:00Z", BarDefect.TimeUnaligned)]
    [InlineData(Interval.FifteenMinutes, "2024-03-05T11:05:00Z", BarDefect.TimeUnaligned)]
    public void A_period_that_has_not_closed_has_no_rate(Interval interval, string opens, BarDefect expected) =>
        Assert.Equal(expected, Check(opens, interval, out _));

    [Fact]
    public void A_period_is_known_from_its_close_on_and_not_a_second_before() =>
        Gen.Select(Gen.Int[0, 4].Select(i => OfBars[i]), Gen.Int[0, 20_000]).Sample((interval, period) =>
        {
            long opens = (long)period * BarPeriod.SecondsOf(interval), closes = opens + BarPeriod.SecondsOf(interval);
            Assert.Equal(BarDefect.None, BarCheck.Check(opens, 1m, interval, DateTimeOffset.FromUnixTimeSeconds(closes), out Bar bar, out _));
            Assert.Equal(closes, BarTime.CloseSeconds(bar.Slot));
            Assert.Equal(opens, BarPeriod.OpenSeconds(interval, bar.Slot));
            Assert.Equal(bar.Slot, BarPeriod.LastSlot(interval, BarTime.SlotAtSeconds(opens)));
            Assert.NotEqual(BarDefect.None, BarCheck.Check(opens, 1m, interval, DateTimeOffset.FromUnixTimeSeconds(closes - 1), out _, out _));
        });

    [Fact]
    public void Weeks_and_months_are_no_intervals_of_bars()
    {
        Assert.Equal(OfBars, Enum.GetValues<Interval>().Where(interval => interval.IsOfBars()));
        Assert.Throws<ArgumentOutOfRangeException>(() => BarPeriod.SlotsOf(Interval.Week));
        Assert.All(OfBars, interval => Assert.Equal(interval, BarPeriod.OfSeconds(BarPeriod.SecondsOf(interval))));
        Assert.Null(BarPeriod.OfSeconds(1_800));
    }

    private static BarDefect Check(string opens, Interval interval, out Bar bar) => BarCheck.Check(Utc(opens).ToUnixTimeSeconds(), 5m, interval, Now, out bar, out _);

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}

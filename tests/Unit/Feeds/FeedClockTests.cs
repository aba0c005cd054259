using Pnl.Grains;

namespace Pnl.Tests.Unit.Feeds;

public sealed class FeedClockTests
{
    private static readonly DateTimeOffset Noon = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly int AtNoon = BarTime.SlotAt(Noon); // opens at noon

    private static readonly FeedClock Live = FeedClock.Of(null, lastKnown: 5);

    [Fact]
    public void A_bar_of_the_present_is_due_when_its_slot_closes()
    {
        Assert.True(Live.IsLive);
        Assert.Equal(AtNoon, Live.Begin(Noon));
        Assert.Equal(AtNoon - 1, Live.LastClosed(Noon.AddMinutes(5).AddTicks(-1), default));
        Assert.Equal(AtNoon, Live.LastClosed(Noon.AddMinutes(5), default));
    }

    [Fact]
    public void The_next_boundary_is_waited_for_and_one_that_a_tick_took_over_is_not()
    {
        Assert.Equal(TimeSpan.FromMinutes(3), Live.UntilNext(AtNoon - 1, Noon.AddMinutes(2), default));
        Assert.Equal(TimeSpan.FromMilliseconds(1), Live.UntilNext(AtNoon - 1, Noon.AddMinutes(5), default));
        Assert.Equal(TimeSpan.FromMilliseconds(1), Live.UntilNext(AtNoon - 1, Noon.AddHours(1), default));
    }

    [Fact]
    public void What_was_missed_for_more_than_an_hour_is_fetched_by_ranges()
    {
        Assert.False(Live.MissedMuch(AtNoon, AtNoon));
        Assert.False(Live.MissedMuch(AtNoon, AtNoon + 12));
        Assert.True(Live.MissedMuch(AtNoon, AtNoon + 13));
        Assert.False(Played(speed: 1).MissedMuch(1000, 1999)); // every bar of the past is played
    }

    [Fact]
    public void The_past_goes_on_behind_what_tokens_have()
    {
        Assert.Equal(1000, Played(speed: 1).Begin(Noon));
        Assert.Equal(1000, Played(speed: 1, lastKnown: 900).Begin(Noon));
        Assert.Equal(1501, Played(speed: 1, lastKnown: 1500).Begin(Noon));
    }

    [Theory]
    [InlineData(0, 999, 5)]
    [InlineData(4.5, 999, 0.5)]
    [InlineData(5, 1000, 5)]
    [InlineData(12, 1001, 3)]
    public void The_past_is_played_so_many_times_faster_than_time(double seconds, int closed, double wait)
    {
        FeedClock clock = Played(speed: 60); // a bar every 5 seconds
        TimeSpan played = TimeSpan.FromSeconds(seconds);

        Assert.Equal(closed, clock.LastClosed(Noon, played));
        Assert.Equal(TimeSpan.FromSeconds(wait), clock.UntilNext(closed, Noon, played));
    }

    [Fact]
    public void The_past_ends()
    {
        FeedClock clock = Played(speed: 60);

        Assert.Equal(1999, clock.LastClosed(Noon, TimeSpan.FromDays(1)));
        Assert.Equal(TimeSpan.FromMilliseconds(1), clock.UntilNext(1998, Noon, TimeSpan.FromDays(1)));
        Assert.Null(clock.UntilNext(1999, Noon, TimeSpan.FromDays(1)));
    }

    [Fact]
    public void As_fast_as_it_goes_all_of_the_past_is_due_at_once()
    {
        FeedClock clock = Played(speed: null);

        Assert.Equal(1999, clock.LastClosed(Noon, default));
        Assert.Equal(TimeSpan.FromMilliseconds(1), clock.UntilNext(1500, Noon, default));
    }

    [Fact]
    public void Four_slots_of_the_past_are_on_their_way_at_most()
    {
        FeedClock clock = Played(speed: null);

        Assert.Null(clock.ToBeTaken(1003));
        Assert.Equal(1000, clock.ToBeTaken(1004));
        Assert.Null(Live.ToBeTaken(AtNoon)); // time itself holds back the present
    }

    private static FeedClock Played(double? speed, int lastKnown = -1) => FeedClock.Of(new(new(1000, 2000), speed), lastKnown);
}

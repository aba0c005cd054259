using Microsoft.Extensions.Time.Testing;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Feeds;

/// <summary>How many tokens take their bars at once.</summary>
public sealed class ConcurrencyLimiterTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void As_many_as_may_be_while_they_are_answered_soon()
    {
        ConcurrencyLimiter limiter = new(64, _clock);
        Call(limiter, 1000, TimeSpan.FromSeconds(1));
        Assert.Equal(64, limiter.Limit);
    }

    [Fact]
    public void Half_as_many_after_one_that_was_not_and_those_under_way_with_it_count_once()
    {
        ConcurrencyLimiter limiter = new(64, _clock);
        long began = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(2));
        for (int i = 0; i < 64; i++)
        {
            limiter.Ended(began);
        }

        Assert.Equal(32, limiter.Limit);
    }

    [Fact]
    public void Never_fewer_than_four_or_than_may_be_and_more_again_one_by_one()
    {
        ConcurrencyLimiter limiter = new(64, _clock), alone = new(1, _clock);
        Call(limiter, 20, TimeSpan.FromSeconds(2));
        Call(alone, 20, TimeSpan.FromSeconds(2));
        Assert.Equal((4, 1), (limiter.Limit, alone.Limit));
        Call(limiter, 5, TimeSpan.Zero);
        Assert.Equal(5, limiter.Limit);
        Call(limiter, 10_000, TimeSpan.Zero);
        Call(alone, 1, TimeSpan.Zero);
        Assert.Equal((64, 1), (limiter.Limit, alone.Limit));
    }

    private void Call(ConcurrencyLimiter limiter, int times, TimeSpan took)
    {
        for (int i = 0; i < times; i++)
        {
            long began = _clock.GetTimestamp();
            _clock.Advance(took);
            limiter.Ended(began);
        }
    }
}

using Microsoft.Extensions.Time.Testing;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Leaderboards;

public sealed class BriefAnswerTests
{
    private static readonly TimeSpan Stands = TimeSpan.FromMilliseconds(250);

    private readonly FakeTimeProvider _time = new();
    private int _asked;

    [Fact]
    public async Task It_stands_for_a_moment_also_if_it_came_at_once()
    {
        BriefAnswer<int> answer = new(Stands, _time);
        Assert.Equal(1, await answer.Get(AtOnce));
        _time.Advance(Stands - TimeSpan.FromTicks(1));
        Assert.Equal(1, await answer.Get(AtOnce));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(2, await answer.Get(AtOnce));
    }

    [Fact]
    public async Task Without_a_moment_each_has_it_asked_for_but_those_share_it_who_wait()
    {
        BriefAnswer<int> answer = new(TimeSpan.Zero, _time);
        Assert.Equal(1, await answer.Get(AtOnce));
        Assert.Equal(2, await answer.Get(AtOnce));

        TaskCompletionSource<int> coming = new();
        Task<int> first = answer.Get(() => coming.Task), second = answer.Get(AtOnce);
        coming.SetResult(17);
        Assert.Equal((17, 17, 3), (await first, await second, await answer.Get(AtOnce)));
    }

    [Fact]
    public async Task One_that_failed_does_not_stand()
    {
        BriefAnswer<int> answer = new(Stands, _time);
        await Assert.ThrowsAsync<TimeoutException>(() => answer.Get(() => Task.FromException<int>(new TimeoutException())));
        Assert.Equal(1, await answer.Get(AtOnce));
    }

    private Task<int> AtOnce() => Task.FromResult(++_asked);
}

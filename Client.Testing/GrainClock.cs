namespace Pnl.Client.Testing;

/// <summary>
/// The clock of grains' timers: the test's, but for waits under a second. Orleans drives the agents that pull the streams
/// by the same clock as the grains, many times a second, and they must not stand still with it.
/// </summary>
internal sealed class GrainClock(TimeProvider test) : TimeProvider
{
    private static readonly TimeSpan ShortestOfTest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Forever = Timeout.InfiniteTimeSpan;

    public override DateTimeOffset GetUtcNow() => test.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(
            System.CreateTimer(callback, state, Forever, Forever),
            test.CreateTimer(callback, state, Forever, Forever));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(ITimer real, ITimer test) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool isReal = dueTime >= TimeSpan.Zero && dueTime < ShortestOfTest;
            return (isReal ? test : real).Change(Forever, Forever) & (isReal ? real : test).Change(dueTime, period);
        }

        public void Dispose()
        {
            real.Dispose();
            test.Dispose();
        }

        public async ValueTask DisposeAsync()
        {
            await real.DisposeAsync();
            await test.DisposeAsync();
        }
    }
}

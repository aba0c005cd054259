using Pnl.Grains;

namespace Pnl.Tests.Cluster;

public sealed class FairYieldTests
{
    private const int Many = 1000;

    [Fact]
    public async Task Whoever_comes_later_need_not_wait_for_all_who_wait_for_a_turn()
    {
        int fewest = int.MaxValue;
        for (int i = 0; i < 20; i++) // a thread may be held up just before it looks
        {
            int gone = 0;
            Task[] all = [.. Enumerable.Range(0, Many).Select(async _ =>
            {
                await FairYield.YieldAsync().ConfigureAwait(false);
                Interlocked.Increment(ref gone);
            })];
            TaskCompletionSource<int> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
            ThreadPool.UnsafeQueueUserWorkItem(_ => seen.SetResult(Volatile.Read(ref gone)), null);
            fewest = Math.Min(fewest, await seen.Task);
            await Task.WhenAll(all);
            Assert.Equal(Many, gone);
        }

        Assert.True(fewest < Many / 2, $"{fewest} of {Many} went before");
    }
}

using Microsoft.Extensions.Time.Testing;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Sources;

public sealed class LocalQuotaTests
{
    // A wait that can be given up goes on by a thread of its own when it is over, which steps know nothing of.
    private static readonly CancellationToken Never = CancellationToken.None;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly DateTimeOffset Start = new(2024, 3, 13, 12, 0, 0, TimeSpan.Zero);

    private static (LocalQuota Quota, FakeTimeProvider Time) Quota(int permits, int seconds)
    {
        FakeTimeProvider time = new(Start);
        return (new(new Dictionary<string, SourceLimits> { ["x"] = new(1, permits, TimeSpan.FromSeconds(seconds)) }, time), time);
    }

    [Fact]
    public void No_window_has_more_permits_than_are_allowed_and_few_are_left_unused()
    {
        (LocalQuota quota, FakeTimeProvider time) = Quota(10, 10);
        using LocalQuota owned = quota;
        List<DateTimeOffset> gone = [];
        Steps.Run(steps =>
        {
            Task callers = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CallAsync()));
            while (!steps.UntilAllWait(callers))
            {
                time.Advance(TimeSpan.FromMilliseconds(250));
            }
        });
        Assert.Equal(64, gone.Count);

        // The 11th after any permit goes a window later at the earliest, and not much later.
        Assert.All(gone.Zip(gone.Skip(10)), p => Assert.True(p.Second - p.First >= TimeSpan.FromSeconds(10)));
        Assert.True(gone[^1] - gone[0] < TimeSpan.FromSeconds(6 * 10 / 0.9));

        async Task CallAsync()
        {
            for (int i = 0; i < 8; i++)
            {
                await quota.AcquireAsync("x", 1, Never);
                gone.Add(time.GetUtcNow());
            }
        }
    }

    [Fact]
    public void What_others_use_counts_and_a_refusal_stops_all()
    {
        (LocalQuota quota, FakeTimeProvider time) = Quota(10, 10);
        using LocalQuota owned = quota;
        quota.ReportAnswered("x", 1, TimeSpan.Zero, 9);
        Steps.Run(steps =>
        {
            Assert.True(steps.UntilAllWait(quota.AcquireAsync("x", 1, Never).AsTask()));
            Task waiting = quota.AcquireAsync("x", 1, Never).AsTask();
            Assert.False(steps.UntilAllWait(waiting));
            quota.ReportRefused("x", TimeSpan.FromSeconds(25));
            for (int second = 1; second < 25; second++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                Assert.False(steps.UntilAllWait(waiting), $"after {second} s");
            }

            time.Advance(TimeSpan.FromSeconds(2));
            Assert.True(steps.UntilAllWait(waiting));
        });
    }

    [Fact]
    public async Task Who_stops_waiting_takes_no_permit()
    {
        (LocalQuota quota, FakeTimeProvider time) = Quota(1, 10);
        using LocalQuota owned = quota;
        await quota.AcquireAsync("x", 1, Cancel);
        using CancellationTokenSource cancel = new();
        Task waiting = quota.AcquireAsync("x", 1, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        time.Advance(TimeSpan.FromSeconds(10.5));
        await quota.AcquireAsync("x", 1, Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel);
    }

    [Fact]
    public async Task More_than_a_window_holds_is_an_error_and_an_unknown_source_goes_free()
    {
        (LocalQuota quota, _) = Quota(1, 10);
        using LocalQuota owned = quota;
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await quota.AcquireAsync("x", 2, Cancel));
        await quota.AcquireAsync("y", 99, Cancel);
    }
}

using Microsoft.Extensions.Time.Testing;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Sources;

public sealed class LocalQuotaTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly DateTimeOffset Start = new(2024, 3, 13, 12, 0, 0, TimeSpan.Zero);

    private static (LocalQuota Quota, FakeTimeProvider Time) Quota(int permits, int seconds)
    {
        FakeTimeProvider time = new(Start);
        return (new(new Dictionary<string, SourceLimits> { ["x"] = new(1, permits, TimeSpan.FromSeconds(seconds)) }, time), time);
    }

    [Fact]
    public async Task No_window_has_more_permits_than_are_allowed_and_few_are_left_unused()
    {
        (LocalQuota quota, FakeTimeProvider time) = Quota(10, 10);
        using LocalQuota owned = quota;
        List<DateTimeOffset> gone = [];
        Task[] callers = [.. Enumerable.Range(0, 8).Select(async _ =>
        {
            for (int i = 0; i < 8; i++)
            {
                await quota.AcquireAsync("x", 1, Cancel);
                lock (gone)
                {
                    gone.Add(time.GetUtcNow());
                }
            }
        })];

        while (!Task.WhenAll(callers).IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(1, Cancel);
        }

        await Task.WhenAll(callers);
        DateTimeOffset[] times = [.. gone.Order()];
        Assert.Equal(64, times.Length);

        // The 11th after any permit goes a window later at the earliest, and not much later.
        Assert.All(times.Zip(times.Skip(10)), p => Assert.True(p.Second - p.First >= TimeSpan.FromSeconds(10)));
        Assert.True(times[^1] - times[0] < TimeSpan.FromSeconds(6 * 10 / 0.9));
    }

    [Fact]
    public async Task What_others_use_counts_and_a_refusal_stops_all()
    {
        (LocalQuota quota, FakeTimeProvider time) = Quota(10, 10);
        using LocalQuota owned = quota;
        quota.ReportAnswered("x", 1, TimeSpan.Zero, 9);
        await quota.AcquireAsync("x", 1, Cancel);

        Task waiting = quota.AcquireAsync("x", 1, Cancel).AsTask();
        Assert.False(waiting.IsCompleted);
        quota.ReportRefused("x", TimeSpan.FromSeconds(25));
        time.Advance(TimeSpan.FromSeconds(10));
        await Task.Delay(20, Cancel);
        Assert.False(waiting.IsCompleted);
        for (int i = 0; i < 16; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, Cancel);
        }

        await waiting.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
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

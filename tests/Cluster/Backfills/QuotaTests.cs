using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Backfills;

public sealed class QuotaTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Workers_of_all_tokens_share_the_budget_of_their_source()
    {
        const int permits = 10;
        TimeSpan window = TimeSpan.FromSeconds(10);
        await using SimulatedPast past = await SimulatedPast.StartAsync(new SourceLimits(1000, permits, window));
        IRequestQuota quota = past.Cluster.Services.GetRequiredService<IRequestQuota>();
        ConcurrentQueue<DateTimeOffset> sent = new();
        past.Source.BeforePage = async (_, _) =>
        {
            await quota.AcquireAsync("simulated", 1, Cancellation);
            sent.Enqueue(past.Clock.GetUtcNow());
        };
        DateTimeOffset began = past.Clock.GetUtcNow();
        string id = (await past.BackfillAsync(past.Request() with { From = SimulatedPast.Now.AddDays(-15) })).Id;
        Task<BackfillStatus> end = past.EndAsync(id);
        while (!end.IsCompleted)
        {
            past.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(end, Task.Delay(2, Cancellation));
        }

        Assert.Equal(BackfillPhase.Completed, (await end).Phase);
        DateTimeOffset[] times = [.. sent.Order()];
        Assert.Equal(past.Source.Requests, times.Length);
        Assert.True(times.Length > 2 * permits, $"{times.Length} requests");
        Assert.All(times.Zip(times.Skip(permits)), pair => Assert.True(pair.Second - pair.First >= window));

        // It does not know what was sent before it began, perhaps by a silo that died.
        Assert.True(times[0] - began >= window);
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_no_want_behind()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync(new SourceLimits(1000, 10, TimeSpan.FromSeconds(10)));
        IRequestQuota quota = past.Cluster.Services.GetRequiredService<IRequestQuota>();
        using CancellationTokenSource impatient = new();
        Task[] given = [.. Enumerable.Range(0, 9).Select(_ => quota.AcquireAsync("simulated", 1, impatient.Token).AsTask())];
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(given));

        // Alone, it leases one permit, and the other nine stay for others. A first grant comes a window after the grain woke up,
        // which may be later than the calls that were given up.
        Task alone = quota.AcquireAsync("simulated", 1, Cancellation).AsTask();
        while (!alone.IsCompleted)
        {
            past.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(alone, Task.Delay(10, Cancellation));
        }

        await alone;
        Assert.Equal(9, (await past.Cluster.Orleans.Client.GetGrain<ISourceQuotaGrain>("simulated").Lease(10)).Permits);
    }

    [Fact]
    public async Task A_refusal_holds_everybody()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync(new SourceLimits(1000, 10, TimeSpan.FromSeconds(10)));
        ISourceQuotaGrain grain = past.Cluster.Orleans.Client.GetGrain<ISourceQuotaGrain>("simulated");
        await grain.Lease(1);
        past.Clock.Advance(TimeSpan.FromSeconds(11));
        await grain.ReportRefused(TimeSpan.FromSeconds(60));
        QuotaLease lease = await grain.Lease(1);
        Assert.Equal((0, TimeSpan.FromSeconds(60)), (lease.Permits, lease.RetryAfter));
        past.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(1, (await grain.Lease(1)).Permits);
    }
}

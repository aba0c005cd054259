using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.TestingHost;
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
        await AdvanceUntilAsync(past, () => end.IsCompleted);
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
        Assert.Equal(9, (await past.Cluster.Orleans.Client.GetGrain<ISourceQuotaGrain>("simulated").Lease(1, 10)).Permits);
    }

    [Fact]
    public async Task Three_silos_share_one_budget_and_the_death_of_one_that_leased_frees_nothing()
    {
        const int permits = 10;
        TimeSpan window = TimeSpan.FromSeconds(10);
        await using SimulatedPast past = await SimulatedPast.StartAsync(new SourceLimits(1000, permits, window), silos: 3);
        InProcessTestCluster cluster = past.Cluster.Orleans;
        ISourceQuotaGrain grain = cluster.Client.GetGrain<ISourceQuotaGrain>("simulated");
        await grain.Lease(1, 1);
        SiloAddress? host = await cluster.Client.GetGrain<IManagementGrain>(0).GetActivationAddress(grain, Cancellation);
        InProcessSiloHandle[] others = [.. cluster.Silos.Where(silo => !silo.SiloAddress.Equals(host))];
        Assert.Equal(2, others.Length);

        // All of them send as fast as they may, one of them until it dies.
        ConcurrentQueue<(SiloAddress Silo, DateTimeOffset At)> sent = new();
        using CancellationTokenSource dying = CancellationTokenSource.CreateLinkedTokenSource(Cancellation), stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        ILookup<SiloAddress, Task> senders = cluster.Silos.SelectMany(silo => Enumerable.Repeat(silo, 3))
            .ToLookup(silo => silo.SiloAddress, silo => SendAsync(silo, silo == others[0] ? dying.Token : stopping.Token));
        await AdvanceUntilAsync(past, () => sent.Count >= 4 * permits);
        await dying.CancelAsync();
        await cluster.KillSiloAsync(others[0], Cancellation);
        int atDeath = sent.Count;
        await AdvanceUntilAsync(past, () => sent.Count >= atDeath + 4 * permits);

        // The silo that grants dies too: another takes over, and waits a window, since it knows nothing of what was granted.
        InProcessSiloHandle granting = cluster.Silos.Single(silo => silo.SiloAddress.Equals(host));
        DateTimeOffset died = past.Clock.GetUtcNow();
        await cluster.KillSiloAsync(granting, Cancellation);
        await AdvanceUntilAsync(past, () => sent.Count(s => s.Silo.Equals(others[1].SiloAddress) && s.At > died + window) >= 2 * permits);
        await stopping.CancelAsync();
        await Task.WhenAll(senders[others[1].SiloAddress]); // those of the dead wait for ever

        DateTimeOffset[] times = [.. sent.Select(s => s.At).Order()];
        Assert.All(times.Zip(times.Skip(permits)), pair => Assert.True(pair.Second - pair.First >= window, $"{pair}"));
        Assert.Equal(3, sent.Select(s => s.Silo).Distinct().Count());

        async Task SendAsync(InProcessSiloHandle silo, CancellationToken until)
        {
            IRequestQuota quota = cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<IRequestQuota>();
            try
            {
                while (true)
                {
                    await quota.AcquireAsync("simulated", 1, until);
                    sent.Enqueue((silo.SiloAddress, past.Clock.GetUtcNow()));
                    await Task.Delay(TimeSpan.FromMilliseconds(100), past.Clock, until); // a request takes its time
                }
            }
            catch (Exception) when (until.IsCancellationRequested || silo.SiloAddress.Equals(host))
            {
                // It died, or the test ends.
            }
        }
    }

    [Fact]
    public async Task A_request_that_costs_more_than_a_window_has_fails_and_says_so()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync(new SourceLimits(1000, 10, TimeSpan.FromSeconds(10)));
        IRequestQuota quota = past.Cluster.Services.GetRequiredService<IRequestQuota>();
        SourceException e = await Assert.ThrowsAsync<SourceException>(async () => await quota.AcquireAsync("simulated", 11, Cancellation));
        Assert.Equal(("source.limit", false), (e.Code, e.IsTransient));
        Assert.Contains("costs 11 permits, of which a window has 10", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_holds_everybody()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync(new SourceLimits(1000, 10, TimeSpan.FromSeconds(10)));
        ISourceQuotaGrain grain = past.Cluster.Orleans.Client.GetGrain<ISourceQuotaGrain>("simulated");
        await grain.Lease(1, 1);
        past.Clock.Advance(TimeSpan.FromSeconds(11));
        await grain.ReportRefused(TimeSpan.FromSeconds(60));
        QuotaLease lease = await grain.Lease(1, 1);
        Assert.Equal((0, TimeSpan.FromSeconds(60)), (lease.Permits, lease.RetryAfter));
        past.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(1, (await grain.Lease(1, 1)).Permits);
    }

    private static async Task AdvanceUntilAsync(SimulatedPast past, Func<bool> reached)
    {
        while (!reached())
        {
            past.Clock.Advance(TimeSpan.FromMilliseconds(100));
            for (int i = 0; i < 5; i++)
            {
                await Task.Run(() => { }, Cancellation); // behind what the step set going: whoever may send writes down when
            }

            await Task.Delay(2, Cancellation);
        }
    }
}

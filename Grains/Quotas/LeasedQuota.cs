using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// The quota as the requests of one silo see it: leases permits from the source's grain, more than one where many wait, and
/// gives them out one request after another. Permits that were not used in time are void; the grain counts them as used.
/// </summary>
internal sealed class LeasedQuota(IGrainFactory grains, TimeProvider time, ILogger<LeasedQuota> log) : IRequestQuota, IDisposable
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Budget> _budgets = new();

    public async ValueTask AcquireAsync(string source, int permits, CancellationToken cancellation)
    {
        Budget budget = _budgets.GetOrAdd(source, _ => new Budget());
        Interlocked.Add(ref budget.Waiting, permits);
        bool isTurn = false;
        try
        {
            await budget.Turn.WaitAsync(cancellation);
            isTurn = true;
            while (true)
            {
                if (budget.Permits >= permits && time.GetUtcNow() < budget.VoidAt)
                {
                    budget.Permits -= permits;
                    return;
                }

                // What is left is void, or too little and given up: the grain counts it as used either way.
                budget.Permits = 0;
                int wanted = Math.Max(permits, Volatile.Read(ref budget.Waiting));
                DateTimeOffset asked = time.GetUtcNow();
                QuotaLease lease;
                try
                {
                    lease = await grains.GetGrain<ISourceQuotaGrain>(source).Lease(permits, wanted).WaitAsync(cancellation);
                }
                catch (Exception e) when (e is OrleansException or TimeoutException)
                {
                    log.LogWarning(e, "The quota of {Source} did not answer; its silo may have died, and another takes it over", source);
                    await Task.Delay(AfterFailure, time, cancellation);
                    continue;
                }

                if (permits > lease.Allowed)
                {
                    throw new SourceException(
                        "source.limit", $"a request to {source} costs {permits} permits, of which a window has {lease.Allowed}; PermitsAWindow of the source must be greater", isTransient: false);
                }

                if (lease.Permits >= permits)
                {
                    (budget.Permits, budget.VoidAt) = (lease.Permits, asked + lease.UseWithin);
                }
                else
                {
                    await Task.Delay(lease.RetryAfter, time, cancellation);
                }
            }
        }
        finally
        {
            // Who gave up waiting wants no permits any more: leased for nobody they would go unused in every window to come.
            Interlocked.Add(ref budget.Waiting, -permits);
            if (isTurn)
            {
                budget.Turn.Release();
            }
        }
    }

    public void ReportAnswered(string source, int permits, TimeSpan took, int? used) =>
        Report(grains.GetGrain<ISourceQuotaGrain>(source).ReportAnswered(permits, took, used));

    public void ReportRefused(string source, TimeSpan retryAfter) => Report(grains.GetGrain<ISourceQuotaGrain>(source).ReportRefused(retryAfter));

    public void Dispose()
    {
        foreach (Budget budget in _budgets.Values)
        {
            budget.Dispose();
        }
    }

    private async void Report(Task report)
    {
        try
        {
            await report;
        }
        catch (Exception e)
        {
            // The source says so again with its next answer.
            log.LogWarning(e, "What a source said of its limits did not reach its quota");
        }
    }

    private sealed class Budget : IDisposable
    {
        public readonly SemaphoreSlim Turn = new(1, 1);
        public int Waiting;
        public int Permits;
        public DateTimeOffset VoidAt;

        public void Dispose() => Turn.Dispose();
    }
}

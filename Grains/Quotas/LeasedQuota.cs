using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// The quota as the requests of one silo see it: leases permits from the source's grain, more than one where many wait, and
/// gives them out one request after another. Permits that were not used in time are void; the grain counts them as used.
/// </summary>
internal sealed class LeasedQuota(IGrainFactory grains, TimeProvider time, ILogger<LeasedQuota> log) : IRequestQuota, IDisposable
{
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
                int wanted = Math.Max(permits, Volatile.Read(ref budget.Waiting));
                DateTimeOffset asked = time.GetUtcNow();
                QuotaLease lease = await grains.GetGrain<ISourceQuotaGrain>(source).Lease(wanted).WaitAsync(cancellation);
                if (lease.Permits >= permits)
                {
                    (budget.Permits, budget.VoidAt) = (lease.Permits, asked + lease.UseWithin);
                }
                else
                {
                    await Task.Delay(lease.RetryAfter > TimeSpan.Zero ? lease.RetryAfter : lease.UseWithin, time, cancellation);
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

    public void ReportUsed(string source, int permits) => Report(grains.GetGrain<ISourceQuotaGrain>(source).ReportUsed(permits));

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

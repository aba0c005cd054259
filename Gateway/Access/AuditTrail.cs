using Orleans;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>Hands entries to the grain that keeps the audit log: those that gather while it writes go together.</summary>
internal sealed class AuditTrail(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan UntilKept = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly List<AuditEntry> _waiting = [];
    private Task _last = Task.CompletedTask;
    private Task? _next;

    /// <summary>Completes when the entry is durable.</summary>
    public Task AddAsync(AuditEntry entry)
    {
        lock (_lock)
        {
            _waiting.Add(entry);
            return _next ??= WriteAsync(_last);
        }
    }

    public Task<AuditResult> FindAsync(AuditQuery query, CancellationToken cancellation) => grains.GetGrain<IAuditGrain>(0).Find(query).WaitAsync(cancellation);

    private async Task WriteAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        AuditEntry[] entries;
        lock (_lock)
        {
            entries = [.. _waiting];
            _waiting.Clear();
            (_last, _next) = (_next!, null);
        }

        await grains.GetGrain<IAuditGrain>(0).Append(entries).WaitAsync(UntilKept, time);
    }
}

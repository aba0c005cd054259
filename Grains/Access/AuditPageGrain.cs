using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>Keeps a full page of the audit log.</summary>
[GrainType("audit-page")]
internal sealed class AuditPageGrain([PersistentState("auditPage")] IPersistentState<AuditTail> stored) : Grain, IAuditPageGrain
{
    public Task Put(AuditEntry[] entries)
    {
        stored.State = new() { Page = this.GetPrimaryKeyLong(), Entries = [.. entries] };
        return stored.WriteStateAsync();
    }

    public Task<AuditEntry[]> Get() => Task.FromResult(stored.State.Entries.ToArray());

    public Task Clear() => stored.ClearStateAsync();
}

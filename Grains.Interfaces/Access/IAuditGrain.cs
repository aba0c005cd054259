using Orleans.Concurrency;

namespace Pnl.Grains;

/// <summary>The newest changes that somebody asked for, some 256,000. There is one, with the key 0.</summary>
[Alias("Pnl.IAuditGrain")]
public interface IAuditGrain : IGrainWithIntegerKey
{
    /// <summary>Adds entries, in their order, and numbers them; completes when they are durable.</summary>
    [Alias("Append")]
    Task Append(AuditEntry[] entries);

    /// <summary>Finds entries, newest first.</summary>
    [Alias("Find"), AlwaysInterleave]
    Task<AuditResult> Find(AuditQuery query);
}

namespace Pnl.Grains;

/// <summary>A full page of the audit log; its key is the page's number, from 0 on.</summary>
[Alias("Pnl.IAuditPageGrain")]
public interface IAuditPageGrain : IGrainWithIntegerKey
{
    /// <summary>Keeps its entries, oldest first, instead of whatever was kept; completes when they are durable.</summary>
    [Alias("Put")]
    Task Put(AuditEntry[] entries);

    /// <summary>Its entries, oldest first; none if it keeps none any more.</summary>
    [Alias("Get")]
    Task<AuditEntry[]> Get();

    /// <summary>Forgets its entries.</summary>
    [Alias("Clear")]
    Task Clear();
}

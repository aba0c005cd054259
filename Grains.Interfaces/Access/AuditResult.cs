namespace Pnl.Grains;

/// <summary>Entries of the audit log, newest first.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.AuditResult")]
public sealed record AuditResult
{
    /// <summary>The entries; fewer than wanted, even none, where many had to be passed over.</summary>
    [Id(0)]
    public required AuditEntry[] Items { get; init; }

    /// <summary>Where to go on: the <see cref="AuditQuery.Before"/> of the next query; null at the end.</summary>
    [Id(1)]
    public long? Next { get; init; }
}

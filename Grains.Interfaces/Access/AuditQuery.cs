namespace Pnl.Grains;

/// <summary>Which entries of the audit log are wanted, newest first.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.AuditQuery")]
public sealed record AuditQuery
{
    /// <summary>Only entries whose <see cref="AuditEntry.Who"/> has this in it, whatever the case; null for all.</summary>
    [Id(0)]
    public string? Who { get; init; }

    /// <summary>Only entries whose <see cref="AuditEntry.What"/> has this in it, whatever the case; null for all.</summary>
    [Id(1)]
    public string? What { get; init; }

    /// <summary>Only entries before this <see cref="AuditEntry.Number"/>; null from the newest on.</summary>
    [Id(2)]
    public long? Before { get; init; }

    /// <summary>The most entries.</summary>
    [Id(3)]
    public int Limit { get; init; } = 100;
}

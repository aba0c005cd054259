namespace Pnl.Grains;

/// <summary>The end of the audit log as it is stored: the entries behind the last full page.</summary>
internal sealed class AuditTail
{
    /// <summary>The page that these entries will be.</summary>
    public long Page { get; set; }

    public List<AuditEntry> Entries { get; set; } = [];
}

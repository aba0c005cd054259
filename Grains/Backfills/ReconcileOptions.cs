namespace Pnl.Grains;

/// <summary>Settings of the daily comparison with a source's history.</summary>
public sealed record ReconcileOptions
{
    /// <summary>Name of the source from which live bars come and with whose history they are compared; null for none.</summary>
    public string? Source { get; init; }

    /// <summary>How long after midnight, UTC, the day before is compared: sources may still correct it. 30 minutes by default.</summary>
    public TimeSpan After { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The most days that are caught up with after a pause, 7 by default: the newest ones.</summary>
    public int MostDays { get; init; } = 7;
}

namespace Pnl;

/// <summary>A sealed month that a change rewrote, to be stored.</summary>
/// <param name="Summary">Month and summary.</param>
/// <param name="Segment">Its bars.</param>
public sealed record SealedMonth(MonthSummary Summary, Segment Segment);

/// <summary>What taking bars into a history came to.</summary>
/// <param name="History">The history afterwards; the same instance if nothing changed.</param>
/// <param name="Sealed">Months that were rewritten.</param>
/// <param name="Accepted">Bars of slots that had none.</param>
/// <param name="Unchanged">Bars that were known already.</param>
/// <param name="Corrected">Bars that replaced another rate.</param>
/// <param name="IsChange">Whether anything must be stored.</param>
public sealed record HistoryChange(
    TokenHistory History, IReadOnlyList<SealedMonth> Sealed, int Accepted, int Unchanged, int Corrected, bool IsChange)
{
    /// <summary>Months that hold no bar any more.</summary>
    public IReadOnlyList<int> Dropped { get; init; } = [];

    /// <summary>No change.</summary>
    public static HistoryChange None(TokenHistory history) => new(history, [], 0, 0, 0, false);
}

namespace Pnl;

/// <summary>What becomes of a history when the bars of a range are taken away, see <see cref="TokenHistory.Without"/>.</summary>
/// <param name="Range">The slots.</param>
/// <param name="Stagger">See <see cref="TokenHistory.Stagger"/>.</param>
public sealed record WithoutQuestion(SlotRange Range, int Stagger) : IHistoryQuestion<HistoryChange>
{
    /// <inheritdoc/>
    /// <returns>A month all of which goes is not named, be it damaged or not.</returns>
    public IReadOnlySet<int> Months(TokenHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        return history.WithoutNeeds(Range);
    }

    /// <inheritdoc/>
    public HistoryChange Answer(TokenHistory history, SegmentSet segments)
    {
        ArgumentNullException.ThrowIfNull(history);
        return history.Without(Range, segments, Stagger);
    }
}

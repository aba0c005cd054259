namespace Pnl;

/// <summary>The gaps of a token's life, see <see cref="TokenHistory.Gaps"/>. Looks into every month that is not full.</summary>
public sealed record GapsQuestion : IHistoryQuestion<IReadOnlyList<Gap>>
{
    /// <inheritdoc/>
    public IReadOnlySet<int> Months(TokenHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        SortedSet<int> months = [];
        history.GapsNeeds(months);
        return months;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Gap> Answer(TokenHistory history, SegmentSet segments)
    {
        ArgumentNullException.ThrowIfNull(history);
        return [.. history.Gaps(segments)];
    }
}

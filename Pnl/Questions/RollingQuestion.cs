namespace Pnl;

/// <summary>
/// Where the rolling windows begin in sealed months. <see cref="TokenHistory.RollingWindows(RollingEdges)"/> makes the windows of it, for
/// this history and for those after it that only took live bars.
/// </summary>
/// <param name="Known">What is known from the time before; <see cref="RollingEdges.None"/> at first.</param>
/// <param name="WithCompleteness">Whether it is asked too if every bar of the token's life is known.</param>
public sealed record RollingQuestion(RollingEdges Known, bool WithCompleteness) : IHistoryQuestion<(RollingEdges Edges, bool IsComplete)>
{
    /// <inheritdoc/>
    public IReadOnlySet<int> Months(TokenHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        SortedSet<int> months = [];
        history.EdgeNeeds(Known, months);
        if (WithCompleteness)
        {
            history.CompleteNeeds(history.LifeRange, months);
        }

        return months;
    }

    /// <inheritdoc/>
    /// <returns>The edges, and whether every bar is known; false if that was not asked.</returns>
    public (RollingEdges Edges, bool IsComplete) Answer(TokenHistory history, SegmentSet segments)
    {
        ArgumentNullException.ThrowIfNull(history);
        return (history.Edges(Known, segments), WithCompleteness && history.IsComplete(history.LifeRange, segments));
    }
}

namespace Pnl;

/// <summary>What the window between two instants comes to, and whether every bar of it is known.</summary>
/// <param name="From">Its begin; null for the close of the first bar.</param>
/// <param name="To">Its end; null for the close of the last bar. Not after <paramref name="Now"/>.</param>
/// <param name="Now">The time of the question.</param>
public sealed record WindowQuestion(DateTimeOffset? From, DateTimeOffset? To, DateTimeOffset Now) : IHistoryQuestion<(Window? Window, bool IsComplete)>
{
    /// <inheritdoc/>
    public IReadOnlySet<int> Months(TokenHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        SortedSet<int> months = [];
        if (Bounds(history) is (long from, long to))
        {
            history.WindowNeeds(from, to, months);
            history.CompleteNeeds(Covering(history, from, to), months);
        }

        return months;
    }

    /// <inheritdoc/>
    /// <returns>The window; null if it has no bounds since there is no bar.</returns>
    public (Window? Window, bool IsComplete) Answer(TokenHistory history, SegmentSet segments)
    {
        ArgumentNullException.ThrowIfNull(history);
        return Bounds(history) is (long from, long to)
            ? (history.Window(from, to, segments), history.IsComplete(Covering(history, from, to), segments))
            : (null, false);
    }

    private (long From, long To)? Bounds(TokenHistory history)
    {
        if (history.IsEmpty && (From is null || To is null))
        {
            return null;
        }

        long to = To is { } end ? Math.Min(end.ToUnixTimeSeconds(), Now.ToUnixTimeSeconds()) : BarTime.CloseSeconds(history.Life.LastSlot);
        long from = From is { } begin ? begin.ToUnixTimeSeconds() : BarTime.CloseSeconds(history.Life.FirstSlot);
        return (Math.Min(from, to), to);
    }

    /// <summary>The slots of which the window counts the bars, since the first bar.</summary>
    private static SlotRange Covering(TokenHistory history, long from, long to) => history.IsEmpty
        ? default
        : new(Math.Max(BarTime.SlotAtSeconds(from), history.Life.FirstSlot), BarTime.SlotAtSeconds(to));
}

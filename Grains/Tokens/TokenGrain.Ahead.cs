using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Bars that lie ahead of now, taken under a clock that was ahead: they are held until they close, and no answer is by them.
/// Rare, so that it may cost a history made anew every five minutes.
/// </summary>
internal sealed partial class TokenGrain
{
    private (TokenHistory Of, int LastClosed, TokenHistory History, SegmentSet Segments)? _closed;

    /// <summary>The history that answers are by, as far as it is made.</summary>
    private TokenHistory Shown => IsAhead(_history, out int last) && _closed is { } closed && ReferenceEquals(closed.Of, _history) && closed.LastClosed == last ? closed.History : _history;

    private bool IsAhead(TokenHistory history, out int lastClosed)
    {
        lastClosed = BarTime.LastClosedSlot(time.GetUtcNow());
        return !history.IsEmpty && history.Life.LastSlot > lastClosed;
    }

    /// <summary>A history without the bars that lie ahead of now, with all of its months; null if there are none such.</summary>
    private async ValueTask<(TokenHistory History, SegmentSet Segments)?> Closed(TokenHistory history)
    {
        if (!IsAhead(history, out int last))
        {
            _closed = null;
            return null;
        }

        if (_closed is { } known && ReferenceEquals(known.Of, history) && known.LastClosed == last)
        {
            return (known.History, known.Segments);
        }

        SegmentSet segments = await Load(history, AllMonths(history));
        HistoryChange change = await Task.Run(() => history.Without(new(last + 1, int.MaxValue), segments, Stagger));
        _closed = (history, last, change.History, segments.With(change.Sealed));
        return (_closed.Value.History, _closed.Value.Segments);
    }
}

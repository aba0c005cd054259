namespace Pnl;

/// <summary>Which periods of a token's history are asked for, a page of them at a time.</summary>
/// <param name="From">Bars that open at this time or later; null for all from the first on.</param>
/// <param name="To">Bars that open before this time; null for all up to the last.</param>
/// <param name="RangeFrom">Where the first page began; null on the first page.</param>
/// <param name="Interval">Length of a period.</param>
/// <param name="Limit">The most points before the rest is left to a next page.</param>
/// <param name="MaxPoints">If given, all of it is thinned out to at most so many points.</param>
public readonly record struct Periods(DateTimeOffset? From, DateTimeOffset? To, DateTimeOffset? RangeFrom, Interval Interval, int Limit, int? MaxPoints)
{
    /// <summary>The slots of this page.</summary>
    public SlotRange Page(TokenHistory history) => Between(history, From, To);

    /// <summary>The slots of all pages together.</summary>
    public SlotRange Whole(TokenHistory history) => Between(history, RangeFrom ?? From, To);

    private static SlotRange Between(TokenHistory history, DateTimeOffset? from, DateTimeOffset? to)
    {
        ArgumentNullException.ThrowIfNull(history);
        return history.LifeRange.Intersect(new(from is { } begin ? BarTime.SlotAtOrAfter(begin) : 0, to is { } end ? BarTime.SlotAtOrAfter(end) : int.MaxValue));
    }
}

/// <summary>Points of some periods, and what is said of all pages of them together.</summary>
/// <param name="Points">The points of this page.</param>
/// <param name="Interval">Length of a period; that of the bars where they are coarser.</param>
/// <param name="AsOf">Close time of the last bar, in Unix seconds; null if there is none.</param>
/// <param name="IsComplete">Whether every bar is known.</param>
public readonly record struct PeriodsAnswer<TPoints>(TPoints Points, Interval Interval, long? AsOf, bool IsComplete);

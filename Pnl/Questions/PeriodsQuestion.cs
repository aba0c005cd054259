namespace Pnl;

/// <summary>A token's history period by period.</summary>
/// <typeparam name="TPoints">What is told of the periods.</typeparam>
public abstract record PeriodsQuestion<TPoints>(Periods Periods) : IHistoryQuestion<PeriodsAnswer<TPoints>>
{
    /// <inheritdoc/>
    public IReadOnlySet<int> Months(TokenHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        SortedSet<int> months = [];
        history.SeriesNeeds(Periods.Page(history), months);
        history.CompleteNeeds(Periods.Whole(history), months);
        history.LastCloseNeeds(Periods.Whole(history), months);
        return months;
    }

    /// <inheritdoc/>
    public PeriodsAnswer<TPoints> Answer(TokenHistory history, SegmentSet segments)
    {
        ArgumentNullException.ThrowIfNull(history);
        SlotRange page = Periods.Page(history), whole = Periods.Whole(history);
        Interval coarsest = history.CoarsestIn(page);
        return new(
            Points(history, page, segments), Periods.Interval > coarsest ? Periods.Interval : coarsest, history.LastCloseIn(whole, segments), history.IsComplete(whole, segments));
    }

    /// <summary>The points of a page.</summary>
    protected abstract TPoints Points(TokenHistory history, SlotRange page, SegmentSet segments);
}

/// <summary>Rate and PnL period by period.</summary>
public sealed record SeriesQuestion(Periods Periods) : PeriodsQuestion<RateSeries>(Periods)
{
    /// <inheritdoc/>
    protected override RateSeries Points(TokenHistory history, SlotRange page, SegmentSet segments)
    {
        ArgumentNullException.ThrowIfNull(history);
        return history.Series(page, Periods.Interval, Periods.Limit, Periods.MaxPoints, segments);
    }
}

/// <summary>Rates period by period.</summary>
public sealed record CandlesQuestion(Periods Periods) : PeriodsQuestion<CandleSeries>(Periods)
{
    /// <inheritdoc/>
    protected override CandleSeries Points(TokenHistory history, SlotRange page, SegmentSet segments)
    {
        ArgumentNullException.ThrowIfNull(history);
        return history.Candles(page, Periods.Interval, Periods.Limit, Periods.MaxPoints, segments);
    }
}

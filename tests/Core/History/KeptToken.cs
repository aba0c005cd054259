using System.Collections.Immutable;

namespace Pnl.Tests.Core.History;

/// <summary>
/// A token as its owner keeps it: the history in memory and sealed months as bytes in a store. Every answer loads just
/// the months that the history names beforehand, from their bytes; if it names too few, the answer throws.
/// </summary>
internal sealed class KeptToken(int stagger = 0)
{
    private RollingEdges _edges = RollingEdges.None;

    public TokenHistory History { get; private set; } = TokenHistory.Empty;

    /// <summary>What the store holds, by month.</summary>
    public SortedDictionary<int, byte[]> Store { get; } = [];

    public static KeptToken Of(ReadOnlySpan<Bar> bars, int stagger = 0)
    {
        KeptToken token = new(stagger);
        token.Take(bars);
        return token;
    }

    public HistoryChange Take(ReadOnlySpan<Bar> bars, SlotRange covered = default) => Take(Ask(new NewBars(bars.ToArray(), covered, stagger)));

    public HistoryChange Take(BarColumns bars) => Take(Ask(new NewBars(bars, default, stagger)));

    /// <summary>Answers a question from the months that it names, read from their bytes.</summary>
    public T Ask<T>(IHistoryQuestion<T> question) => question.Answer(History, Load(question.Months(History)));

    private HistoryChange Take(HistoryChange change)
    {
        if (!change.IsChange)
        {
            Assert.Same(History, change.History);
            Assert.Empty(change.Sealed);
        }

        History = change.History;
        foreach (SealedMonth month in change.Sealed)
        {
            Store[month.Summary.Month] = month.Segment.Bytes.ToArray();
        }

        return change;
    }

    /// <summary>The same token after a restart: all that was kept is bytes.</summary>
    public KeptToken Reopened()
    {
        KeptToken token = new(stagger);
        foreach ((int month, byte[] bytes) in Store)
        {
            token.Store[month] = [.. bytes];
        }

        token.History = TokenHistory.Restore(
            [.. History.Months.Select(month => MonthSummary.Restore(month.Month, month.Store()))],
            History.Tail is { } tail ? Segment.Open(tail.Bytes.ToArray(), "the tail") : null,
            Coverage.Of(History.Coverage.Ranges));
        return token;
    }

    public Window Window(long from, long to) => History.Window(from, to, Load(months => History.WindowNeeds(from, to, months)));

    /// <summary>The rolling windows by what is known of their edges from the time before, as a grain computes them.</summary>
    public Window[] RollingWindows()
    {
        _edges = Ask(new RollingQuestion(_edges, WithCompleteness: false)).Edges;
        return History.RollingWindows(_edges);
    }

    public RateSeries Series(SlotRange range, Interval interval, int limit = int.MaxValue, int? maxPoints = null) =>
        History.Series(range, interval, limit, maxPoints, Load(months => History.SeriesNeeds(range, months)));

    public CandleSeries Candles(SlotRange range, Interval interval, int limit = int.MaxValue, int? maxPoints = null) =>
        History.Candles(range, interval, limit, maxPoints, Load(months => History.SeriesNeeds(range, months)));

    public decimal? RateAt(int slot) => History.LastAt(slot, Load(months => History.LastAtNeeds(slot, months)))?.Rate;

    public long? LastCloseIn(SlotRange range) => History.LastCloseIn(range, Load(months => History.LastCloseNeeds(range, months)));

    public bool IsComplete(SlotRange range) => History.IsComplete(range, Load(months => History.CompleteNeeds(range, months)));

    public IReadOnlyList<Gap> Gaps() => Ask(new GapsQuestion());

    /// <summary>All bytes that depend on the bars: equal bars must give equal bytes.</summary>
    public IEnumerable<(string Part, string Hex)> State()
    {
        yield return ("tail", History.Tail is { } tail ? Convert.ToHexString(tail.Bytes.Span) : "");
        foreach ((int month, byte[] bytes) in Store)
        {
            yield return ($"month {month}", Convert.ToHexString(bytes));
        }

        foreach (MonthSummary month in History.Months)
        {
            yield return ($"summary of month {month.Month}", Convert.ToHexString(month.Store()));
        }

        yield return ("life", Convert.ToHexString(new MonthSummary(0, History.Life).Store()));
    }

    private SegmentSet Load(Action<ISet<int>> needs)
    {
        SortedSet<int> months = [];
        needs(months);
        return Load(months);
    }

    private SegmentSet Load(IEnumerable<int> months)
    {
        SegmentSet set = new();
        foreach (int month in months)
        {
            set.Add(month, Segment.Open(Store[month], $"month {month}"));
        }

        return set;
    }
}

using System.Collections.Immutable;

namespace Pnl.Tests.Core.Listings;

/// <summary>
/// A token of several listings as its owner keeps it: what each listing brought, and the life that is put together of it, day
/// by day as it comes.
/// </summary>
internal sealed class KeptLife(IReadOnlyList<Listing> order, Func<string, int, decimal, decimal?> convert, string quote = "usd")
{
    private readonly Dictionary<string, (TokenHistory History, SegmentSet Months)> _kept = [];
    private Dictionary<int, Segment> _months = [];

    public TokenHistory Life { get; private set; } = TokenHistory.Empty;

    public IReadOnlyList<Listing> Order { get; private set; } = order;

    public void Take(Listing listing, IEnumerable<Bar> bars, SlotRange covered = default)
    {
        Bar[] all = [.. bars];
        (TokenHistory history, SegmentSet months) = _kept.GetValueOrDefault(listing.Key, (TokenHistory.Empty, SegmentSet.Empty));
        HistoryChange change = history.With(all, new Reading(covered, listing.Interval), months, 0);
        _kept[listing.Key] = (change.History, months.With(change.Sealed));
        PutTogether([.. all.Select(bar => BarTime.DayOf(bar.Slot)).Distinct().Order()]);
    }

    public void Reorder(IReadOnlyList<Listing> order)
    {
        Order = order;
        PutTogether(null);
    }

    public IReadOnlyList<(Listing Listing, int First, int Last, int Bars)> Whose()
    {
        LifeMerge merge = Merge();
        foreach (int day in merge.AllDays())
        {
            merge.Day(day);
        }

        return [.. merge.Life.Select(range => (Order[range.Input], range.FirstSlot, range.LastSlot, range.Bars))];
    }

    /// <summary>All that would be stored of the life.</summary>
    public IEnumerable<string> State()
    {
        yield return Life.Tail is { } tail ? Convert.ToHexString(tail.Bytes.Span) : "";
        foreach (MonthSummary month in Life.Months)
        {
            yield return $"{month.Month}: {Convert.ToHexString(_months[month.Month].Bytes.Span)} {Convert.ToHexString(month.Store())}";
        }

        yield return string.Join(' ', Life.Coarse.Runs);
        yield return string.Join(' ', Life.Coverage.Ranges) + " | " + string.Join(' ', Life.Coarse.Coverage.Ranges);
    }

    public SegmentSet Months => SegmentSet.Empty.With(Life.Months.Select(month => new SealedMonth(month, _months[month.Month])));

    public List<Bar> Bars() => [.. Life.Months.SelectMany(month => _months[month.Month].ToBars()), .. Life.Tail?.ToBars() ?? []];

    private LifeMerge Merge() => new([.. Order.Select(listing =>
    {
        (TokenHistory history, SegmentSet months) = _kept.GetValueOrDefault(listing.Key, (TokenHistory.Empty, SegmentSet.Empty));
        return new LifeMerge.Input(new(listing, history), listing.Bounds, months, listing.Quote == quote ? null : (slot, rate) => convert(listing.Quote, slot, rate));
    })]);

    private void PutTogether(int[]? days)
    {
        LifeMerge merge = Merge();
        MergedDay[] merged = [.. (days ?? merge.AllDays()).Select(merge.Day)];
        (Coverage fine, Coverage coarse) = merge.Covered(Coverage.None);
        HistoryChange? change = days is null ? null : Life.WithDays(merged, fine, coarse, Months, 0, out _);
        if (change is null)
        {
            merged = [.. merge.AllDays().Select(merge.Day)];
            _months = [];
            change = TokenHistory.Empty.WithDays(merged, fine, coarse, SegmentSet.Empty, 0, out _)!;
        }

        Life = change.History;
        foreach (SealedMonth month in change.Sealed)
        {
            _months[month.Summary.Month] = month.Segment;
        }

        foreach (int month in change.Dropped)
        {
            _months.Remove(month);
        }
    }
}

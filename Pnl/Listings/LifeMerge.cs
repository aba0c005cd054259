namespace Pnl;

/// <summary>
/// Puts a token's bars together from those of its listings: the bar of a slot is that of the first listing in the order
/// that has one there, among those of the finest interval that has a bar in the period. A pure function of the listings'
/// bars and their order; which of them came first does not matter.
/// </summary>
public sealed class LifeMerge
{
    private readonly Input[] _inputs; // in order of preference
    private readonly int[] _byInterval; // their places, those of finer intervals first
    private readonly Bar[] _merged = new Bar[BarTime.BarsPerDay];
    private readonly decimal[] _rates = new decimal[BarTime.BarsPerDay];
    private readonly int[] _owners = new int[BarTime.BarsPerDay]; // 0 for none, else 1 + index of the input
    private readonly byte[] _block = new byte[DayBlock.MaxLength];

    /// <param name="inputs">The listings in their order of preference.</param>
    public LifeMerge(IReadOnlyList<Input> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        _inputs = [.. inputs];
        _byInterval = [.. Enumerable.Range(0, _inputs.Length).OrderBy(i => _inputs[i].Bars.Listing.Interval)]; // a stable sort
    }

    /// <summary>A listing's bars as they are put in.</summary>
    /// <param name="Bars">The bars.</param>
    /// <param name="Bounds">Only bars of these slots are the token's.</param>
    /// <param name="Segments">The months of it that are needed.</param>
    /// <param name="Convert">From its quote to the token's, as of a slot's close: null for a rate that is not known there. Null where the quotes agree.</param>
    public sealed record Input(ListedBars Bars, SlotRange Bounds, SegmentSet Segments, Func<int, decimal, decimal?>? Convert);

    /// <summary>Slots of bars that could not be converted, of the days merged so far.</summary>
    public List<int> Unconverted { get; } = [];

    /// <summary>Whose bars the life is made of, of the days merged so far, in order of time: the place in the order, first and last slot, number of bars.</summary>
    public List<(int Input, int FirstSlot, int LastSlot, int Bars)> Life { get; } = [];

    /// <summary>All days on which any listing has bars, ascending.</summary>
    internal IEnumerable<int> AllDays() =>
        new SortedSet<int>(_inputs.SelectMany(input => input.Bars.History.Days(input.Segments).Select(day => day.Day)));

    /// <summary>All days, as a history made anew.</summary>
    /// <param name="stagger">See <see cref="TokenHistory.Stagger"/>.</param>
    /// <param name="unconverted">Slots of bars that could not be converted.</param>
    public HistoryChange Whole(int stagger, out Coverage unconverted)
    {
        MergedDay[] days = [.. AllDays().Select(Day)];
        unconverted = Coverage.OfSlots(Unconverted);
        (Coverage fine, Coverage coarse) = Covered(unconverted);
        return TokenHistory.Empty.WithDays(days, fine, coarse, SegmentSet.Empty, stagger, out _)!; // never null: there is no last bar that could go
    }

    /// <summary>One day's bars. Days are to be merged in ascending order.</summary>
    internal MergedDay Day(int day)
    {
        List<(int Input, Segment Segment, int Index)> there = [];
        foreach (int input in _byInterval)
        {
            if (_inputs[input].Bars.History.FindDay(day, _inputs[input].Segments) is var (segment, index))
            {
                there.Add((input, segment, index));
            }
        }

        if (there.Count == 0)
        {
            return new(day, default, []);
        }

        // What is one listing's as a whole is taken as it is: nearly all days are.
        (int first, Segment of, int at) = there[0];
        Input finest = _inputs[first];
        SlotRange whole = new(BarTime.FirstSlotOfDay(day), BarTime.FirstSlotOfDay(day + 1));
        if (finest.Convert is null && whole.Intersect(finest.Bounds) == whole && LeavesNothing(finest, of.Summary(at), there))
        {
            RateSummary summary = of.Summary(at);
            Add(first, summary.FirstSlot, summary.LastSlot, summary.Count);
            return new(day, of.BlockBytes(at), Runs(finest.Bars.Listing.Interval, of, at));
        }

        return Together(day, there);
    }

    /// <summary>
    /// What has been read, at 5 minutes and at coarser intervals. Where a listing is known, a slot without a bar is told as
    /// absent only if it was read there; what callers say of their own bars counts by itself.
    /// </summary>
    /// <param name="unconverted">Slots of bars that could not be converted: they count as not read.</param>
    public (Coverage Fine, Coverage Coarse) Covered(Coverage unconverted)
    {
        Coverage fine = Coverage.None, coarse = Coverage.None;
        foreach (IGrouping<Interval, Input> of in _inputs.GroupBy(input => input.Bars.Listing.Interval))
        {
            Coverage known = Coverage.None, unread = Coverage.None, said = Coverage.None;
            foreach (Input input in of)
            {
                if (input.Bars.Listing.Source == Listing.Api)
                {
                    said = said.Union(input.Bars.Covered);
                }
                else if (input.Bars.Known is { IsEmpty: false } range)
                {
                    known = known.With(range);
                    unread = unread.Union(Coverage.Of([range]).Except(input.Bars.Covered));
                }
            }

            Coverage read = known.Except(unread).Union(said);
            (fine, coarse) = of.Key == Interval.FiveMinutes ? (read, coarse) : (fine, coarse.Union(read));
        }

        return (fine.Except(unconverted), coarse.Except(unconverted));
    }

    /// <summary>Whether a day's bars leave no room for those of the other listings: it has all, or those have one a day.</summary>
    private bool LeavesNothing(Input finest, in RateSummary bars, List<(int Input, Segment Segment, int Index)> there) =>
        bars.Count * finest.Bars.Listing.Interval.Slots() == BarTime.BarsPerDay ||
        there.Skip(1).All(other => _inputs[other.Input].Bars.Listing.Interval == Interval.Day);

    private MergedDay Together(int day, List<(int Input, Segment Segment, int Index)> there)
    {
        Array.Clear(_owners);
        int start = BarTime.FirstSlotOfDay(day);
        DayBars bars = DayBars.Rent();
        List<CoarseRun> runs = [];
        foreach ((int index, Segment segment, int at) in there)
        {
            Input input = _inputs[index];
            Interval interval = input.Bars.Listing.Interval;
            int length = interval.Slots();
            segment.Decode(at, bars);
            for (int i = 0; i < bars.Count; i++)
            {
                int slot = bars.Slots[i], place = slot - start;
                if (slot < input.Bounds.From || slot >= input.Bounds.To || _owners.AsSpan(place + 1 - length, length).ContainsAnyExcept(0))
                {
                    continue;
                }

                decimal rate = bars.Rate(i);
                if (input.Convert is not null)
                {
                    if (input.Convert(slot, rate) is not { } converted)
                    {
                        Unconverted.Add(slot);
                        continue;
                    }

                    rate = converted;
                }

                (_owners[place], _rates[place]) = (index + 1, rate);
            }
        }

        int count = 0;
        for (int place = 0; place < _owners.Length; place++)
        {
            if (_owners[place] == 0)
            {
                continue;
            }

            int input = _owners[place] - 1, slot = start + place;
            Interval interval = _inputs[input].Bars.Listing.Interval;
            _merged[count++] = new(slot, _rates[place]);
            Add(input, slot, slot, 1);
            if (interval != Interval.FiveMinutes)
            {
                runs.Add(new(new(slot + 1 - interval.Slots(), slot + 1), interval));
            }
        }

        ReadOnlyMemory<byte> block = default;
        if (count > 0)
        {
            bars.Set(_merged.AsSpan(0, count));
            block = _block.AsSpan(0, DayBlock.Encode(bars, _block)).ToArray();
        }

        bars.Return();
        return new(day, block, [.. runs]);
    }

    private static CoarseRun[] Runs(Interval interval, Segment segment, int index)
    {
        if (interval == Interval.FiveMinutes)
        {
            return [];
        }

        DayBars bars = DayBars.Rent();
        segment.Decode(index, bars);
        CoarseRun[] runs = [.. bars.Slots.ToArray().Select(slot => new CoarseRun(new(slot + 1 - interval.Slots(), slot + 1), interval))];
        bars.Return();
        return runs;
    }

    private void Add(int input, int firstSlot, int lastSlot, int bars)
    {
        if (Life.Count > 0 && Life[^1] is var last && last.Input == input)
        {
            Life[^1] = (input, last.FirstSlot, lastSlot, last.Bars + bars);
        }
        else
        {
            Life.Add((input, firstSlot, lastSlot, bars));
        }
    }
}

namespace Pnl;

public sealed partial class TokenHistory
{
    /// <summary>
    /// Names the sealed months that <see cref="Series"/> and <see cref="Candles"/> must look into, and those of <see cref="LastCloseNeeds"/>.
    /// </summary>
    internal void SeriesNeeds(SlotRange range, ISet<int> months)
    {
        if (IsEmpty)
        {
            return;
        }

        LastCloseNeeds(range, months);
        if (!range.IsEmpty)
        {
            ScanNeeds(range.From, range.To - 1, months);
            LastAtNeeds(range.From - 1, months);
        }
    }

    /// <summary>
    /// The series of the bars that open in a range, at an interval. The first and the last period count only their bars
    /// within the range.
    /// </summary>
    /// <param name="range">Slots of the bars.</param>
    /// <param name="interval">Length of the periods.</param>
    /// <param name="limit">The most points before the rest is left to a next call.</param>
    /// <param name="maxPoints">If given (4 or more), the series is thinned out to at most so many, see <see cref="Downsampling"/>.</param>
    /// <param name="segments">The months that a <see cref="PeriodsQuestion{TPoints}"/> names.</param>
    public RateSeries Series(SlotRange range, Interval interval, int limit, int? maxPoints, SegmentSet segments)
    {
        range = range.Intersect(LifeRange);
        if (range.IsEmpty)
        {
            return new([], [], new(0), new(0), null);
        }

        decimal before = LastAt(range.From - 1, segments)?.Rate ?? Life.First; // no bar before is none before the first
        List<SeriesPoint> points;
        int? next = null;
        if (maxPoints is not { } most)
        {
            CollectingSink sink = new(interval, limit);
            Scan(range, interval, segments, ref sink);
            (points, next) = (sink.Points, sink.Next);
        }
        else if (Fold(range.From, range.To - 1, segments).Count <= most)
        {
            CollectingSink sink = new(interval, int.MaxValue);
            Scan(range, interval, segments, ref sink);
            points = sink.Points;
        }
        else
        {
            points = ThinnedOut(range, interval, most, segments);
        }

        return Columns(points, before, next);
    }

    /// <summary>The candles of the bars that open in a range, at an interval.</summary>
    /// <param name="range">Slots of the bars.</param>
    /// <param name="interval">Length of the periods.</param>
    /// <param name="limit">The most points before the rest is left to a next call.</param>
    /// <param name="maxPoints">If given, adjoining candles are merged until there are at most so many: no extreme is lost.</param>
    /// <param name="segments">The months that a <see cref="PeriodsQuestion{TPoints}"/> names.</param>
    public CandleSeries Candles(SlotRange range, Interval interval, int limit, int? maxPoints, SegmentSet segments)
    {
        range = range.Intersect(LifeRange);
        if (range.IsEmpty)
        {
            return new([], [], [], [], [], null);
        }

        if (interval == Interval.FiveMinutes && maxPoints is null)
        {
            BarSink bars = new(limit, Math.Min(limit, range.Length));
            Scan(range, interval, segments, ref bars);
            decimal[] rates = [.. bars.Rates];
            return new([.. bars.Opens], rates, rates, rates, rates, bars.Next); // a bar opens, peaks and closes at its one rate
        }

        CandleSink sink = new(interval, maxPoints is null ? limit : int.MaxValue);
        Scan(range, interval, segments, ref sink);
        List<Period> candles = sink.Candles;
        if (maxPoints is { } most && candles.Count > most)
        {
            int together = (candles.Count + most - 1) / most;
            candles = [.. candles.Chunk(together).Select(chunk => chunk.Aggregate((a, b) => a.With(b)))];
        }

        return new(
            [.. candles.Select(c => BarTime.OpenSeconds(c.Start))],
            [.. candles.Select(c => c.Open)], [.. candles.Select(c => c.High)], [.. candles.Select(c => c.Low)], [.. candles.Select(c => c.Close)],
            sink.Next);
    }

    /// <summary>Names the sealed month that <see cref="LastCloseIn"/> must look into, if any.</summary>
    internal void LastCloseNeeds(SlotRange range, ISet<int> months)
    {
        if (!range.IsEmpty)
        {
            LastAtNeeds(range.To - 1, months);
        }
    }

    /// <summary>
    /// Close time, in Unix seconds, of the last bar of a range; null if the range holds none. Needs what
    /// <see cref="LastCloseNeeds"/> names.
    /// </summary>
    public long? LastCloseIn(SlotRange range, SegmentSet segments) =>
        !range.IsEmpty && LastAt(range.To - 1, segments) is { } bar && bar.Slot >= range.From ? BarTime.CloseSeconds(bar.Slot) : null;

    /// <summary>Each point counts from the one before it, so that the PnL adds up however many points are kept.</summary>
    private static RateSeries Columns(List<SeriesPoint> points, decimal before, int? next)
    {
        long[] time = new long[points.Count];
        decimal[] rate = new decimal[points.Count];
        MoneyColumn pnl = new(points.Count), cumulative = new(points.Count);
        decimal previous = before;
        for (int i = 0; i < time.Length; i++)
        {
            SeriesPoint point = points[i];
            time[i] = BarTime.OpenSeconds(point.Slot);
            rate[i] = point.Rate;
            pnl.SetDifference(i, point.Rate, previous);
            cumulative.SetDifference(i, point.Rate, before);
            previous = point.Rate;
        }

        return new(time, rate, pnl, cumulative, next);
    }

    private List<SeriesPoint> ThinnedOut(SlotRange range, Interval interval, int maxPoints, SegmentSet segments)
    {
        Downsampling downsampling = new(range.From, range.To - 1, maxPoints);
        if (interval == Interval.FiveMinutes && downsampling.Width >= BarTime.BarsPerDay)
        {
            new ExtremeDays(downsampling, range).Scan(this, segments);
            return downsampling.ToPoints();
        }

        CollectingSink sink = new(interval, int.MaxValue);
        Scan(range, interval, segments, ref sink);
        if (sink.Points.Count <= maxPoints)
        {
            return sink.Points;
        }

        foreach (SeriesPoint point in sink.Points)
        {
            // A period that the range cuts opens before it; it belongs to the first bucket all the same.
            downsampling.Add(point);
        }

        return downsampling.ToPoints();
    }

    /// <summary>Gives the bars of a range to a sink, a day's summary at a time where the periods allow it.</summary>
    private void Scan<TSink>(SlotRange range, Interval interval, SegmentSet segments, ref TSink sink)
        where TSink : struct, IPeriodSink
    {
        DayBars bars = DayBars.Rent();
        foreach (Segment segment in Segments(range, segments))
        {
            int lastDay = BarTime.DayOf(range.To - 1);
            for (int i = segment.IndexAtOrAfter(BarTime.DayOf(range.From)); i < segment.DayCount && segment.Day(i) <= lastDay; i++)
            {
                int first = BarTime.FirstSlotOfDay(segment.Day(i));
                bool whole = first >= range.From && first + BarTime.BarsPerDay <= range.To;
                if (!(whole && interval >= Interval.Day ? AddDay(segment, i, ref sink) : AddBars(segment, i, ref sink)))
                {
                    bars.Return();
                    return;
                }
            }
        }

        bars.Return();
        sink.End();

        bool AddDay(Segment segment, int i, ref TSink sink)
        {
            RateSummary day = segment.Summary(i);
            return sink.Add(day.FirstSlot, day.First, day.High, day.Low, day.Last);
        }

        bool AddBars(Segment segment, int i, ref TSink sink)
        {
            segment.Decode(i, bars);
            int end = bars.IndexAtOrAfter(range.To);
            for (int b = bars.IndexAtOrAfter(range.From); b < end; b++)
            {
                decimal rate = bars.Rate(b);
                if (!sink.Add(bars.Slots[b], rate, rate, rate, rate))
                {
                    return false;
                }
            }

            return true;
        }
    }

    private IEnumerable<Segment> Segments(SlotRange range, SegmentSet segments)
    {
        for (int i = MonthIndexEndingAtOrAfter(range.From); i < Months.Length && Months[i].Summary.FirstSlot < range.To; i++)
        {
            yield return segments[Months[i].Month];
        }

        if (Tail is not null)
        {
            yield return Tail;
        }
    }

    private interface IPeriodSink
    {
        /// <summary>Takes the next bar or day of bars; false if it wants no more.</summary>
        bool Add(int slot, decimal open, decimal high, decimal low, decimal close);

        void End();
    }

    private struct CollectingSink(Interval interval, int limit) : IPeriodSink
    {
        private int _start = int.MinValue, _end = int.MinValue;
        private decimal _close;

        public List<SeriesPoint> Points { get; } = [];

        public int? Next { get; private set; }

        public bool Add(int slot, decimal open, decimal high, decimal low, decimal close)
        {
            if (slot >= _end)
            {
                End();
                if (Points.Count == limit)
                {
                    Next = interval.PeriodStart(slot);
                    return false;
                }

                (_start, _end) = (interval.PeriodStart(slot), interval.PeriodEnd(slot));
            }

            _close = close;
            return true;
        }

        public void End()
        {
            if (_start != int.MinValue)
            {
                Points.Add(new(_start, _close));
                _start = int.MinValue;
            }
        }
    }

    private struct BarSink(int limit, int capacity) : IPeriodSink
    {
        public List<long> Opens { get; } = new(capacity);

        public List<decimal> Rates { get; } = new(capacity);

        public int? Next { get; private set; }

        public bool Add(int slot, decimal open, decimal high, decimal low, decimal close)
        {
            if (Rates.Count == limit)
            {
                Next = slot;
                return false;
            }

            Opens.Add(BarTime.OpenSeconds(slot));
            Rates.Add(close);
            return true;
        }

        public readonly void End()
        {
        }
    }

    private struct CandleSink(Interval interval, int limit) : IPeriodSink
    {
        private int _end = int.MinValue;
        private Period _period;
        private bool _open;

        public List<Period> Candles { get; } = [];

        public int? Next { get; private set; }

        public bool Add(int slot, decimal open, decimal high, decimal low, decimal close)
        {
            if (slot >= _end)
            {
                End();
                if (Candles.Count == limit)
                {
                    Next = interval.PeriodStart(slot);
                    return false;
                }

                _end = interval.PeriodEnd(slot);
                _period = new(interval.PeriodStart(slot), open, high, low, close);
                _open = true;
            }
            else
            {
                _period = _period.With(new(_period.Start, open, high, low, close));
            }

            return true;
        }

        public void End()
        {
            if (_open)
            {
                Candles.Add(_period);
                _open = false;
            }
        }
    }

    /// <summary>
    /// Finds the extreme bars of each bucket of whole days by the summaries of the days, and decodes only the two days
    /// that hold them: a chart of a life touches a third of its bars.
    /// </summary>
    private sealed class ExtremeDays(Downsampling downsampling, SlotRange range)
    {
        private readonly DayBars _bars = DayBars.Rent();
        private Candidate _low, _high, _last;
        private int _bucket = -1;
        private bool _first = true;

        public void Scan(TokenHistory history, SegmentSet segments)
        {
            int lastDay = BarTime.DayOf(range.To - 1);
            foreach (Segment segment in history.Segments(range, segments))
            {
                for (int i = segment.IndexAtOrAfter(BarTime.DayOf(range.From)); i < segment.DayCount && segment.Day(i) <= lastDay; i++)
                {
                    Add(segment, i);
                }
            }

            Close();
            downsampling.Add(new(_last.Day.LastSlot, _last.Day.Last));
            _bars.Return();
        }

        private void Add(Segment segment, int i)
        {
            int firstSlot = BarTime.FirstSlotOfDay(segment.Day(i));
            RateSummary day;
            if (firstSlot >= range.From && firstSlot + BarTime.BarsPerDay <= range.To)
            {
                day = segment.Summary(i);
            }
            else
            {
                segment.Decode(i, _bars);
                day = _bars.Summary(_bars.IndexAtOrAfter(range.From), _bars.IndexAtOrAfter(range.To));
                if (day.IsEmpty)
                {
                    return;
                }
            }

            Candidate candidate = new(segment, i, day);
            if (_first)
            {
                downsampling.Add(new(day.FirstSlot, day.First));
                _first = false;
            }

            int bucket = downsampling.BucketOf(day.FirstSlot);
            if (bucket != _bucket)
            {
                Close();
                _bucket = bucket;
                _low = _high = candidate;
            }
            else
            {
                _high = day.High > _high.Day.High ? candidate : _high;
                _low = day.Low < _low.Day.Low ? candidate : _low;
            }

            _last = candidate;
        }

        private void Close()
        {
            if (_bucket < 0)
            {
                return;
            }

            SeriesPoint low = Find(_low, _low.Day.Low), high = Find(_high, _high.Day.High);
            downsampling.Add(low.Slot <= high.Slot ? low : high);
            downsampling.Add(low.Slot <= high.Slot ? high : low);
        }

        private SeriesPoint Find(in Candidate candidate, decimal rate)
        {
            candidate.Segment.Decode(candidate.Index, _bars);
            int i = _bars.IndexAtOrAfter(candidate.Day.FirstSlot);
            while (_bars.Rate(i) != rate)
            {
                i++;
            }

            return new(_bars.Slots[i], rate);
        }

        private readonly record struct Candidate(Segment Segment, int Index, RateSummary Day);
    }
}

namespace Pnl;

/// <summary>
/// Thins a series out for drawing so that no peak or trough disappears: of each bucket of equal width in time the points
/// with the lowest and the highest rate are kept, besides the first and the last of all.
/// </summary>
internal sealed class Downsampling
{
    private readonly int _origin;
    private readonly List<SeriesPoint> _kept = [];
    private SeriesPoint _low, _high, _last;
    private int _bucket = -1;
    private bool _any;

    /// <param name="from">First slot of the range.</param>
    /// <param name="to">Last slot of the range.</param>
    /// <param name="maxPoints">The most points to keep; 4 or more.</param>
    public Downsampling(int from, int to, int maxPoints)
    {
        int buckets = (maxPoints - 2) / 2;
        int width = (int)(((long)to - from + buckets) / buckets);
        if (width >= BarTime.BarsPerDay)
        {
            // Whole days, so that the summaries of days tell where the extremes are. The first bucket may be shorter.
            width = (width + BarTime.BarsPerDay - 1) / BarTime.BarsPerDay * BarTime.BarsPerDay;
            from = BarTime.FirstSlotOfDay(BarTime.DayOf(from));
            while (((long)to - from) / width + 1 > buckets)
            {
                width += BarTime.BarsPerDay;
            }
        }

        (_origin, Width) = (from, width);
    }

    /// <summary>Width of a bucket in slots.</summary>
    public int Width { get; }

    /// <summary>The bucket of a slot.</summary>
    public int BucketOf(int slot) => (slot - _origin) / Width;

    /// <summary>Takes the next point.</summary>
    public void Add(in SeriesPoint point)
    {
        if (!_any)
        {
            _kept.Add(point);
            _any = true;
        }

        int bucket = BucketOf(point.Slot);
        if (bucket != _bucket)
        {
            Close();
            _bucket = bucket;
            _low = _high = point;
        }
        else if (point.Rate > _high.Rate)
        {
            _high = point;
        }
        else if (point.Rate < _low.Rate)
        {
            _low = point;
        }

        _last = point;
    }

    /// <summary>The points kept.</summary>
    public List<SeriesPoint> ToPoints()
    {
        Close();
        Keep(_last);
        return _kept;
    }

    private void Close()
    {
        if (_bucket >= 0)
        {
            bool lowFirst = _low.Slot <= _high.Slot;
            Keep(lowFirst ? _low : _high);
            Keep(lowFirst ? _high : _low);
        }
    }

    private void Keep(in SeriesPoint point)
    {
        if (_any && point.Slot > _kept[^1].Slot)
        {
            _kept.Add(point);
        }
    }
}

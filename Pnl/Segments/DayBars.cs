namespace Pnl;

/// <summary>
/// The bars of one UTC day taken apart for computing: slots, and rates as integer mantissas of a common scale. A buffer
/// that is filled again and again, so that decoding allocates nothing. Rates that need 62 bits or more at their common
/// scale are held as decimals instead (<see cref="IsWide"/>); real markets have none, the contract allows them.
/// </summary>
internal sealed class DayBars
{
    [ThreadStatic]
    private static Stack<DayBars>? _pool;

    private readonly int[] _slots = new int[BarTime.BarsPerDay];
    private readonly long[] _mantissas = new long[BarTime.BarsPerDay];
    private decimal[]? _rates;

    public int Count { get; private set; }

    public int Scale { get; private set; }

    public bool IsWide { get; private set; }

    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, Count);

    public ReadOnlySpan<long> Mantissas => _mantissas.AsSpan(0, Count);

    /// <summary>A buffer of this thread; give it back with <see cref="Return"/>.</summary>
    public static DayBars Rent()
    {
        DayBars bars = (_pool ??= new()).TryPop(out DayBars? pooled) ? pooled : new();
        bars.Clear();
        return bars;
    }

    public void Return() => (_pool ??= new()).Push(this);

    public decimal Rate(int i) => IsWide ? _rates![i] : Mantissa.ToRate(_mantissas[i], Scale);

    public Bar Bar(int i) => new(_slots[i], Rate(i));

    public void Clear() => (Count, Scale, IsWide) = (0, 0, false);

    /// <summary>Gives the arrays to a decoder, which fills <paramref name="count"/> bars of them.</summary>
    public (int[] Slots, long[] Mantissas) Fill(int count, int scale)
    {
        (Count, Scale, IsWide) = (count, scale, false);
        return (_slots, _mantissas);
    }

    /// <summary>The same for rates that do not fit.</summary>
    public (int[] Slots, decimal[] Rates) FillWide(int count)
    {
        (Count, Scale, IsWide) = (count, 0, true);
        return (_slots, _rates ??= new decimal[BarTime.BarsPerDay]);
    }

    /// <summary>Takes bars of one day, in the order of their slots, each with a rate without trailing zeros.</summary>
    public void Set(ReadOnlySpan<Bar> bars)
    {
        int scale = 0;
        foreach (Bar bar in bars)
        {
            scale = Math.Max(scale, Mantissa.Of(bar.Rate).Scale);
        }

        Fill(bars.Length, scale);
        for (int i = 0; i < bars.Length; i++)
        {
            (UInt128 mantissa, int own) = Mantissa.Of(bars[i].Rate);
            int up = scale - own;
            if (mantissa >= (ulong)ExactRatio.Small || up > 18 ||
                (mantissa *= Mantissa.TenToThe(up)) >= (ulong)ExactRatio.Small)
            {
                SetWide(bars);
                return;
            }

            _slots[i] = bars[i].Slot;
            _mantissas[i] = (long)(ulong)mantissa;
        }
    }

    /// <summary>
    /// Takes mantissas of a known scale, and lowers the scale where all of them end in zeros: equal bars are held, and
    /// stored, in equal bits.
    /// </summary>
    public void Set(ReadOnlySpan<int> slots, ReadOnlySpan<long> mantissas, int scale)
    {
        Fill(slots.Length, scale);
        slots.CopyTo(_slots);
        mantissas.CopyTo(_mantissas);
        while (Scale > 0 && AllEndInZero())
        {
            Scale--;
            for (int i = 0; i < Count; i++)
            {
                _mantissas[i] /= 10;
            }
        }
    }

    /// <summary>Takes a bar behind the last one, if it fits as it is: what a live bar nearly always does.</summary>
    public bool TryAppend(Bar bar)
    {
        if (IsWide || Count == 0 || bar.Slot <= _slots[Count - 1])
        {
            return false;
        }

        (UInt128 mantissa, int own) = Mantissa.Of(bar.Rate);
        int up = Scale - own;
        if (up is < 0 or > 18 || mantissa >= (ulong)ExactRatio.Small || (mantissa *= Mantissa.TenToThe(up)) >= (ulong)ExactRatio.Small)
        {
            return false;
        }

        _slots[Count] = bar.Slot;
        _mantissas[Count] = (long)(ulong)mantissa;
        Count++;
        return true;
    }

    private bool AllEndInZero()
    {
        for (int i = 0; i < Count; i++)
        {
            if (_mantissas[i] % 10 != 0)
            {
                return false;
            }
        }

        return true;
    }

    private void SetWide(ReadOnlySpan<Bar> bars)
    {
        (int[] slots, decimal[] rates) = FillWide(bars.Length);
        for (int i = 0; i < bars.Length; i++)
        {
            (slots[i], rates[i]) = (bars[i].Slot, bars[i].Rate);
        }
    }

    /// <summary>Index of the first bar at or after a slot; <see cref="Count"/> if there is none.</summary>
    public int IndexAtOrAfter(int slot)
    {
        int i = Slots.BinarySearch(slot);
        return i >= 0 ? i : ~i;
    }

    /// <summary>Summary of the bars with indices [from, to).</summary>
    public RateSummary Summary(int from, int to)
    {
        if (!IsWide)
        {
            return RateSummary.Of(_slots.AsSpan(from, to - from), _mantissas.AsSpan(from, to - from), Scale);
        }

        RateSummary summary = default;
        for (int i = from; i < to; i++)
        {
            summary += RateSummary.Of(Bar(i));
        }

        return summary;
    }

    public void CopyTo(List<Bar> bars)
    {
        for (int i = 0; i < Count; i++)
        {
            bars.Add(Bar(i));
        }
    }
}

using System.Collections;

namespace Pnl.Rates;

/// <summary>
/// Candles as columns, ascending by slot. Where a source gives one rate an interval and no more, only the close is there:
/// as a <see cref="Candle"/> such a one has that rate four times and no volume, in the landing the rest is null.
/// </summary>
public sealed class Candles : IReadOnlyList<Candle>
{
    private readonly int[] _slots;

    private Candles(int[] slots, DecimalColumn close, DecimalColumn[]? others) => (_slots, Close, Others) = (slots, close, others);

    /// <summary>No candles.</summary>
    public static Candles None { get; } = OfCloses([], DecimalColumn.Of([], 0));

    /// <summary>Number of candles.</summary>
    public int Count => _slots.Length;

    /// <summary>The intervals.</summary>
    public ReadOnlySpan<int> Slots => _slots;

    /// <summary>Last rates.</summary>
    public DecimalColumn Close { get; }

    /// <summary>First, highest, lowest rates and volumes; null if the source gives the last rates alone.</summary>
    public (DecimalColumn Open, DecimalColumn High, DecimalColumn Low, DecimalColumn Volume)? More =>
        Others is [var open, var high, var low, var volume] ? (open, high, low, volume) : null;

    private DecimalColumn[]? Others { get; }

    /// <inheritdoc/>
    public Candle this[int i]
    {
        get
        {
            decimal close = Close[i];
            return Others is [var open, var high, var low, var volume] ? new(_slots[i], open[i], high[i], low[i], close, volume[i]) : new(_slots[i], close, close, close, close, 0m);
        }
    }

    /// <summary>Candles of which only the last rates are known. The array is taken over.</summary>
    public static Candles OfCloses(int[] slots, DecimalColumn close)
    {
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentNullException.ThrowIfNull(close);
        return Checked(slots, close, null);
    }

    /// <summary>Whole candles. The array is taken over.</summary>
    public static Candles Of(int[] slots, DecimalColumn open, DecimalColumn high, DecimalColumn low, DecimalColumn close, DecimalColumn volume)
    {
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentNullException.ThrowIfNull(close);
        return Checked(slots, close, [open, high, low, volume]);
    }

    /// <summary>Puts candles into columns.</summary>
    public static Candles Of(IReadOnlyList<Candle> candles)
    {
        ArgumentNullException.ThrowIfNull(candles);
        return candles as Candles ?? Of(
            [.. candles.Select(c => c.Slot)],
            Column(c => c.Open), Column(c => c.High), Column(c => c.Low), Column(c => c.Close), Column(c => c.Volume));

        DecimalColumn Column(Func<Candle, decimal> value) => DecimalColumn.Of(candles.Select(value).ToArray());
    }

    /// <summary>Adjoining pages as one.</summary>
    public static Candles Concat(IReadOnlyList<Candles> pages)
    {
        ArgumentNullException.ThrowIfNull(pages);
        return pages.Count switch
        {
            0 => None,
            1 => pages[0],
            _ when pages.All(page => page.Others is null) => OfCloses(Slots(), DecimalColumn.Of(pages.SelectMany(page => page.Close).ToArray())),
            _ => Of(pages.SelectMany(page => page).ToArray()),
        };

        int[] Slots() => [.. pages.SelectMany(page => page._slots)];
    }

    /// <summary>The candles of a range of slots.</summary>
    public Candles In(SlotRange range)
    {
        (int from, int to) = (IndexAtOrAfter(range.From), IndexAtOrAfter(range.To));
        return from == 0 && to == Count ? this : new(_slots[from..to], Close.Slice(from, to), Others is null ? null : Array.ConvertAll(Others, column => column.Slice(from, to)));
    }

    /// <summary>The bars, if the last rates are mantissas of one scale and all above zero; else null.</summary>
    public BarColumns? Bars() => Close.Mantissas is { } mantissas && mantissas.All(mantissa => mantissa > 0) ? new(_slots, mantissas, Close.Scale) : null;

    /// <inheritdoc/>
    public IEnumerator<Candle> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static Candles Checked(int[] slots, DecimalColumn close, DecimalColumn[]? others) =>
        close.Count == slots.Length && (others is null || others.All(column => column.Count == slots.Length))
            ? new(slots, close, others)
            : throw new ArgumentException($"columns of different lengths: {slots.Length} slots, {close.Count} closes", nameof(slots));

    /// <summary>Index of the first candle at or after a slot; <see cref="Count"/> if there is none.</summary>
    public int IndexAtOrAfter(int slot)
    {
        int found = Array.BinarySearch(_slots, slot);
        return found < 0 ? ~found : found;
    }
}

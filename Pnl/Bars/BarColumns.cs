namespace Pnl;

/// <summary>
/// Bars of one token as columns: slots, and rates as integer mantissas of one common scale. The form in which bars come by
/// the million: nothing is taken apart, checked or allocated bar by bar that the codec needs no more.
/// </summary>
public sealed class BarColumns
{
    /// <summary>The largest scale: mantissas of up to 18 digits, all of them behind the point.</summary>
    public const int MaxScale = 18;

    /// <summary>Mantissas are below this, 10^18.</summary>
    public const long MantissaLimit = 1_000_000_000_000_000_000;

    /// <summary>Checks columns and takes them over: they must not change from then on.</summary>
    /// <param name="slots">The intervals, ascending, each once.</param>
    /// <param name="mantissas">Rates times 10^<paramref name="scale"/>, from 1 to below 10^18; as many as slots.</param>
    /// <param name="scale">0 to 18.</param>
    /// <exception cref="ArgumentException">They are not so.</exception>
    public BarColumns(ReadOnlyMemory<int> slots, ReadOnlyMemory<long> mantissas, int scale)
    {
        if (slots.Length != mantissas.Length)
        {
            throw new ArgumentException($"{slots.Length} slots have {mantissas.Length} rates", nameof(mantissas));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, MaxScale);
        int last = -1;
        foreach (int slot in slots.Span)
        {
            last = slot > last ? slot : throw new ArgumentException($"slot {slot} comes after {last}", nameof(slots));
        }

        if (last > BarTime.MaxSlot)
        {
            throw new ArgumentException($"slot {last} is beyond {BarTime.MaxSlot}", nameof(slots));
        }

        foreach (long mantissa in mantissas.Span)
        {
            if (mantissa is < 1 or >= MantissaLimit)
            {
                throw new ArgumentException($"{mantissa} is no mantissa of a rate", nameof(mantissas));
            }
        }

        (Slots, Mantissas, Scale) = (slots, mantissas, scale);
    }

    /// <summary>The intervals, ascending.</summary>
    public ReadOnlyMemory<int> Slots { get; }

    /// <summary>Rates times 10^<see cref="Scale"/>.</summary>
    public ReadOnlyMemory<long> Mantissas { get; }

    /// <summary>Decimal places of the mantissas.</summary>
    public int Scale { get; }
}

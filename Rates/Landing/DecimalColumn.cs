using System.Collections;

namespace Pnl.Rates;

/// <summary>
/// A column of exact decimals: mantissas of one scale in 64 bits where they fit (market data do), else decimals.
/// </summary>
public sealed class DecimalColumn : IReadOnlyList<decimal>
{
    private readonly decimal[]? _wide;

    private DecimalColumn(int scale, long[]? mantissas, decimal[]? wide) => (Scale, Mantissas, _wide) = (scale, mantissas, wide);

    /// <summary>Decimal places of the mantissas, 0 to 18; of the widest decimal if there are none.</summary>
    public int Scale { get; }

    /// <summary>value = mantissa / 10^<see cref="Scale"/>; null if a value does not fit so.</summary>
    public long[]? Mantissas { get; }

    /// <summary>Number of values.</summary>
    public int Count => Mantissas?.Length ?? _wide!.Length;

    /// <summary>A value, without trailing zeros.</summary>
    public decimal this[int i]
    {
        get
        {
            if (Mantissas is null)
            {
                return _wide![i];
            }

            long mantissa = Mantissas[i];
            return mantissa >= 0 ? Mantissa.ToRate(mantissa, Scale) : -Mantissa.ToRate(-mantissa, Scale);
        }
    }

    /// <summary>The values from one index up to, but without, another.</summary>
    public DecimalColumn Slice(int from, int to) => new(Scale, Mantissas?[from..to], _wide?[from..to]);

    /// <inheritdoc/>
    public IEnumerator<decimal> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A column of mantissas below 10^18.</summary>
    public static DecimalColumn Of(long[] mantissas, int scale) => new(scale, mantissas, null);

    /// <summary>A column of decimals.</summary>
    public static DecimalColumn Of(ReadOnlySpan<decimal> values)
    {
        const int mostScale = 18;
        UInt128 limit = Mantissa.TenToThe(18);
        int scale = 0;
        decimal[] normal = new decimal[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            (UInt128 m, int s) = Mantissa.Of(values[i]);
            (m, s) = Mantissa.WithoutTrailingZeros(m, s);
            normal[i] = values[i] < 0 ? -Mantissa.ToDecimal(m, s) : Mantissa.ToDecimal(m, s);
            scale = Math.Max(scale, s);
        }

        long[] mantissas = new long[values.Length];
        for (int i = 0; i < normal.Length; i++)
        {
            (UInt128 m, int s) = Mantissa.Of(normal[i]);
            if (scale > mostScale || m >= limit || (m *= Mantissa.TenToThe(scale - s)) >= limit)
            {
                return new(scale, null, normal);
            }

            mantissas[i] = normal[i] < 0 ? -(long)(ulong)m : (long)(ulong)m;
        }

        return new(scale, mantissas, null);
    }
}

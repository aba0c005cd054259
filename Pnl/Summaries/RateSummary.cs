using System.Numerics;

namespace Pnl;

/// <summary>
/// What a run of bars of one token comes to: its first, last, highest and lowest rate, its maximum drawdown, and the
/// sums from which volatility follows. Two summaries of adjoining runs combine with <c>+</c> into that of the whole run,
/// exactly associatively, so every window is a fold and it does not matter how the history was cut.
/// Immutable; the default value is <see cref="Empty"/>, the neutral element.
/// </summary>
/// <remarks>
/// Log returns are summed as fixed-point integers (units of 2^-54, see <see cref="ExactRatio.LogBits"/>), their squares
/// likewise (units of 2^-88): integer addition is associative, where that of doubles is not, and loses nothing over
/// 1.7 million terms. The sum of log returns telescopes to ln(last / first) and so always fits a long; 2^23 squares of
/// the largest possible log return fit 128 bits.
/// </remarks>
public readonly record struct RateSummary
{
    internal const int DroppedSquareBits = 20;
    private const int SquareBits = 2 * ExactRatio.LogBits - DroppedSquareBits;

    /// <summary>Summary of no bars.</summary>
    public static RateSummary Empty => default;

    /// <summary>Slot of the first bar.</summary>
    public int FirstSlot { get; private init; }

    /// <summary>Slot of the last bar.</summary>
    public int LastSlot { get; private init; }

    /// <summary>Number of bars.</summary>
    public int Count { get; private init; }

    /// <summary>Rate of the first bar, in quote currency.</summary>
    public decimal First { get; private init; }

    /// <summary>Rate of the last bar.</summary>
    public decimal Last { get; private init; }

    /// <summary>Highest rate.</summary>
    public decimal High { get; private init; }

    /// <summary>Lowest rate.</summary>
    public decimal Low { get; private init; }

    /// <summary>The largest (peak - later rate) / peak, a fraction from 0 to 1.</summary>
    public double MaxDrawdown { get; private init; }

    /// <summary>Sum of the log returns between consecutive bars, in units of 2^-54.</summary>
    internal long LogReturns { get; private init; }

    /// <summary>Sum of the squares of those log returns, in units of 2^-88.</summary>
    internal UInt128 SquaredLogReturns { get; private init; }

    /// <summary>Whether there is no bar.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Summary of a single bar.</summary>
    public static RateSummary Of(Bar bar) => new()
    {
        FirstSlot = bar.Slot,
        LastSlot = bar.Slot,
        Count = 1,
        First = bar.Rate,
        Last = bar.Rate,
        High = bar.Rate,
        Low = bar.Rate,
    };

    /// <summary>
    /// Combines two adjoining runs, the left one earlier: O(1).
    /// </summary>
    /// <exception cref="ArgumentException">The right run does not begin after the left one ends.</exception>
    public static RateSummary operator +(in RateSummary left, in RateSummary right)
    {
        if (left.Count == 0)
        {
            return right;
        }

        if (right.Count == 0)
        {
            return left;
        }

        if (right.FirstSlot <= left.LastSlot)
        {
            throw new ArgumentException($"a run that begins at slot {right.FirstSlot} does not follow one that ends at {left.LastSlot}", nameof(right));
        }

        long bridge = ExactRatio.LogReturn(left.Last, right.First);
        return new()
        {
            FirstSlot = left.FirstSlot,
            LastSlot = right.LastSlot,
            Count = left.Count + right.Count,
            First = left.First,
            Last = right.Last,
            High = Math.Max(left.High, right.High),
            Low = Math.Min(left.Low, right.Low),
            MaxDrawdown = Math.Max(
                Math.Max(left.MaxDrawdown, right.MaxDrawdown),
                right.Low < left.High ? ExactRatio.Drawdown(left.High, right.Low) : 0),
            LogReturns = left.LogReturns + bridge + right.LogReturns,
            SquaredLogReturns = left.SquaredLogReturns + Square(bridge) + right.SquaredLogReturns,
        };
    }

    /// <inheritdoc cref="op_Addition"/>
    public static RateSummary Add(in RateSummary left, in RateSummary right) => left + right;

    /// <summary>
    /// Sample standard deviation (n - 1) of the log returns, times the square root of the 105,120 5-minute periods of a
    /// 365-day year: a fraction a year. Null for fewer than 3 bars, which have fewer than 2 log returns.
    /// </summary>
    public double? Volatility
    {
        get
        {
            int n = Count - 1;
            if (n < 2)
            {
                return null;
            }

            // (sum of squares - sum^2 / n) in integers, so that a large drift does not cancel the digits of a small deviation
            UInt128 magnitude = (UInt128)(ulong)Math.Abs(LogReturns);
            UInt128 ofMean = magnitude * magnitude / (uint)n;
            double deviation;
            if (SquaredLogReturns >> (127 - DroppedSquareBits) == 0)
            {
                UInt128 squares = SquaredLogReturns << DroppedSquareBits;
                deviation = squares > ofMean ? (double)(squares - ofMean) : 0;
            }
            else
            {
                deviation = Math.ScaleB((double)SquaredLogReturns, DroppedSquareBits) - (double)ofMean;
            }

            return Math.Sqrt(Math.ScaleB(deviation, -2 * ExactRatio.LogBits) / (n - 1) * BarTime.BarsPerYear);
        }
    }

    /// <summary>The square of a log return, from units of 2^-54 to units of 2^-88.</summary>
    internal static UInt128 Square(long logReturn)
    {
        ulong magnitude = (ulong)Math.Abs(logReturn);
        ulong high = Math.BigMul(magnitude, magnitude, out ulong low);
        return new UInt128(high >> DroppedSquareBits, (high << (64 - DroppedSquareBits)) | (low >> DroppedSquareBits));
    }

    /// <summary>
    /// Summary of bars whose rates are given as mantissas of a common scale, all below 2^62. This is the hot loop:
    /// it allocates nothing and does a vector of divisions for four bars.
    /// </summary>
    internal static RateSummary Of(ReadOnlySpan<int> slots, ReadOnlySpan<long> mantissas, int scale) =>
        Of(slots, mantissas, scale, out _, out _);

    /// <inheritdoc cref="Of(ReadOnlySpan{int}, ReadOnlySpan{long}, int)"/>
    internal static RateSummary Of(
        ReadOnlySpan<int> slots, ReadOnlySpan<long> mantissas, int scale, out long drawdownPeak, out long drawdownTrough)
    {
        if (mantissas.IsEmpty)
        {
            drawdownPeak = drawdownTrough = 0;
            return Empty;
        }

        RunExtremes extremes = new(mantissas[0]);
        extremes.Add(mantissas[1..]);
        extremes.End();
        (drawdownPeak, drawdownTrough) = (extremes.Peak, extremes.Trough);
        long sum = 0;
        UInt128 squares = 0;
        ConsecutiveReturns.Add(mantissas, ref sum, ref squares);
        return new()
        {
            FirstSlot = slots[0],
            LastSlot = slots[mantissas.Length - 1],
            Count = mantissas.Length,
            First = Mantissa.ToRate(mantissas[0], scale),
            Last = Mantissa.ToRate(mantissas[^1], scale),
            High = Mantissa.ToRate(extremes.High, scale),
            Low = Mantissa.ToRate(extremes.Low, scale),
            MaxDrawdown = extremes.MaxDrawdown,
            LogReturns = sum,
            SquaredLogReturns = squares,
        };
    }

    /// <summary>Puts a summary together again from its stored parts.</summary>
    internal static RateSummary Stored(
        int firstSlot, int lastSlot, int count, decimal first, decimal last, decimal high, decimal low,
        double maxDrawdown, long logReturns, UInt128 squaredLogReturns) => new()
        {
            FirstSlot = firstSlot,
            LastSlot = lastSlot,
            Count = count,
            First = first,
            Last = last,
            High = high,
            Low = low,
            MaxDrawdown = maxDrawdown,
            LogReturns = logReturns,
            SquaredLogReturns = squaredLogReturns,
        };
}

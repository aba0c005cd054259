using System.Numerics;

namespace Pnl;

/// <summary>
/// What a run of bars of one token comes to: its first, last, highest and lowest rate, its maximum drawdown, and the
/// sums from which volatility follows. Two summaries of adjoining runs combine with <c>+</c> into that of the whole run,
/// exactly associatively, so every window is a fold and it does not matter how the history was cut.
/// Immutable; the default value is <see cref="Empty"/>, the neutral element.
/// </summary>
/// <remarks>
/// Log returns (<see cref="LogReturn"/>) and their squares over the time that they span (<see cref="SquaredReturn"/>) are
/// summed as whole numbers: their addition is associative, where that of doubles is not, and loses nothing over 1.7
/// million terms.
/// </remarks>
public readonly record struct RateSummary
{
    private readonly long _logReturns; // the upper half, and the lower one
    private readonly ulong _logReturnsLower;

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

    /// <summary>Sum of the log returns between consecutive bars, in units of 2^-119.</summary>
    internal Int128 LogReturns
    {
        get => new((ulong)_logReturns, _logReturnsLower);
        private init => (_logReturns, _logReturnsLower) = ((long)(value >> 64), (ulong)value);
    }

    /// <summary>Sum of the squares of those log returns, each over the number of slots that it spans, in units of 2^-218.</summary>
    internal UInt256 SquaredReturns { get; private init; }

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

        Int128 bridge = LogReturn.Of(left.Last, right.First);
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
            SquaredReturns = left.SquaredReturns + SquaredReturn.Of(bridge, right.FirstSlot - left.LastSlot) + right.SquaredReturns,
        };
    }

    /// <inheritdoc cref="op_Addition"/>
    public static RateSummary Add(in RateSummary left, in RateSummary right) => left + right;

    /// <summary>
    /// Volatility, a fraction a year. Each return counts by the time that it spans: with r the n log returns between consecutive
    /// bars and d the number of 5-minute slots that each spans, sqrt((sum(r^2 / d) - sum(r)^2 / sum(d)) / (n - 1)), times the
    /// square root of the 105,120 5-minute periods of a 365-day year. Over bars without a hole that is the sample standard
    /// deviation of the log returns. Null for fewer than 3 bars, which have fewer than 2 log returns.
    /// </summary>
    /// <remarks>The estimator of a Brownian motion with drift that is seen at uneven times: docs/decisions/0026-volatility-by-time.md.</remarks>
    public double? Volatility
    {
        get
        {
            int n = Count - 1;
            if (n < 2)
            {
                return null;
            }

            // In whole numbers, so that a large drift does not cancel the digits of a small deviation.
            UInt256 squares = SquaredReturns, ofMean = SquaredReturn.OfMean(LogReturns, LastSlot - FirstSlot);
            double deviation = squares > ofMean ? (double)(squares - ofMean) : 0;
            return Math.Sqrt(Math.ScaleB(deviation, -SquaredReturn.Bits) / (n - 1) * BarTime.BarsPerYear);
        }
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
        Int128 sum = 0;
        UInt256 squares = default;
        ConsecutiveReturns.Add(slots, mantissas, extremes.High, ref sum, ref squares);
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
            SquaredReturns = squares,
        };
    }

    /// <summary>Puts a summary together again from its stored parts.</summary>
    internal static RateSummary Stored(
        int firstSlot, int lastSlot, int count, decimal first, decimal last, decimal high, decimal low,
        double maxDrawdown, Int128 logReturns, UInt256 squaredReturns) => new()
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
            SquaredReturns = squaredReturns,
        };
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pnl;

/// <summary>
/// Sums of <see cref="ExactRatio.LogReturn(long, long)"/> and of <see cref="RateSummary.Square"/> over many bars, four at
/// a time: the same operations on IEEE doubles in the same order and then integers, hence the same bits, whatever the
/// machine's vectors.
/// </summary>
internal static class ConsecutiveReturns
{
    // 1.5 * 2^52: adding it to a double below 2^51 in magnitude rounds that to an integer, half to even, and leaves the
    // integer in the low bits; taking it away from a double made of an integer's low bits converts that exactly.
    private const double Shifter = 6755399441055744;
    private const long ShifterBits = 0x4338000000000000;

    // A log return below 2^50 in magnitude is cut into two halves, whose products fit a lane.
    private const int HalfBits = 25;

    // Sums of products below 2^50 stay in a lane over so many steps; a day has 72.
    private const int MaxSteps = 1 << 12;

    /// <summary>Adds the log returns between neighbours, and their squares.</summary>
    public static void Add(ReadOnlySpan<long> mantissas, ref long sum, ref UInt128 squares)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            while (mantissas.Length - 1 - i >= Vector256<long>.Count)
            {
                int steps = Math.Min((mantissas.Length - 1 - i) / Vector256<long>.Count, MaxSteps);
                AddSteps(mantissas.Slice(i, steps * Vector256<long>.Count + 1), ref sum, ref squares);
                i += steps * Vector256<long>.Count;
            }
        }

        AddOneByOne(mantissas[i..], ref sum, ref squares);
    }

    private static void AddSteps(ReadOnlySpan<long> mantissas, ref long sum, ref UInt128 squares)
    {
        ref long from = ref MemoryMarshal.GetReference(mantissas);
        Vector256<long> sums = default, highs = default, crosses = default, lows = default;
        for (int i = 0; i < mantissas.Length - 1; i += Vector256<long>.Count)
        {
            Vector256<long> previous = Vector256.LoadUnsafe(ref from, (nuint)i), current = Vector256.LoadUnsafe(ref from, (nuint)i + 1);
            Vector256<long> both = current + previous;
            Vector256<double> s = ToDouble(current - previous) / ToDouble(both);

            // Rare: large mantissas, or a move of more than 6 %.
            Vector256<long> beyond = Vector256.GreaterThan(both, Vector256.Create(ExactRatio.ExactInDouble / 2))
                | Vector256.GreaterThan(Vector256.Abs(s), Vector256.Create(ExactRatio.SeriesLimit)).AsInt64();
            if (beyond != Vector256<long>.Zero)
            {
                AddOneByOne(mantissas.Slice(i, Vector256<long>.Count + 1), ref sum, ref squares);
                continue;
            }

            Vector256<double> q = s * s;
            Vector256<double> series = Vector256.Create(1.0 / 7) + q * Vector256.Create(1.0 / 9);
            series = Vector256.Create(1.0 / 5) + q * series;
            series = Vector256.Create(1.0 / 3) + q * series;
            series = Vector256.Create(1.0) + q * series;
            Vector256<double> log = Vector256.Create(2.0) * s * series;
            Vector256<long> fixedPoint = (log * Vector256.Create(ExactRatio.LogUnit) + Vector256.Create(Shifter)).AsInt64() - Vector256.Create(ShifterBits);
            sums += fixedPoint;

            // magnitude^2 / 2^20, rounded down: high^2 * 2^30 + high * low * 2^6 + low^2 / 2^20
            Vector256<long> magnitude = Vector256.Abs(fixedPoint);
            Vector256<long> high = magnitude >>> HalfBits, low = magnitude & Vector256.Create((1L << HalfBits) - 1);
            highs += Product(high, high);
            crosses += Product(high, low);
            lows += Product(low, low) >>> RateSummary.DroppedSquareBits;
        }

        sum += Vector256.Sum(sums);
        squares += (Total(highs) << (2 * HalfBits - RateSummary.DroppedSquareBits))
            + (Total(crosses) << (HalfBits + 1 - RateSummary.DroppedSquareBits)) + Total(lows);
    }

    /// <summary>Exact for integers below 2^51 in magnitude.</summary>
    private static Vector256<double> ToDouble(Vector256<long> value) =>
        (value + Vector256.Create(ShifterBits)).AsDouble() - Vector256.Create(Shifter);

    /// <summary>The products of integers below 2^32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Product(Vector256<long> a, Vector256<long> b) =>
        Avx2.IsSupported ? Avx2.Multiply(a.AsUInt32(), b.AsUInt32()).AsInt64() : a * b;

    private static UInt128 Total(Vector256<long> lanes) =>
        (UInt128)(ulong)lanes[0] + (ulong)lanes[1] + (ulong)lanes[2] + (ulong)lanes[3];

    private static void AddOneByOne(ReadOnlySpan<long> mantissas, ref long sum, ref UInt128 squares)
    {
        for (int i = 1; i < mantissas.Length; i++)
        {
            long logReturn = ExactRatio.LogReturn(mantissas[i - 1], mantissas[i]);
            sum += logReturn;
            squares += RateSummary.Square(logReturn);
        }
    }
}

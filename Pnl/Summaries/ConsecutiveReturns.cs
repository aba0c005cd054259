using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pnl;

/// <summary>
/// Sums of <see cref="LogReturn"/> and of <see cref="SquaredReturn"/> over many bars. Where bars follow each other without a
/// hole, four at a time: the same operations on IEEE doubles in the same order and then integers, hence the same bits,
/// whatever the machine's vectors.
/// </summary>
internal static class ConsecutiveReturns
{
    // Adding 1.5 * 2^52 units to a double below 2^51 units in magnitude rounds it to a whole number of them, half to even,
    // which is in the low bits then; taking it away again leaves the rounded double.
    private const double Shifter = 6755399441055744;
    private const long ShifterBits = 0x4338000000000000;

    // Units: of the upper parts of log returns and squares, and of all that is left of them.
    private const int UpperLog = 54, LowerLog = LogReturn.Bits - LogReturn.CoarseBits;
    private const int UpperSquare = 59, LowerSquare = SquaredReturn.Bits - SquaredReturn.CoarseBits;

    private const double LowerLogUnits = (double)(1L << UpperLog) * (1L << (LowerLog - UpperLog)), LowerSquareUnits = (double)(1L << UpperSquare) * (1L << (LowerSquare - UpperSquare));
    private const double UpperLogShifter = Shifter / (1L << UpperLog), LowerLogShifter = Shifter / LowerLogUnits, UpperSquareShifter = Shifter / (1L << UpperSquare);

    // Sums of parts below 2^51 stay in a lane over so many steps; a day has 72.
    private const int MaxSteps = 1 << 11;

    /// <summary>Adds the log returns between neighbours, and their squares over the slots that they span.</summary>
    /// <param name="slots">The bars' slots.</param>
    /// <param name="mantissas">Their rates.</param>
    /// <param name="high">The highest of these.</param>
    /// <param name="sum">What the log returns are added to.</param>
    /// <param name="squares">What their squares are added to.</param>
    public static void Add(ReadOnlySpan<int> slots, ReadOnlySpan<long> mantissas, long high, ref Int128 sum, ref UInt256 squares)
    {
        int last = mantissas.Length - 1;
        bool areExactInDouble = high < ExactRatio.ExactInDouble / 4; // as are their sums
        if (last < 1)
        {
            return;
        }

        if (slots[last] - slots[0] == last)
        {
            AddUnbroken(mantissas, areExactInDouble, ref sum, ref squares);
            return;
        }

        for (int i = 0; i < last;)
        {
            int end = i;
            while (end < last && slots[end + 1] == slots[end] + 1)
            {
                end++;
            }

            AddUnbroken(mantissas[i..(end + 1)], areExactInDouble, ref sum, ref squares);
            if (end < last)
            {
                AddOne(mantissas[end], mantissas[end + 1], slots[end + 1] - slots[end], ref sum, ref squares);
            }

            i = end + 1;
        }
    }

    /// <summary>The same for bars of consecutive slots.</summary>
    private static void AddUnbroken(ReadOnlySpan<long> mantissas, bool areExactInDouble, ref Int128 sum, ref UInt256 squares)
    {
        int i = 0, last = mantissas.Length - 1;
        if (Vector256.IsHardwareAccelerated && areExactInDouble)
        {
            while (last - i >= Vector256<long>.Count)
            {
                int steps = Math.Min((last - i) / Vector256<long>.Count, MaxSteps);
                AddSteps(mantissas.Slice(i, steps * Vector256<long>.Count + 1), ref sum, ref squares);
                i += steps * Vector256<long>.Count;
            }
        }

        for (; i < last; i++)
        {
            AddOne(mantissas[i], mantissas[i + 1], 1, ref sum, ref squares);
        }
    }

    private static void AddSteps(ReadOnlySpan<long> mantissas, ref Int128 sum, ref UInt256 squares)
    {
        ref long from = ref MemoryMarshal.GetReference(mantissas);
        Vector256<long> upperLogs = default, lowerLogs = default, upperSquares = default, lowerSquares = default; // with the bits of the shifters
        for (int i = 0; i < mantissas.Length - 1; i += Vector256<long>.Count)
        {
            Vector256<long> previous = Vector256.LoadUnsafe(ref from, (nuint)i), current = Vector256.LoadUnsafe(ref from, (nuint)i + 1);
            Vector256<double> s = ToDouble(current - previous) / ToDouble(current + previous);

            // Rare: a move of more than 5 %, or one of less than 0.0002 %; often, and good as it is, none at all.
            Vector256<double> magnitude = Vector256.Abs(s);
            Vector256<double> beyond = Vector256.GreaterThan(magnitude, Vector256.Create(LogReturn.SeriesLimit)) | Vector256.LessThan(magnitude, Vector256.Create(LogReturn.SeriesLeast));
            if (beyond.AsInt64() != Vector256<long>.Zero)
            {
                beyond = Vector256.AndNot(beyond, Vector256.Equals(s, Vector256<double>.Zero));
                for (uint lanes = Vector256.ExtractMostSignificantBits(beyond); lanes != 0; lanes &= lanes - 1)
                {
                    int at = i + System.Numerics.BitOperations.TrailingZeroCount(lanes);
                    AddOne(mantissas[at], mantissas[at + 1], 1, ref sum, ref squares);
                }

                s = Vector256.AndNot(s, beyond);
            }

            Vector256<double> q = s * s, twice = s + s;
            Vector256<double> series = Vector256.FusedMultiplyAdd(q, Vector256.Create(1.0 / 9), Vector256.Create(1.0 / 7));
            series = Vector256.FusedMultiplyAdd(q, series, Vector256.Create(1.0 / 5));
            series = Vector256.FusedMultiplyAdd(q, series, Vector256.Create(1.0 / 3));
            Vector256<double> log = Vector256.FusedMultiplyAdd(twice, q * series, twice);

            Vector256<double> upper = log + Vector256.Create(UpperLogShifter);
            upperLogs += upper.AsInt64();
            lowerLogs += (log - (upper - Vector256.Create(UpperLogShifter)) + Vector256.Create(LowerLogShifter)).AsInt64();

            // The square as the sum of two doubles, rounded down to whole units.
            Vector256<double> square = log * log, rest = Vector256.FusedMultiplyAdd(log, log, -square);
            upper = square + Vector256.Create(UpperSquareShifter);
            upperSquares += upper.AsInt64();
            Vector256<double> units = Vector256.FusedMultiplyAdd(
                square - (upper - Vector256.Create(UpperSquareShifter)), Vector256.Create(LowerSquareUnits), Vector256.Floor(rest * Vector256.Create(LowerSquareUnits)));
            lowerSquares += (units + Vector256.Create(Shifter)).AsInt64();
        }

        long steps = (mantissas.Length - 1) / Vector256<long>.Count;
        sum += (Total(upperLogs, UpperLogShifter, steps) << (LogReturn.Bits - UpperLog)) + (Total(lowerLogs, LowerLogShifter, steps) << LogReturn.CoarseBits);
        squares += (UInt256)(UInt128)((Total(upperSquares, UpperSquareShifter, steps) << (LowerSquare - UpperSquare)) + Total(lowerSquares, Shifter, steps)) << SquaredReturn.CoarseBits;
    }

    /// <summary>Exact for integers below 2^51 in magnitude.</summary>
    private static Vector256<double> ToDouble(Vector256<long> value) =>
        (value + Vector256.Create(ShifterBits)).AsDouble() - Vector256.Create(Shifter);

    /// <summary>The sum of lanes without the bits of what was added to their doubles, so many times to each: it wraps around and back.</summary>
    private static Int128 Total(Vector256<long> lanes, double shifter, long steps)
    {
        lanes -= Vector256.Create(unchecked(BitConverter.DoubleToInt64Bits(shifter) * steps));
        return (Int128)lanes[0] + lanes[1] + lanes[2] + lanes[3];
    }

    private static void AddOne(long previous, long current, int slots, ref Int128 sum, ref UInt256 squares)
    {
        Int128 logReturn = LogReturn.Of(previous, current);
        sum += logReturn;
        squares += SquaredReturn.Of(logReturn, slots);
    }
}

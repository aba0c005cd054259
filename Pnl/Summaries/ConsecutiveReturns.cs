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
    private const int UpperSquare = 58, LowerSquare = SquaredReturn.Bits - SquaredReturn.CoarseBits;

    private const double Two58 = 1L << UpperSquare, TwoTo102 = Two58 * (1L << (LowerSquare - UpperSquare)), TwoToLowerLog = (double)(1L << UpperLog) * (1 << (LowerLog - UpperLog));
    private const double LogShifter = Shifter / (1L << UpperLog), LowerLogShifter = Shifter / TwoToLowerLog;
    private const double SquareShifter = Shifter / Two58, LowerSquareShifter = Shifter / TwoTo102;

    // Sums of parts below 2^51 stay in a lane over so many steps; a day has 72.
    private const int MaxSteps = 1 << 11;

    /// <summary>Adds the log returns between neighbours, and their squares over the slots that they span.</summary>
    public static void Add(ReadOnlySpan<int> slots, ReadOnlySpan<long> mantissas, ref Int128 sum, ref UInt256 squares)
    {
        int last = mantissas.Length - 1;
        if (last < 1)
        {
            return;
        }

        if (slots[last] - slots[0] == last)
        {
            AddUnbroken(mantissas, ref sum, ref squares);
            return;
        }

        for (int i = 0; i < last;)
        {
            int end = i;
            while (end < last && slots[end + 1] == slots[end] + 1)
            {
                end++;
            }

            AddUnbroken(mantissas[i..(end + 1)], ref sum, ref squares);
            if (end < last)
            {
                AddOne(mantissas[end], mantissas[end + 1], slots[end + 1] - slots[end], ref sum, ref squares);
            }

            i = end + 1;
        }
    }

    /// <summary>The same for bars of consecutive slots.</summary>
    private static void AddUnbroken(ReadOnlySpan<long> mantissas, ref Int128 sum, ref UInt256 squares)
    {
        int i = 0, last = mantissas.Length - 1;
        if (Vector256.IsHardwareAccelerated)
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
        Vector256<long> upperLogs = default, lowerLogs = default, upperSquares = default, lowerSquares = default;
        for (int i = 0; i < mantissas.Length - 1; i += Vector256<long>.Count)
        {
            Vector256<long> previous = Vector256.LoadUnsafe(ref from, (nuint)i), current = Vector256.LoadUnsafe(ref from, (nuint)i + 1);
            Vector256<long> both = current + previous, difference = current - previous;
            Vector256<double> s = ToDouble(difference) / ToDouble(both);

            // Rare: large mantissas, a move of more than 6 %, or one of less than 0.0004 %.
            Vector256<double> magnitude = Vector256.Abs(s);
            Vector256<long> beyond = Vector256.GreaterThan(both, Vector256.Create(ExactRatio.ExactInDouble / 2))
                | Vector256.GreaterThan(magnitude, Vector256.Create(LogReturn.SeriesLimit)).AsInt64()
                | Vector256.AndNot(Vector256.LessThan(magnitude, Vector256.Create(LogReturn.SeriesLeast)).AsInt64(), Vector256.Equals(difference, Vector256<long>.Zero));
            if (beyond != Vector256<long>.Zero)
            {
                for (uint lanes = Vector256.ExtractMostSignificantBits(beyond); lanes != 0; lanes &= lanes - 1)
                {
                    int at = i + System.Numerics.BitOperations.TrailingZeroCount(lanes);
                    AddOne(mantissas[at], mantissas[at + 1], 1, ref sum, ref squares);
                }

                s = Vector256.AndNot(s, beyond.AsDouble());
            }

            Vector256<double> q = s * s, twice = s + s;
            Vector256<double> series = Vector256.Create(1.0 / 7) + q * Vector256.Create(1.0 / 9);
            series = Vector256.Create(1.0 / 5) + q * series;
            series = Vector256.Create(1.0 / 3) + q * series;
            Vector256<double> log = twice + twice * (q * series);
            lowerLogs += Parts(log, Vector256.Create(LogShifter), Vector256.Create(LowerLogShifter), default, ref upperLogs);

            // The square as the sum of two doubles, rounded down to whole units of the lower one.
            Vector256<double> square = log * log, rest = Vector256.FusedMultiplyAdd(log, log, -square);
            Vector256<double> units = Vector256.Floor(rest * Vector256.Create(TwoTo102)) * Vector256.Create(1 / TwoTo102);
            lowerSquares += Parts(square, Vector256.Create(SquareShifter), Vector256.Create(LowerSquareShifter), units, ref upperSquares);
        }

        sum += ((Int128)Vector256.Sum(upperLogs) << (LogReturn.Bits - UpperLog)) + ((Int128)Vector256.Sum(lowerLogs) << LogReturn.CoarseBits);
        Int128 inUnits = (Total(upperSquares) << (LowerSquare - UpperSquare)) + Total(lowerSquares);
        squares += new UInt256(0, (UInt128)inUnits) << SquaredReturn.CoarseBits;
    }

    /// <summary>Adds the upper part of a double to a sum, and gives what is left of it, and something more.</summary>
    private static Vector256<long> Parts(Vector256<double> value, Vector256<double> upperShifter, Vector256<double> lowerShifter, Vector256<double> more, ref Vector256<long> uppers)
    {
        Vector256<double> shifted = value + upperShifter;
        uppers += shifted.AsInt64() - upperShifter.AsInt64();
        return ((value - (shifted - upperShifter)) + more + lowerShifter).AsInt64() - lowerShifter.AsInt64();
    }

    /// <summary>Exact for integers below 2^51 in magnitude.</summary>
    private static Vector256<double> ToDouble(Vector256<long> value) =>
        (value + Vector256.Create(ShifterBits)).AsDouble() - Vector256.Create(Shifter);

    private static Int128 Total(Vector256<long> lanes) => (Int128)lanes[0] + lanes[1] + lanes[2] + lanes[3];

    private static void AddOne(long previous, long current, int slots, ref Int128 sum, ref UInt256 squares)
    {
        Int128 logReturn = LogReturn.Of(previous, current);
        sum += logReturn;
        squares += SquaredReturn.Of(logReturn, slots);
    }
}

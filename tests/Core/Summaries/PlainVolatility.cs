using System.Numerics;

namespace Pnl.Tests.Core.Summaries;

/// <summary>
/// Volatility as the definition says it, return by return, in whole numbers of units of 2^-500: 150 digits, so that nothing
/// cancels. sqrt((sum(r^2 / d) - sum(r)^2 / sum(d)) / (n - 1)) * sqrt(105,120).
/// </summary>
internal static class PlainVolatility
{
    private const int Bits = 500;

    private static readonly BigInteger Ln2 = 2 * ArTanh(1, 3);

    public static double Of(IReadOnlyList<Bar> bars)
    {
        BigInteger sum = 0, squares = 0;
        for (int i = 1; i < bars.Count; i++)
        {
            BigInteger r = Log(bars[i - 1].Rate, bars[i].Rate);
            sum += r;
            squares += r * r / (bars[i].Slot - bars[i - 1].Slot);
        }

        BigInteger deviation = squares - sum * sum / (bars[^1].Slot - bars[0].Slot); // in units of 2^-1000
        return Math.Sqrt(ToDouble(deviation, 2 * Bits) / (bars.Count - 2) * 105_120);
    }

    /// <summary>ln(b / a), in units of 2^-500.</summary>
    public static BigInteger Log(decimal a, decimal b)
    {
        (BigInteger x, BigInteger y) = (InUnits(a), InUnits(b));
        int twos = 0;
        for (; y > 2 * x; twos++)
        {
            x *= 2;
        }

        for (; x > 2 * y; twos--)
        {
            y *= 2;
        }

        return twos * Ln2 + 2 * ArTanh(y - x, y + x);
    }

    public static double ToDouble(BigInteger value, int bits)
    {
        int drop = Math.Max(0, (int)value.GetBitLength() - 100); // a double has no more digits than that, and no powers beyond 2^1023
        return Math.ScaleB((double)(value >> drop), drop - bits);
    }

    private static BigInteger ArTanh(BigInteger over, BigInteger under)
    {
        BigInteger s = (over << Bits) / under, square = s * s >> Bits, power = s, sum = 0;
        for (int n = 1; !power.IsZero && power != -1; n += 2)
        {
            sum += power / n;
            power = power * square >> Bits;
        }

        return sum;
    }

    private static BigInteger InUnits(decimal rate)
    {
        (UInt128 mantissa, int scale) = Mantissa.Of(rate);
        return (BigInteger)mantissa * BigInteger.Pow(10, 28 - scale);
    }
}

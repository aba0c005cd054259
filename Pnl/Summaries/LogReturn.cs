using System.Numerics;

namespace Pnl;

/// <summary>
/// The natural logarithm of the ratio of one rate to the one before, in units of 2^-119: a whole number, so that sums do
/// not depend on the order. A function of the real ratio alone, not of the scale in which two rates happen to be
/// written; of whole numbers and of operations on IEEE doubles that are the same on every machine; and ln(a / b) is
/// -ln(b / a) to the last bit.
/// </summary>
/// <remarks>
/// ln(b / a) = 2 artanh(s), with s = (b - a) / (b + a): exact differences, divided once, keep all digits of small
/// returns, which the logarithm of a quotient near 1 does not. By ranges of |s|:
/// from 2^-20 to 1/40, where markets are, the double nearest to s, and a double of its series, which is a multiple of 2^-72
/// (<see cref="CoarseBits"/>); above that, whole numbers rounded to such multiples; below, whole numbers, rounded to multiples of 2^-88
/// (<see cref="MiddleBits"/>) down to 2^-29, and then to the last unit. What is short is stored short, and each is fine
/// enough for a deviation of the size of the square of the return.
/// </remarks>
internal static class LogReturn
{
    /// <summary>Fractional bits. The logarithm of the largest ratio of two decimals is below 2^8, so an Int128 holds it.</summary>
    public const int Bits = 119;

    /// <summary>Returns that are not tiny are multiples of so many bits, hence of 2^-72.</summary>
    public const int CoarseBits = 47;

    /// <summary>Of those that are, most are multiples of so many, hence of 2^-88.</summary>
    public const int MiddleBits = 31;

    /// <summary>The largest s whose logarithm is a series in doubles; the first term left out is below 2^-56 of the sum.</summary>
    public const double SeriesLimit = 1.0 / 40;

    /// <summary>The smallest: a double of twice that is a multiple of 2^-72.</summary>
    public const double SeriesLeast = 1.0 / (1 << 20);

    private const double MiddleLeast = SeriesLeast / (1 << 9);

    // Fractional bits of quotients and logarithms on the way.
    private const int Working = 125;

    private static readonly UInt128 Ln2 = new(0x58b90bfbe8e7bc, 0xd5e4f1d9cc01f97b); // in units of 2^-119

    /// <summary>ln(current / previous), from mantissas of a common scale, both below 2^62.</summary>
    public static Int128 Of(long previous, long current)
    {
        long difference = current - previous, sum = current + previous;
        double s = sum < ExactRatio.ExactInDouble
            ? (double)difference / sum
            : difference >= 0 ? ExactRatio.Divide((ulong)difference, (ulong)sum) : -ExactRatio.Divide((ulong)-difference, (ulong)sum);
        switch (Math.Abs(s))
        {
            case 0:
                return 0;
            case >= SeriesLeast and <= SeriesLimit:
                return ToFixed(Series(s));
            case < SeriesLeast:
                Check(previous, current);
                return Signed(Tiny(Quotient((ulong)Math.Abs(difference), (ulong)sum), s is > -MiddleLeast and < MiddleLeast), difference < 0);
            default:
                Check(previous, current);
                (int twos, UInt128 over, UInt128 under, bool isBelow) = Reduced((UInt128)(ulong)Math.Min(previous, current), (ulong)Math.Max(previous, current));
                return Signed(Large(twos, Quotient((ulong)over, (ulong)under), isBelow), difference < 0);
        }
    }

    /// <summary>ln(current / previous).</summary>
    public static Int128 Of(decimal previous, decimal current)
    {
        if (ExactRatio.TryCommonScale(previous, current, out long p, out long c))
        {
            return Of(p, c);
        }

        (BigInteger x, BigInteger y) = ExactRatio.CommonScale(previous, current);
        BigInteger difference = BigInteger.Abs(y - x), sum = x + y;
        double s = ExactRatio.Divide(difference, sum);
        switch (s)
        {
            case 0:
                return 0;
            case >= SeriesLeast and <= SeriesLimit:
                return Signed((UInt128)ToFixed(Series(s)), y < x);
            case < SeriesLeast:
                return Signed(Tiny(Quotient(difference, sum), s < MiddleLeast), y < x);
            default:
                (int twos, BigInteger over, BigInteger under, bool isBelow) = Reduced(BigInteger.Min(x, y), BigInteger.Max(x, y));
                return Signed(Large(twos, Quotient(over, under), isBelow), y < x);
        }
    }

    /// <summary>The absolute value, which fits.</summary>
    public static UInt128 Magnitude(Int128 logReturn) => (UInt128)(logReturn < 0 ? -logReturn : logReturn);

    // Stored bytes that are no rates come here too.
    private static void Check(long previous, long current)
    {
        if (previous is < 1 or >= ExactRatio.Small || current is < 1 or >= ExactRatio.Small)
        {
            throw SegmentCorruptException.Block("rates");
        }
    }

    private static Int128 Signed(UInt128 magnitude, bool isNegative) => isNegative ? -(Int128)magnitude : (Int128)magnitude;

    /// <summary>2 artanh(s) for s within the limits of the series: the operations, and their order, are those of <see cref="ConsecutiveReturns"/>.</summary>
    private static double Series(double s)
    {
        double q = s * s, twice = s + s;
        double series = Math.FusedMultiplyAdd(q, 1.0 / 9, 1.0 / 7);
        series = Math.FusedMultiplyAdd(q, series, 1.0 / 5);
        series = Math.FusedMultiplyAdd(q, series, 1.0 / 3);
        return Math.FusedMultiplyAdd(twice, q * series, twice);
    }

    /// <summary>Exact for doubles of the series, which are multiples of 2^-72 below 2^-4.</summary>
    private static Int128 ToFixed(double log)
    {
        long upper = (long)(log * (1L << 54)); // towards zero
        long lower = (long)((log - upper * (1.0 / (1L << 54))) * (1L << 36) * (1L << 36));
        return ((Int128)upper << (Bits - 54)) + ((Int128)lower << CoarseBits);
    }

    private static UInt128 Tiny(UInt128 s, bool isTiniest)
    {
        UInt128 log = (ArTanh(s, 1) + 16) >> 5; // twice that, from units of 2^-125 to 2^-119
        return isTiniest ? log : Rounded(log, MiddleBits);
    }

    private static UInt128 Large(int twos, UInt128 s, bool isBelow)
    {
        UInt128 part = ArTanh(s, UInt128.One << (Working - 90)) >> 5, whole = (uint)twos * Ln2;
        return Rounded(isBelow ? whole - part : whole + part, CoarseBits);
    }

    private static UInt128 Rounded(UInt128 value, int bits) => (value + (UInt128.One << (bits - 1))) >> bits << bits;

    /// <summary>s + s^3 / 3 + s^5 / 5 + ..., up to powers below <paramref name="least"/>.</summary>
    private static UInt128 ArTanh(UInt128 s, UInt128 least)
    {
        UInt128 square = Times(s, s), power = s, sum = 0;
        for (uint n = 1; power >= least; n += 2)
        {
            sum += power / n;
            power = Times(power, square);
        }

        return sum;
    }

    /// <summary>
    /// Takes a ratio apart: high / low = 2^twos * m with m above 3/4 and at most 3/2, and (m - 1) / (m + 1) as a fraction,
    /// whose sign is given apart. Compares the ratio alone, so that it comes out the same in any scale.
    /// </summary>
    private static (int Twos, T Over, T Under, bool IsBelow) Reduced<T>(T low, T high)
        where T : IBinaryInteger<T>
    {
        int twos = high.GetShortestBitLength() - low.GetShortestBitLength();
        if (low << twos > high)
        {
            twos--;
        }

        T scaled = low << twos; // now high / scaled is from 1 to 2
        if (high + high > scaled + scaled + scaled)
        {
            (twos, scaled) = (twos + 1, scaled << 1);
        }

        return high >= scaled ? (twos, high - scaled, high + scaled, false) : (twos, scaled - high, high + scaled, true);
    }

    /// <summary>A fraction below 1 in units of 2^-125, rounded down.</summary>
    private static UInt128 Quotient(ulong over, ulong under)
    {
        (UInt128 first, UInt128 left) = UInt128.DivRem((UInt128)over << 62, under);
        return (first << (Working - 62)) + (left << (Working - 62)) / under;
    }

    private static UInt128 Quotient(BigInteger over, BigInteger under) => (UInt128)((over << Working) / under);

    private static UInt128 Times(UInt128 a, UInt128 b)
    {
        UInt256 product = UInt256.Product(a, b);
        return (product.Upper << (128 - Working)) | (product.Lower >> Working);
    }
}

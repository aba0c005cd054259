using System.Numerics;

namespace Pnl;

/// <summary>
/// Ratios of exact rates as correctly rounded doubles. Rounding is monotone and depends on the real quotient alone, not
/// on the scale in which two rates happen to be written; hence drawdowns and (<see cref="LogReturn"/>) log returns, and every
/// summary made of them, come out bit for bit the same whichever way a history was cut, stored or recombined.
/// </summary>
internal static class ExactRatio
{
    /// <summary>Integers below this are exact in a double, and so is the sum of two of them.</summary>
    public const long ExactInDouble = 1L << 52;

    /// <summary>Mantissas below this are handled in 128 bits.</summary>
    public const long Small = 1L << 62;

    private static readonly ulong[] PowersOfTen = [.. Enumerable.Range(0, 19).Select(power => (ulong)Mantissa.TenToThe(power))];

    /// <summary>(peak - trough) / peak, correctly rounded.</summary>
    public static double Drawdown(long peak, long trough) =>
        peak < ExactInDouble ? (double)(peak - trough) / peak : Divide((ulong)(peak - trough), (ulong)peak);

    /// <inheritdoc cref="Drawdown(long, long)"/>
    public static double Drawdown(decimal peak, decimal trough)
    {
        if (TryCommonScale(peak, trough, out long p, out long t))
        {
            return Drawdown(p, t);
        }

        (BigInteger x, BigInteger y) = CommonScale(peak, trough);
        return Divide(x - y, x);
    }

    /// <summary>The double nearest to a quotient.</summary>
    public static double Divide(ulong numerator, ulong denominator)
    {
        if (numerator == 0)
        {
            return 0;
        }

        int shift = 62 - (BitLength(numerator) - BitLength(denominator));
        UInt128 dividend = shift >= 0 ? (UInt128)numerator << shift : numerator;
        UInt128 divisor = shift >= 0 ? denominator : (UInt128)denominator << -shift;
        (UInt128 quotient, UInt128 remainder) = UInt128.DivRem(dividend, divisor);
        return Rounded((long)quotient, remainder != 0, shift);
    }

    /// <inheritdoc cref="Divide(ulong, ulong)"/>
    public static double Divide(BigInteger numerator, BigInteger denominator)
    {
        if (numerator.IsZero)
        {
            return 0;
        }

        int shift = 62 - (int)(numerator.GetBitLength() - denominator.GetBitLength());
        BigInteger dividend = shift >= 0 ? numerator << shift : numerator;
        BigInteger divisor = shift >= 0 ? denominator : denominator << -shift;
        BigInteger quotient = BigInteger.DivRem(dividend, divisor, out BigInteger remainder);
        return Rounded((long)quotient, !remainder.IsZero, shift);
    }

    // 61 to 63 bits of quotient and a sticky bit for the rest: the conversion rounds as if it saw all digits.
    private static double Rounded(long quotient, bool inexact, int shift) =>
        Math.ScaleB((double)(quotient | (inexact ? 1L : 0L)), -shift);

    private static int BitLength(ulong value) => 64 - BitOperations.LeadingZeroCount(value);

    /// <summary>Two rates as mantissas of a common scale, if both are below <see cref="Small"/>.</summary>
    public static bool TryCommonScale(decimal a, decimal b, out long x, out long y)
    {
        x = y = 0;
        if (!Mantissa.TryGet(a, out ulong ma, out int sa) || !Mantissa.TryGet(b, out ulong mb, out int sb) || Math.Abs(sa - sb) > 18)
        {
            return false;
        }

        if (Math.BigMul(ma, sa < sb ? PowersOfTen[sb - sa] : 1, out ma) != 0 || Math.BigMul(mb, sb < sa ? PowersOfTen[sa - sb] : 1, out mb) != 0
            || ma >= (ulong)Small || mb >= (ulong)Small)
        {
            return false;
        }

        (x, y) = ((long)ma, (long)mb);
        return true;
    }

    /// <summary>Two rates as mantissas of a common scale.</summary>
    public static (BigInteger A, BigInteger B) CommonScale(decimal a, decimal b)
    {
        (UInt128 ma, int sa) = Mantissa.Of(a);
        (UInt128 mb, int sb) = Mantissa.Of(b);
        int scale = Math.Max(sa, sb);
        return ((BigInteger)ma * BigInteger.Pow(10, scale - sa), (BigInteger)mb * BigInteger.Pow(10, scale - sb));
    }
}

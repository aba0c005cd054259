using System.Numerics;

namespace Pnl;

/// <summary>A rate of one currency in another.</summary>
public static class ConvertedRate
{
    private const int MostDigits = 28, MostPlaces = 28, FewestDigits = 12;

    /// <summary>
    /// <paramref name="rate"/> * <paramref name="times"/> * <paramref name="and"/> / <paramref name="over"/> / <paramref name="by"/>, rounded
    /// once, half to even, to 28 significant digits and 28 places behind the point.
    /// </summary>
    /// <param name="rate">Above 0.</param>
    /// <param name="times">Above 0.</param>
    /// <param name="and">Above 0.</param>
    /// <param name="over">Above 0.</param>
    /// <param name="by">Above 0.</param>
    /// <returns>The rate; null if fewer than 12 significant digits of it fit, or it is too large.</returns>
    public static decimal? Of(decimal rate, decimal times, decimal and = 1m, decimal over = 1m, decimal by = 1m)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(times);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(and);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(over);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(by);
        (UInt128 a, int aScale) = Mantissa.Of(rate);
        (UInt128 b, int bScale) = Mantissa.Of(times);
        int scale = aScale + bScale;
        if (and == 1m && over == 1m && by == 1m && scale is >= 0 and <= MostPlaces && a <= ulong.MaxValue && b <= ulong.MaxValue && a * b < Mantissa.TenToThe(MostDigits))
        {
            (UInt128 product, int productScale) = Mantissa.WithoutTrailingZeros(a * b, scale); // nothing to be rounded: nearly always so
            return Mantissa.ToDecimal(product, productScale);
        }

        (UInt128 c, int cScale) = Mantissa.Of(and);
        (UInt128 d, int dScale) = Mantissa.Of(over);
        (UInt128 e, int eScale) = Mantissa.Of(by);
        (BigInteger numerator, BigInteger denominator) = ((BigInteger)a * b * c, (BigInteger)d * e);
        scale += cScale - dScale - eScale; // numerator / denominator * 10^-scale

        // As many places as leave 28 digits, and no more than 28: the exact quotient has digits or digits - 1 of them before the point.
        int digits = Digits(numerator) - Digits(denominator) - scale;
        int places = Math.Min(MostPlaces, MostDigits - digits);
        (BigInteger mantissa, places) = Rounded(places);
        if (Digits(mantissa) > MostDigits)
        {
            (mantissa, places) = Rounded(places - 1);
        }

        if (places < 0 || mantissa.IsZero || (Digits(mantissa) < FewestDigits && !IsExact()))
        {
            return null;
        }

        (UInt128 normal, int normalScale) = Mantissa.WithoutTrailingZeros((UInt128)mantissa, places);
        return Mantissa.ToDecimal(normal, normalScale);

        (BigInteger Mantissa, int Places) Rounded(int to)
        {
            (BigInteger up, BigInteger down) = Shifted(to);
            BigInteger quotient = BigInteger.DivRem(up, down, out BigInteger rest);
            int half = (rest * 2).CompareTo(down);
            return (half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient, to);
        }

        bool IsExact()
        {
            (BigInteger up, BigInteger down) = Shifted(places);
            return (up % down).IsZero;
        }

        (BigInteger Up, BigInteger Down) Shifted(int to)
        {
            int shift = to - scale;
            return shift >= 0 ? (numerator * BigInteger.Pow(10, shift), denominator) : (numerator, denominator * BigInteger.Pow(10, -shift));
        }
    }

    private static int Digits(BigInteger value)
    {
        if (value.IsZero)
        {
            return 1;
        }

        int digits = (int)BigInteger.Log10(value);
        BigInteger power = BigInteger.Pow(10, digits);
        return value < power ? digits : value >= power * 10 ? digits + 2 : digits + 1;
    }
}

namespace Pnl;

/// <summary>A decimal taken apart: value = mantissa / 10^scale, scale 0 to 28, mantissa below 2^96.</summary>
internal static class Mantissa
{
    private static readonly UInt128[] PowersOfTen = Powers();

    /// <summary>10^<paramref name="power"/>, for 0 to 38.</summary>
    public static UInt128 TenToThe(int power) => PowersOfTen[power];

    public static (UInt128 Mantissa, int Scale) Of(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        UInt128 mantissa = new((uint)bits[2], ((ulong)(uint)bits[1] << 32) | (uint)bits[0]);
        return (mantissa, (bits[3] >> 16) & 0xFF);
    }

    /// <summary>The same of one whose mantissa is below 2^64; false of others.</summary>
    public static bool TryGet(decimal value, out ulong mantissa, out int scale)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        (mantissa, scale) = (((ulong)(uint)bits[1] << 32) | (uint)bits[0], (bits[3] >> 16) & 0xFF);
        return bits[2] == 0;
    }

    public static (UInt128 Mantissa, int Scale) WithoutTrailingZeros(UInt128 mantissa, int scale)
    {
        if (mantissa <= ulong.MaxValue)
        {
            ulong small = (ulong)mantissa;
            while (scale > 0)
            {
                (ulong quotient, ulong remainder) = Math.DivRem(small, 10);
                if (remainder != 0)
                {
                    break;
                }

                small = quotient;
                scale--;
            }

            return (small, scale);
        }

        while (scale > 0)
        {
            (UInt128 quotient, UInt128 remainder) = UInt128.DivRem(mantissa, 10);
            if (remainder != 0)
            {
                break;
            }

            mantissa = quotient;
            scale--;
        }

        return (mantissa, scale);
    }

    public static decimal ToDecimal(UInt128 mantissa, int scale) =>
        new((int)(uint)mantissa, (int)(uint)(mantissa >> 32), (int)(uint)(mantissa >> 64), false, (byte)scale);

    /// <summary>Drops trailing zeros, so that a stored block's common scale does not show in what comes out.</summary>
    public static decimal ToRate(long mantissa, int scale)
    {
        (UInt128 m, int s) = WithoutTrailingZeros((ulong)mantissa, scale);
        return ToDecimal(m, s);
    }

    private static UInt128[] Powers()
    {
        UInt128[] powers = new UInt128[39];
        powers[0] = 1;
        for (int i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * 10;
        }

        return powers;
    }
}

namespace Pnl;

/// <summary>
/// The square of a <see cref="LogReturn"/> over the number of 5-minute slots that it spans, in units of 2^-218: a whole number,
/// so that sums do not depend on the order.
/// </summary>
/// <remarks>
/// Rounded down: from 2^-38 on to a multiple of 2^-110, which keeps sums of markets short where they are stored, from 2^-54 on to one
/// of 2^-142, and below to the last unit. Never up, so that equal returns deviate from their mean by nothing. Each is so much
/// below the square that a deviation of the size of the square itself (rates that rise by the same amount, not the same
/// ratio) still has the digits that are promised.
/// </remarks>
internal static class SquaredReturn
{
    /// <summary>Fractional bits. 2^23 squares of the largest log return that there is fit 256 bits.</summary>
    public const int Bits = 218;

    /// <summary>Squares that are not tiny are multiples of so many bits, hence of 2^-110.</summary>
    public const int CoarseBits = 108;

    /// <summary>Of those that are, most are multiples of so many, hence of 2^-142.</summary>
    public const int MiddleBits = 76;

    private const int Dropped = 2 * LogReturn.Bits - Bits;

    // 2^-38 and 2^-54, of the upper half of a number of units of 2^-238, those of the exact square.
    private const int CoarseLeast = 2 * LogReturn.Bits - 38 - 128, MiddleLeast = 2 * LogReturn.Bits - 54 - 128;

    private const int ProductBits = 2 * (LogReturn.Bits - LogReturn.CoarseBits), ProductCoarseLeast = ProductBits - 38, ProductMiddleLeast = ProductBits - 54;

    /// <summary>A log return's square over a number of slots, at least 1.</summary>
    public static UInt256 Of(Int128 logReturn, int slots)
    {
        UInt128 magnitude = LogReturn.Magnitude(logReturn);
        if (magnitude >> (LogReturn.CoarseBits + 64) == 0 && (ulong)magnitude << (64 - LogReturn.CoarseBits) == 0)
        {
            // Most are: 64 bits in units of 2^-72, whose square in units of 2^-144 comes out the same where it is not tiny.
            ulong coarse = (ulong)(magnitude >> LogReturn.CoarseBits);
            UInt128 product = Math.BigMul(coarse, coarse);
            if (slots > 1)
            {
                product /= (uint)slots;
            }

            if (product >> ProductCoarseLeast != 0)
            {
                return (UInt256)(product >> (ProductBits - Bits + CoarseBits)) << CoarseBits;
            }

            if (product >> ProductMiddleLeast != 0)
            {
                return (UInt256)(product >> (ProductBits - Bits + MiddleBits)) << MiddleBits;
            }
        }

        UInt256 square = UInt256.Product(magnitude, magnitude);
        if (slots > 1)
        {
            square /= (uint)slots;
        }

        UInt128 upper = square.Upper;
        return upper >> CoarseLeast != 0 ? (UInt256)(upper >> (Dropped + CoarseBits - 128)) << CoarseBits
            : upper >> MiddleLeast != 0 ? square >> (Dropped + MiddleBits) << MiddleBits
            : square >> Dropped;
    }

    /// <summary>What a sum of log returns, spread evenly over a number of slots, would come to; rounded up.</summary>
    public static UInt256 OfMean(Int128 sum, int slots)
    {
        UInt128 magnitude = LogReturn.Magnitude(sum);
        UInt256 square = UInt256.Product(magnitude, magnitude) / (uint)slots >> Dropped;
        return magnitude == 0 ? square : square + UInt128.One;
    }
}

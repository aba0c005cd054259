namespace Pnl;

/// <summary>
/// The square of a <see cref="LogReturn"/> over the number of 5-minute slots that it spans, in units of 2^-218: a whole number,
/// so that sums do not depend on the order.
/// </summary>
/// <remarks>
/// Rounded down: to a multiple of 2^-102 from 2^-36 on, which keeps sums of markets short where they are stored, and to
/// the last unit below. Never up, so that equal returns deviate from their mean by nothing. Either is so much below the
/// square that a deviation of the size of the square itself (the least there is: rates that rise by the same amount, not
/// the same ratio) still has the digits that are promised.
/// </remarks>
internal static class SquaredReturn
{
    /// <summary>Fractional bits. 2^23 squares of the largest log return that there is fit 256 bits.</summary>
    public const int Bits = 218;

    /// <summary>Squares that are not tiny are multiples of so many bits, hence of 2^-102.</summary>
    public const int CoarseBits = 116;

    private const int Dropped = 2 * LogReturn.Bits - Bits;

    // 2^-36, in the units of the exact square, 2^-238.
    private static readonly UInt256 Least = new(UInt128.One << (2 * LogReturn.Bits - 36 - 128), 0);

    /// <summary>A log return's square over a number of slots, at least 1.</summary>
    public static UInt256 Of(Int128 logReturn, int slots)
    {
        UInt128 magnitude = LogReturn.Magnitude(logReturn);
        UInt256 square = UInt256.Product(magnitude, magnitude);
        if (slots > 1)
        {
            square /= (uint)slots;
        }

        return square < Least
            ? square >> Dropped
            : new UInt256(0, square.Upper >> (Dropped + CoarseBits - 128)) << CoarseBits;
    }

    /// <summary>What a sum of log returns, spread evenly over a number of slots, would come to; rounded up.</summary>
    public static UInt256 OfMean(Int128 sum, int slots)
    {
        UInt128 magnitude = LogReturn.Magnitude(sum);
        UInt256 square = UInt256.Product(magnitude, magnitude) / (uint)slots >> Dropped;
        return magnitude == 0 ? square : square + UInt128.One;
    }
}

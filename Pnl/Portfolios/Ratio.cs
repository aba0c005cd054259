using System.Numerics;

namespace Pnl;

/// <summary>New units for old ones: a redenomination of three to one is 1 / 3, which no decimal number says.</summary>
/// <param name="New">New units, a whole number or a decimal.</param>
/// <param name="Old">For so many old ones.</param>
internal readonly record struct Ratio(Amount New, Amount Old)
{
    // With fewer digits it may be meant as it stands. With so many, a fraction of two small numbers comes about by chance once in 10^12.
    private const int FewestDigits = 26;
    private const int LargestTerm = 10_000_000;

    /// <summary>
    /// The ratio that a number of new units for one old one says: the number itself; or, where it is a fraction of two whole numbers (below 10^7) with all the digits
    /// that a decimal holds, the fraction. So 0.3333333333333333333333333333 is 1 / 3.
    /// </summary>
    public static Ratio Of(decimal newForOne)
    {
        if (newForOne.Scale < FewestDigits)
        {
            return new(newForOne, Amount.One);
        }

        // Continued fractions give the best approximations in order (Hardy and Wright, An Introduction to the Theory of Numbers, chapter 10).
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(newForOne, bits);
        BigInteger unit = BigInteger.Pow(10, newForOne.Scale), value = ((BigInteger)(uint)bits[2] << 64) + ((BigInteger)(uint)bits[1] << 32) + (uint)bits[0];
        (BigInteger rest, BigInteger by) = (value, unit);
        (BigInteger n, BigInteger before) = (1, 0);
        (BigInteger d, BigInteger under) = (0, 1);
        while (!by.IsZero)
        {
            BigInteger whole = BigInteger.DivRem(rest, by, out BigInteger left);
            (n, before) = (whole * n + before, n);
            (d, under) = (whole * d + under, d);
            (rest, by) = (by, left);
            if (n > LargestTerm || d > LargestTerm)
            {
                break;
            }

            if (d > 1 && BigInteger.Abs(n * unit - value * d) < d) // less than one in the last place, so that a number that was cut off says it too
            {
                return new((Amount)(decimal)n, (Amount)(decimal)d);
            }
        }

        return new(newForOne, Amount.One);
    }

    /// <summary>So many old units in new ones, rounded half to even.</summary>
    /// <param name="old">Old units.</param>
    /// <param name="places">The most digits behind the point.</param>
    public Amount Apply(Amount old, int places) => (old * New).DividedBy(Old, places);
}

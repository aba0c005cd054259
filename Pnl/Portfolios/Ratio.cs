using System.Numerics;

namespace Pnl;

/// <summary>New units for old ones: where three old units become one, it is 1 / 3, which no decimal number says.</summary>
/// <param name="New">New units, a whole number or a decimal.</param>
/// <param name="Old">For so many old ones.</param>
public readonly record struct Ratio(Amount New, Amount Old)
{
    /// <summary>The largest whole number of a ratio: beyond, a decimal does not tell it.</summary>
    public const int LargestTerm = 10_000_000;

    // With fewer digits, or places, it may be meant as it stands. With so many, a fraction of two small numbers comes about by chance once in 10^6, and is the same to
    // 20 digits then. A quotient of 28 digits may end in zeros, which are not written.
    private const int FewestDigits = 20;

    /// <summary>New units for one old one, as the quantity of a <see cref="EntryKind.Redenomination"/> says it: <see cref="Of"/> has the ratio of it.</summary>
    /// <param name="newUnits">New units, 1 to <see cref="LargestTerm"/>.</param>
    /// <param name="oldUnits">For so many old ones, likewise.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is not.</exception>
    public static decimal Quantity(int newUnits, int oldUnits)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(newUnits, Math.Clamp(newUnits, 1, LargestTerm));
        ArgumentOutOfRangeException.ThrowIfNotEqual(oldUnits, Math.Clamp(oldUnits, 1, LargestTerm));
        return ((Amount)newUnits).DividedBy(oldUnits).ToDecimal();
    }

    /// <summary>
    /// The ratio that a number of new units for one old one says: the number itself; or, where it is a fraction of two whole numbers (below 10^7) with all the digits
    /// that a decimal holds, the fraction. So 0.3333333333333333333333333333 is 1 / 3.
    /// </summary>
    public static Ratio Of(decimal newForOne)
    {
        // Continued fractions give the best approximations in order (Hardy and Wright, An Introduction to the Theory of Numbers, chapter 10).
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(newForOne, bits);
        BigInteger unit = BigInteger.Pow(10, newForOne.Scale), value = ((BigInteger)(uint)bits[2] << 64) + ((BigInteger)(uint)bits[1] << 32) + (uint)bits[0];
        if (newForOne.Scale < FewestDigits && value < BigInteger.Pow(10, FewestDigits - 1))
        {
            return new(newForOne, Amount.One);
        }

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
    internal Amount Apply(Amount old, int places) => (old * New).DividedBy(Old, places);
}

namespace Pnl;

/// <summary>
/// Arithmetic of decimals that says whether the result has all of its digits: the framework's rounds to 28 or 29 of them
/// without a word. What does not fit is an <see cref="Amount"/>'s to hold.
/// </summary>
internal static class ExactDecimals
{
    private const int MostBits = 96, MostScale = 28;

    /// <summary>Subtracts.</summary>
    /// <param name="a">From what; of the sign of <paramref name="b"/>, so that nothing overflows.</param>
    /// <param name="b">What.</param>
    /// <param name="difference">The difference, rounded if it is not exact.</param>
    /// <returns>Whether it is exact. May be false where it is, of numbers with zeros at their ends.</returns>
    public static bool TrySubtract(decimal a, decimal b, out decimal difference)
    {
        difference = a - b;
        return difference.Scale >= Math.Max(a.Scale, b.Scale); // the framework lowers the scale to round, and for nothing else
    }

    /// <summary>Multiplies.</summary>
    /// <param name="a">One factor.</param>
    /// <param name="b">The other.</param>
    /// <param name="product">The exact product; 0 if it may not fit.</param>
    /// <returns>Whether it is exact. May be false where it would be, of numbers at the edge of what fits.</returns>
    public static bool TryMultiply(decimal a, decimal b, out decimal product)
    {
        ((UInt128 x, int scale), (UInt128 y, int more)) = (Mantissa.Of(a), Mantissa.Of(b));
        bool fits = scale + more <= MostScale && Bits(x) + Bits(y) <= MostBits;
        product = fits ? a * b : 0m;
        return fits;
    }

    private static int Bits(UInt128 value) => 128 - (int)UInt128.LeadingZeroCount(value);
}

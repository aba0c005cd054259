using System.Runtime.CompilerServices;

namespace Pnl.Rates.Simulation;

/// <summary>
/// The exponential function from additions and multiplications alone. <see cref="Math.Exp"/> comes from the C library
/// and differs in the last bit between platforms, which would move a rate by a tick now and then.
/// </summary>
internal static class PortableExp
{
    /// <summary>e to the power of <paramref name="x"/>, for |x| up to 700, to 4e-16 relative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Of(double x)
    {
        // x = k ln 2 + r with |r| <= ln(2) / 2; the upper part of ln 2 has trailing zeros, so that k times it is exact
        const double log2E = 1.4426950408889634;
        const double ln2High = 6.93147180369123816490e-01;
        const double ln2Low = 1.90821492927058770002e-10;

        double k = Math.Round(x * log2E);
        double r = x - k * ln2High - k * ln2Low;

        // Taylor to r^13, odd and even terms apart: two short chains of dependent operations instead of a long one
        double r2 = r * r;
        double even = 1.0 / 479_001_600;
        even = even * r2 + 1.0 / 3_628_800;
        even = even * r2 + 1.0 / 40_320;
        even = even * r2 + 1.0 / 720;
        even = even * r2 + 1.0 / 24;
        even = even * r2 + 1.0 / 2;
        double odd = 1.0 / 6_227_020_800;
        odd = odd * r2 + 1.0 / 39_916_800;
        odd = odd * r2 + 1.0 / 362_880;
        odd = odd * r2 + 1.0 / 5_040;
        odd = odd * r2 + 1.0 / 120;
        odd = odd * r2 + 1.0 / 6;
        double fraction = 1.0 + (r + (even * r2 + odd * r2 * r));
        return fraction * BitConverter.UInt64BitsToDouble((ulong)(1023 + (long)k) << 52);
    }
}

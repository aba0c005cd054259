using System.Runtime.CompilerServices;

namespace Pnl.Rates.Simulation;

/// <summary>
/// Random numbers by position instead of by sequence: the number at a position depends on key and position alone, so
/// that a market can be read from anywhere. Integer arithmetic, hence the same on every platform.
/// </summary>
internal static class SeededHash
{
    private const ulong GoldenRatio = 0x9E37_79B9_7F4A_7C15;

    /// <summary>The number at a position of the sequence that <paramref name="key"/> names (SplitMix64, random access).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong At(ulong key, int position) => Mix(key + unchecked((ulong)position * GoldenRatio));

    /// <summary>A number in [0, 1), from the upper 53 bits.</summary>
    public static double Unit(ulong hash) => (hash >> 11) * (1.0 / (1UL << 53));

    /// <summary>
    /// A near-Gaussian of mean 0 and variance 1: the sum of the four 16-bit fields (Irwin-Hall), which stays within
    /// 3.47 standard deviations and needs no logarithm.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Gaussian(ulong hash)
    {
        const ulong evenFields = 0x0000_FFFF_0000_FFFF;
        const int mean = 4 * 65_535 / 2;

        // 1 / sqrt(4 * (65536^2 - 1) / 12), the standard deviation of four discrete uniform fields
        const double scale = 2.6428997921303014e-05;

        ulong pairs = (hash & evenFields) + ((hash >> 16) & evenFields);
        int sum = (int)(uint)pairs + (int)(uint)(pairs >> 32);
        return (sum - mean) * scale;
    }

    // Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (2014), the variant 13 of Stafford
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong z)
    {
        z = unchecked((z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB);
        return z ^ (z >> 31);
    }
}

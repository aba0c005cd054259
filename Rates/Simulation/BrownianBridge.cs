namespace Pnl.Rates.Simulation;

/// <summary>
/// A random walk in log price that can be entered anywhere: a Brownian bridge by midpoint displacement. The walk is 0 at
/// both ends of a span of 2^21 slots (about 20 years, the first from 2015-01-01), the value halfway between two known
/// ones is their mean plus a Gaussian hashed from the slot, and so on down to single slots. A slot is the midpoint of one
/// interval only, so its value does not depend on the range that is asked for. Spans follow each other without end.
/// </summary>
/// <remarks>
/// Intervals of up to 2^13 slots (28 days) scatter as Brownian motion does. Larger ones scatter no more than those: with
/// full scaling, a token at 0.4 % per bar would roam over a factor of 10^5 in 20 years and leave its tick far behind.
/// Damped, the standard deviation of ln(price) is below 0.5 for the most volatile token.
/// </remarks>
internal readonly struct BrownianBridge(ulong key, double volatility)
{
    /// <summary>Longest range of one <see cref="Walk"/>, and the grid that ranges must not cross.</summary>
    public const int BlockLength = 512;

    /// <summary>The length that <see cref="Walk"/> needs to work in.</summary>
    public const int RoomLength = BlockLength + 1;

    private const int SpanLevel = 21;
    private const int LargestUndampedLevel = 13;
    private const int OriginSlot = 4_733_568; // 2015-01-01

    // by level: standard deviation of the displacement in the middle of 2^level slots, for a volatility of 1
    private static readonly double[] Displacement = Displacements();

    /// <summary>The end, exclusive, of the block that contains a slot.</summary>
    public static int BlockEnd(int slot) => ((slot - OriginSlot) | (BlockLength - 1)) + OriginSlot + 1;

    /// <summary>
    /// The walk over [<paramref name="from"/>, <paramref name="to"/>), which is not empty, lies within one block and not
    /// before 2015.
    /// </summary>
    /// <returns>One value for each slot, in <paramref name="room"/>.</returns>
    public ReadOnlySpan<double> Walk(int from, int to, Span<double> room)
    {
        int start = from - OriginSlot, end = to - OriginSlot;

        // Down to the smallest interval that holds the range: a single slot costs 21 draws, not a block of them.
        int level = SpanLevel;
        int left = start & -(1 << SpanLevel);
        double atLeft = 0, atRight = 0;
        for (; level > 0; level--)
        {
            int middle = left + (1 << (level - 1));
            if (start < middle && end > middle)
            {
                break;
            }

            double atMiddle = Midpoint(atLeft, atRight, volatility * Displacement[level], middle);
            if (end <= middle)
            {
                atRight = atMiddle;
            }
            else
            {
                left = middle;
                atLeft = atMiddle;
            }
        }

        int length = 1 << level;
        room = room[..(length + 1)];
        room[0] = atLeft;
        room[length] = atRight;
        for (; level > 0; level--)
        {
            int half = 1 << (level - 1);
            double deviation = volatility * Displacement[level];
            for (int i = half; i < length; i += 2 * half)
            {
                room[i] = Midpoint(room[i - half], room[i + half], deviation, left + i);
            }
        }

        return room[(start - left)..(end - left)];
    }

    private double Midpoint(double before, double after, double deviation, int position) =>
        0.5 * (before + after) + deviation * SeededHash.Gaussian(SeededHash.At(key, position));

    private static double[] Displacements()
    {
        double[] displacements = new double[SpanLevel + 1];
        for (int level = 1; level < displacements.Length; level++)
        {
            // a bridge over n steps has variance n / 4 in its middle
            displacements[level] = Math.Sqrt(1 << Math.Min(level, LargestUndampedLevel)) / 2;
        }

        return displacements;
    }
}

using System.Buffers.Binary;

namespace Pnl.Rates;

/// <summary>The stored form of a <see cref="Coverage"/>: two 32-bit integers a range.</summary>
internal static class CoverageBytes
{
    public static byte[] Of(Coverage coverage)
    {
        byte[] bytes = new byte[coverage.Ranges.Length * 8];
        for (int i = 0; i < coverage.Ranges.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * 8), coverage.Ranges[i].From);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * 8 + 4), coverage.Ranges[i].To);
        }

        return bytes;
    }

    /// <exception cref="SegmentCorruptException">The length does not hold.</exception>
    public static Coverage Read(byte[] bytes)
    {
        if (bytes.Length % 8 != 0)
        {
            throw new SegmentCorruptException($"a coverage has {bytes.Length} bytes, which are no number of ranges");
        }

        Coverage coverage = Coverage.None;
        for (int i = 0; i < bytes.Length; i += 8)
        {
            coverage = coverage.With(new(
                BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(i)), BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(i + 4))));
        }

        return coverage;
    }
}

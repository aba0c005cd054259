using System.Buffers.Binary;

namespace Pnl;

/// <summary>The summary of a token's sealed month, kept in memory so that the month itself need not be.</summary>
/// <param name="Month">Months since January 1970.</param>
/// <param name="Summary">Of the bars of the sealed days of that month.</param>
public readonly record struct MonthSummary(int Month, RateSummary Summary)
{
    /// <summary>Length of the stored form in bytes.</summary>
    public const int StoredLength = 12 + 4 * 16 + 8 + 8 + 16;

    /// <summary>Writes the summary into <see cref="StoredLength"/> bytes.</summary>
    public byte[] Store()
    {
        byte[] bytes = new byte[StoredLength];
        Span<byte> to = bytes;
        BinaryPrimitives.WriteInt32LittleEndian(to, Summary.FirstSlot);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], Summary.LastSlot);
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], Summary.Count);
        Write(to[12..], Summary.First);
        Write(to[28..], Summary.Last);
        Write(to[44..], Summary.High);
        Write(to[60..], Summary.Low);
        BinaryPrimitives.WriteDoubleLittleEndian(to[76..], Summary.MaxDrawdown);
        BinaryPrimitives.WriteInt64LittleEndian(to[84..], Summary.LogReturns);
        BinaryPrimitives.WriteUInt128LittleEndian(to[92..], Summary.SquaredLogReturns);
        return bytes;
    }

    /// <summary>Reads what <see cref="Store"/> wrote.</summary>
    /// <exception cref="SegmentCorruptException">The length does not hold.</exception>
    public static MonthSummary Restore(int month, ReadOnlySpan<byte> from) => from.Length != StoredLength
        ? throw new SegmentCorruptException($"the summary of a month has {from.Length} bytes instead of {StoredLength}")
        : new(month, RateSummary.Stored(
            BinaryPrimitives.ReadInt32LittleEndian(from),
            BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[8..]),
            Read(from[12..]), Read(from[28..]), Read(from[44..]), Read(from[60..]),
            BinaryPrimitives.ReadDoubleLittleEndian(from[76..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[84..]),
            BinaryPrimitives.ReadUInt128LittleEndian(from[92..])));

    private static void Write(Span<byte> to, decimal value)
    {
        (UInt128 mantissa, int scale) = Mantissa.Of(value);
        BinaryPrimitives.WriteUInt128LittleEndian(to, mantissa | ((UInt128)(uint)scale << 96));
    }

    private static decimal Read(ReadOnlySpan<byte> from)
    {
        UInt128 value = BinaryPrimitives.ReadUInt128LittleEndian(from);
        uint scale = (uint)(value >> 96);
        return scale <= 28
            ? Mantissa.ToDecimal(value & ((UInt128.One << 96) - 1), (int)scale)
            : throw new SegmentCorruptException("the summary of a month holds a malformed rate");
    }
}

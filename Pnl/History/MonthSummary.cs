using System.Buffers.Binary;

namespace Pnl;

/// <summary>The summary of a token's sealed month, kept in memory so that the month itself need not be.</summary>
/// <param name="Month">Months since January 1970.</param>
/// <param name="Summary">Of the bars of the sealed days of that month.</param>
public readonly record struct MonthSummary(int Month, RateSummary Summary)
{
    /// <summary>Length of the stored form in bytes.</summary>
    public const int StoredLength = 1 + 12 + 4 * 16 + 8 + 16 + 32;

    /// <summary>Length of the form that came before, which held other sums: such a summary is made anew from the month's bars.</summary>
    internal const int FirstVersionLength = 12 + 4 * 16 + 8 + 8 + 16;

    internal const byte CurrentVersion = 2; // the first had no such byte

    /// <summary>Writes the summary into <see cref="StoredLength"/> bytes.</summary>
    public byte[] Store()
    {
        byte[] bytes = new byte[StoredLength];
        bytes[0] = CurrentVersion;
        Span<byte> to = bytes.AsSpan(1);
        BinaryPrimitives.WriteInt32LittleEndian(to, Summary.FirstSlot);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], Summary.LastSlot);
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], Summary.Count);
        Write(to[12..], Summary.First);
        Write(to[28..], Summary.Last);
        Write(to[44..], Summary.High);
        Write(to[60..], Summary.Low);
        BinaryPrimitives.WriteDoubleLittleEndian(to[76..], Summary.MaxDrawdown);
        BinaryPrimitives.WriteInt128LittleEndian(to[84..], Summary.LogReturns);
        BinaryPrimitives.WriteUInt128LittleEndian(to[100..], Summary.SquaredReturns.Lower);
        BinaryPrimitives.WriteUInt128LittleEndian(to[116..], Summary.SquaredReturns.Upper);
        return bytes;
    }

    /// <summary>Whether a stored summary is of the version before, and must be made anew from the month's bars.</summary>
    internal static bool IsOfEarlierVersion(ReadOnlySpan<byte> stored) => stored.Length == FirstVersionLength;

    /// <summary>Reads what <see cref="Store"/> wrote.</summary>
    /// <exception cref="SegmentCorruptException">The length does not hold.</exception>
    /// <exception cref="LaterReleaseException">The version is unknown.</exception>
    public static MonthSummary Restore(int month, ReadOnlySpan<byte> from)
    {
        if (from.Length > 0 && from.Length != FirstVersionLength && from[0] > CurrentVersion)
        {
            throw new LaterReleaseException($"the summary of a month is a later release's (version {from[0]}) and is left as it is, this one reads versions up to {CurrentVersion}");
        }

        if (from.Length != StoredLength || from[0] != CurrentVersion)
        {
            throw new SegmentCorruptException($"the summary of a month has {from.Length} bytes instead of {StoredLength}");
        }

        from = from[1..];
        return new(month, RateSummary.Stored(
            BinaryPrimitives.ReadInt32LittleEndian(from),
            BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[8..]),
            Read(from[12..]), Read(from[28..]), Read(from[44..]), Read(from[60..]),
            BinaryPrimitives.ReadDoubleLittleEndian(from[76..]),
            BinaryPrimitives.ReadInt128LittleEndian(from[84..]),
            new(BinaryPrimitives.ReadUInt128LittleEndian(from[116..]), BinaryPrimitives.ReadUInt128LittleEndian(from[100..]))));
    }

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

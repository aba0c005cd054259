using System.Buffers.Binary;

namespace Pnl;

/// <summary>
/// Reads the numbers of a <see cref="DayBlock"/> that <see cref="BlockWriter"/> wrote, and never beyond its end. Each method throws
/// <see cref="SegmentCorruptException"/> where the bytes end too early or are no such number.
/// </summary>
internal ref struct BlockReader(ReadOnlySpan<byte> from)
{
    private readonly ReadOnlySpan<byte> _from = from;

    /// <summary>Where the next byte is.</summary>
    public int Position;

    /// <summary>The next byte.</summary>
    public byte Byte() => Position < _from.Length ? _from[Position++] : throw SegmentCorruptException.Block("end");

    /// <summary>The next varint, of 10 bytes at most.</summary>
    public ulong Varint()
    {
        ulong value = Byte();
        if (value < 0x80)
        {
            return value;
        }

        value &= 0x7F;
        for (int shift = 7; shift < 64; shift += 7)
        {
            ulong b = Byte();
            value |= (b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw SegmentCorruptException.Block("number");
    }

    /// <summary>The next varint that is zig-zag coded.</summary>
    public long Signed()
    {
        ulong z = Varint();
        return (long)(z >> 1) ^ -(long)(z & 1);
    }

    /// <summary>The next varint of up to 128 bits.</summary>
    public UInt128 WideVarint()
    {
        UInt128 value = 0;
        for (int shift = 0; shift < 128; shift += 7)
        {
            byte b = Byte();
            value |= (UInt128)(b & 0x7Fu) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw SegmentCorruptException.Block("number");
    }

    /// <summary>The next 12 bytes, little endian.</summary>
    public UInt128 Fixed()
    {
        if (Position + 12 > _from.Length)
        {
            throw SegmentCorruptException.Block("end");
        }

        UInt128 value = new(
            BinaryPrimitives.ReadUInt32LittleEndian(_from[(Position + 8)..]), BinaryPrimitives.ReadUInt64LittleEndian(_from[Position..]));
        Position += 12;
        return value;
    }
}

using System.Buffers.Binary;

namespace Pnl;

/// <summary>Writes the numbers of a <see cref="DayBlock"/>, which <see cref="BlockReader"/> reads. The caller sees to it that there is room.</summary>
internal ref struct BlockWriter(Span<byte> to)
{
    private readonly Span<byte> _to = to;

    /// <summary>Where the next byte goes.</summary>
    public int Position;

    /// <summary>One byte.</summary>
    public void Byte(byte value) => _to[Position++] = value;

    /// <summary>7 bits a byte, the lowest first; the highest bit of a byte says that another follows.</summary>
    public void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }

    /// <summary>A varint of the zig-zag code: 0, -1, 1, -2, ...</summary>
    public void Signed(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>A varint of up to 128 bits.</summary>
    public void WideVarint(UInt128 value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Byte((byte)((byte)(value & 0x7F) | 0x80));
        }

        Byte((byte)value);
    }

    /// <summary>The lower 96 bits, in 12 bytes, little endian.</summary>
    public void Fixed(UInt128 mantissa)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_to[Position..], (ulong)mantissa);
        BinaryPrimitives.WriteUInt32LittleEndian(_to[(Position + 8)..], (uint)(mantissa >> 64));
        Position += 12;
    }

    /// <summary>Room for so many bytes, which the caller fills.</summary>
    public Span<byte> Take(int length)
    {
        Span<byte> taken = _to.Slice(Position, length);
        Position += length;
        return taken;
    }

    /// <summary>The room that is left.</summary>
    public readonly Span<byte> Rest() => _to[Position..];
}

using System.Buffers.Binary;
using System.Numerics;

namespace Pnl.Bench.Peers;

/// <summary>
/// The codec of Gorilla (Pelkonen et al., VLDB 2015, section 4.1), as time series databases use it: times as differences
/// of differences, rates as doubles XORed with the one before. A peer for size and speed.
/// </summary>
internal static class GorillaCodec
{
    /// <summary>Writes times in seconds and values; returns the length in bytes. 20 bytes a bar are enough room.</summary>
    public static int Encode(ReadOnlySpan<long> times, ReadOnlySpan<double> values, Span<byte> to)
    {
        BitWriter writer = new(to);
        long time = times[0], step = 0;
        ulong value = BitConverter.DoubleToUInt64Bits(values[0]);
        int leading = -1, trailing = 0;
        writer.Write((ulong)time, 64);
        writer.Write(value, 64);
        for (int i = 1; i < times.Length; i++)
        {
            long change = times[i] - time - step;
            step = times[i] - time;
            time = times[i];
            switch (change)
            {
                case 0:
                    writer.Write(0b0, 1);
                    break;
                case >= -63 and <= 64:
                    writer.Write(0b10, 2);
                    writer.Write((ulong)(change + 63), 7);
                    break;
                case >= -255 and <= 256:
                    writer.Write(0b110, 3);
                    writer.Write((ulong)(change + 255), 9);
                    break;
                case >= -2047 and <= 2048:
                    writer.Write(0b1110, 4);
                    writer.Write((ulong)(change + 2047), 12);
                    break;
                default:
                    writer.Write(0b1111, 4);
                    writer.Write((uint)change, 32);
                    break;
            }

            ulong next = BitConverter.DoubleToUInt64Bits(values[i]), xor = next ^ value;
            value = next;
            if (xor == 0)
            {
                writer.Write(0, 1);
                continue;
            }

            int lead = Math.Min(31, BitOperations.LeadingZeroCount(xor)), trail = BitOperations.TrailingZeroCount(xor);
            if (leading >= 0 && lead >= leading && trail >= trailing)
            {
                writer.Write(0b10, 2);
                writer.Write(xor >> trailing, 64 - leading - trailing);
            }
            else
            {
                (leading, trailing) = (lead, trail);
                int length = 64 - lead - trail;
                writer.Write(0b11, 2);
                writer.Write((uint)lead, 5);
                writer.Write((uint)length & 63, 6);
                writer.Write(xor >> trail, length);
            }
        }

        return writer.Flush();
    }

    /// <summary>Reads as many bars as the spans hold.</summary>
    public static void Decode(ReadOnlySpan<byte> from, Span<long> times, Span<double> values)
    {
        BitReader reader = new(from);
        long time = (long)reader.Read(64), step = 0;
        ulong value = reader.Read(64);
        int trailing = 0, length = 0;
        times[0] = time;
        values[0] = BitConverter.UInt64BitsToDouble(value);
        for (int i = 1; i < times.Length; i++)
        {
            ulong peek = reader.Peek();
            if (peek >> 63 == 0)
            {
                reader.Skip(1);
            }
            else if (peek >> 62 == 0b10)
            {
                reader.Skip(2);
                step += (long)reader.Read(7) - 63;
            }
            else if (peek >> 61 == 0b110)
            {
                reader.Skip(3);
                step += (long)reader.Read(9) - 255;
            }
            else if (peek >> 60 == 0b1110)
            {
                reader.Skip(4);
                step += (long)reader.Read(12) - 2047;
            }
            else
            {
                reader.Skip(4);
                step += (int)(uint)reader.Read(32);
            }

            time += step;
            times[i] = time;
            peek = reader.Peek();
            if (peek >> 63 == 0)
            {
                reader.Skip(1);
            }
            else
            {
                if (peek >> 62 == 0b10)
                {
                    reader.Skip(2);
                }
                else
                {
                    reader.Skip(13);
                    int lead = (int)(peek >> 57) & 31;
                    length = (int)(peek >> 51) & 63;
                    length = length == 0 ? 64 : length;
                    trailing = 64 - lead - length;
                }

                value ^= reader.Read(length) << trailing;
            }

            values[i] = BitConverter.UInt64BitsToDouble(value);
        }
    }

    private ref struct BitWriter(Span<byte> to)
    {
        private readonly Span<byte> _to = to;
        private UInt128 _pending;
        private int _bits, _position;

        /// <summary>The lowest bits of a value, most significant first.</summary>
        public void Write(ulong value, int count)
        {
            _pending = (_pending << count) | value;
            _bits += count;
            while (_bits >= 32)
            {
                _bits -= 32;
                BinaryPrimitives.WriteUInt32BigEndian(_to[_position..], (uint)(_pending >> _bits));
                _position += 4;
            }
        }

        public int Flush()
        {
            int length = _position + (_bits + 7) / 8;
            Write(0, (32 - _bits) & 31);
            return length;
        }
    }

    private ref struct BitReader(ReadOnlySpan<byte> from)
    {
        private readonly ReadOnlySpan<byte> _from = from;
        private long _bit;

        /// <summary>The next 57 bits or more, at the top.</summary>
        public readonly ulong Peek()
        {
            int at = (int)(_bit >> 3);
            if (at <= _from.Length - 8)
            {
                return BinaryPrimitives.ReadUInt64BigEndian(_from[at..]) << (int)(_bit & 7);
            }

            ulong word = 0;
            for (int i = 0; i < 8 && at + i < _from.Length; i++)
            {
                word |= (ulong)_from[at + i] << (56 - 8 * i);
            }

            return word << (int)(_bit & 7);
        }

        public void Skip(int count) => _bit += count;

        public ulong Read(int count)
        {
            if (count > 56)
            {
                return (Read(count - 32) << 32) | Read(32);
            }

            ulong word = Peek() >> (64 - count);
            _bit += count;
            return word;
        }
    }
}

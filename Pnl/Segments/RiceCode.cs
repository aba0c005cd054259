using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pnl;

/// <summary>
/// The Rice code of the differences of a series. A difference is zig-zag coded (0, -1, 1, -2, ... become 0, 1, 2, 3, ...) and
/// written with a parameter k: as many zeros as it is when shifted right by k, and a one; then its lowest k bits. 24 zeros and a
/// one announce a difference written out in 64 bits. Bytes are filled from their least significant bit on.
/// Rice codes come within a few per cent of the entropy of market noise (see docs/decisions/0003), where whole bit widths a
/// group waste half a bit a bar and more.
/// </summary>
internal static class RiceCode
{
    /// <summary>The greatest parameter k.</summary>
    public const int MaxParameter = 56;

    // A quotient of this length announces a difference written out in 64 bits.
    private const int Escape = 24;

    /// <summary>The parameter that makes the codes shortest.</summary>
    /// <param name="zigzag">The differences, zig-zag coded; at least one, each below 2^63.</param>
    /// <param name="total">Their sum.</param>
    public static int Best(ReadOnlySpan<ulong> zigzag, UInt128 total)
    {
        // The best parameter is near log2 of the mean times ln 2; the neighbours are tried, since outliers shift the mean.
        UInt128 mean = total <= ulong.MaxValue / 7 ? (ulong)total * 7 / 10 / (uint)zigzag.Length : total * 7 / 10 / (uint)zigzag.Length;
        int guess = Math.Clamp(128 - (int)UInt128.LeadingZeroCount(mean) - 1, 0, MaxParameter);
        int best = guess;
        long bestCost = Cost(zigzag, guess);
        for (int step = -1; step <= 1; step += 2)
        {
            for (int k = guess + step; k is >= 0 and <= MaxParameter; k += step)
            {
                long cost = Cost(zigzag, k);
                if (cost >= bestCost)
                {
                    break;
                }

                (best, bestCost) = (k, cost);
            }
        }

        return best;
    }

    /// <summary>Writes differences; returns the length in bytes, the last one filled up with zeros.</summary>
    /// <param name="zigzag">The differences, zig-zag coded.</param>
    /// <param name="k">The parameter.</param>
    /// <param name="to">Takes the codes; needs room for 8 bytes more than these.</param>
    public static int Write(ReadOnlySpan<ulong> zigzag, int k, Span<byte> to)
    {
        BitWriter bits = new(to);
        foreach (ulong z in zigzag)
        {
            ulong quotient = z >> k;
            if (quotient < Escape)
            {
                ulong remainder = z & ((1UL << k) - 1);
                int unary = (int)quotient + 1;
                if (unary + k <= 56)
                {
                    bits.Write((remainder << unary) | (1UL << (unary - 1)), unary + k);
                }
                else
                {
                    bits.Write(1UL << (unary - 1), unary);
                    bits.Write(remainder, k);
                }
            }
            else
            {
                bits.Write(1UL << Escape, Escape + 1);
                bits.Write(z & uint.MaxValue, 32);
                bits.Write(z >> 32, 32);
            }
        }

        return bits.Length;
    }

    /// <summary>Reads a series from its differences, which end with the block.</summary>
    /// <param name="block">The bytes.</param>
    /// <param name="position">Where the codes begin.</param>
    /// <param name="k">The parameter.</param>
    /// <param name="values">The first value of the series; takes those behind it.</param>
    /// <exception cref="SegmentCorruptException">The parameter or a code is none, or the block ends within one.</exception>
    public static void Read(ReadOnlySpan<byte> block, int position, int k, Span<long> values)
    {
        if (k > MaxParameter)
        {
            throw SegmentCorruptException.Block("Rice parameter");
        }

        ulong mask = (1UL << k) - 1;
        nint bit = (nint)position << 3;

        // A load of 8 bytes holds 57 bits or more: a code within them is read at once, as long as the load ends within the
        // block. Where a code ends is known only when its quotient has been counted; everything else runs beside that.
        int oneLoad = Math.Min(56 - k, Escape - 1);
        nint lastLoad = ((nint)block.Length - 8) << 3 | 7;
        ref byte start = ref MemoryMarshal.GetReference(block);
        ref long to = ref MemoryMarshal.GetReference(values);
        long value = to;
        for (nint i = 1; i < values.Length; i++)
        {
            ulong z;
            if (bit <= lastLoad && BitConverter.IsLittleEndian)
            {
                ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, bit >> 3)) >> (int)(bit & 7);
                int quotient = BitOperations.TrailingZeroCount(word);
                if (quotient <= oneLoad)
                {
                    bit += quotient + (1 + k);
                    z = ((ulong)(uint)quotient << k) | ((word >> quotient >> 1) & mask);
                }
                else
                {
                    z = ReadRare(block, k, ref bit);
                }
            }
            else
            {
                z = ReadRare(block, k, ref bit);
            }

            value += (long)(z >> 1) ^ -(long)(z & 1);
            Unsafe.Add(ref to, i) = value;
        }

        if (bit > (nint)block.Length << 3)
        {
            throw SegmentCorruptException.Block("end");
        }
    }

    private static long Cost(ReadOnlySpan<ulong> zigzag, int k)
    {
        const int escaped = Escape + 1 + 64;
        long cost = 0;
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            ref ulong from = ref MemoryMarshal.GetReference(zigzag);
            Vector256<long> costs = default;
            for (; i <= zigzag.Length - Vector256<ulong>.Count; i += Vector256<ulong>.Count)
            {
                Vector256<long> quotient = (Vector256.LoadUnsafe(ref from, (nuint)i) >>> k).AsInt64(); // of mantissas below 2^62: no sign
                costs += Vector256.ConditionalSelect(
                    Vector256.LessThan(quotient, Vector256.Create((long)Escape)),
                    quotient + Vector256.Create(1L + k), Vector256.Create((long)escaped));
            }

            cost = Vector256.Sum(costs);
        }

        for (; i < zigzag.Length; i++)
        {
            ulong quotient = zigzag[i] >> k;
            cost += quotient < Escape ? (long)quotient + 1 + k : escaped;
        }

        return cost;
    }

    private static ulong ReadRare(ReadOnlySpan<byte> block, int k, ref nint bit)
    {
        int quotient = BitOperations.TrailingZeroCount(Load(block, (int)(bit >> 3)) >> (int)(bit & 7));
        ulong z;
        switch (quotient)
        {
            case < Escape:
                bit += quotient + 1;
                z = ((ulong)quotient << k) | Bits(block, bit, k);
                bit += k;
                return z;
            case Escape:
                bit += Escape + 1;
                z = Bits(block, bit, 32) | (Bits(block, bit + 32, 32) << 32);
                bit += 64;
                return z;
            default:
                throw SegmentCorruptException.Block("difference");
        }
    }

    private static ulong Bits(ReadOnlySpan<byte> block, long bit, int count) =>
        (Load(block, (int)(bit >> 3)) >> (int)(bit & 7)) & ((1UL << count) - 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load(ReadOnlySpan<byte> block, int at) =>
        at <= block.Length - 8 ? BinaryPrimitives.ReadUInt64LittleEndian(block[at..]) : LoadEnd(block, at);

    private static ulong LoadEnd(ReadOnlySpan<byte> block, int at)
    {
        ulong word = 0;
        for (int i = 0; at + i < block.Length && i < 8; i++)
        {
            word |= (ulong)block[at + i] << (8 * i);
        }

        return word;
    }

    private ref struct BitWriter(Span<byte> to)
    {
        private readonly Span<byte> _to = to;
        private ulong _pending;
        private int _bits, _position;

        /// <summary>The lowest bits of a value, 56 at most; those above must be zero. Needs room for 8 bytes.</summary>
        public void Write(ulong value, int count)
        {
            _pending |= value << _bits;
            BinaryPrimitives.WriteUInt64LittleEndian(_to[_position..], _pending);
            _bits += count;
            _position += _bits >> 3;
            _pending >>= _bits & ~7;
            _bits &= 7;
        }

        /// <summary>The length in bytes; the last one is filled up with zeros.</summary>
        public readonly int Length => _position + (_bits > 0 ? 1 : 0);
    }
}

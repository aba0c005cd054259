using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Pnl;

/// <summary>Writes decimals down faster than the framework does, digit for digit the same.</summary>
public static class DecimalText
{
    /// <summary>The most bytes that a decimal takes: a sign, a point, and 29 digits, or a zero and 28.</summary>
    public const int MaxLength = 31;

    private const ulong EightDigits = 100_000_000, SixteenDigits = EightDigits * EightDigits;

    /// <summary>Writes a decimal in plain digits, with as many of them as it has, such as <c>-0.0500</c>.</summary>
    /// <param name="value">The decimal.</param>
    /// <param name="to">Where to, of <see cref="MaxLength"/> bytes at least.</param>
    /// <returns>The number of bytes.</returns>
    /// <exception cref="ArgumentException">There is not that much room.</exception>
    public static int Write(decimal value, Span<byte> to)
    {
        if (to.Length < MaxLength)
        {
            throw new ArgumentException($"{MaxLength} bytes are wanted; there are {to.Length}", nameof(to));
        }

        (UInt128 mantissa, int scale) = Mantissa.Of(value);
        Span<byte> digits = stackalloc byte[32]; // right-aligned, in blocks of eight
        int first = digits.Length;
        ulong rest = (ulong)mantissa;
        if (mantissa > ulong.MaxValue)
        {
            rest = (ulong)(mantissa / SixteenDigits); // of 29 at most
            ulong last = (ulong)(mantissa - rest * SixteenDigits);
            WriteEight((uint)(last % EightDigits), digits[24..]);
            WriteEight((uint)(last / EightDigits), digits[16..]);
            first -= 16;
        }

        do
        {
            first -= 8;
            ulong above = rest / EightDigits;
            WriteEight((uint)(rest - above * EightDigits), digits[first..]);
            rest = above;
        }
        while (rest != 0);

        while (first < digits.Length && digits[first] == '0')
        {
            first++;
        }

        int length = 0, count = digits.Length - first;
        if (decimal.IsNegative(value) && count > 0)
        {
            to[length++] = (byte)'-';
        }

        if (count <= scale)
        {
            to[length++] = (byte)'0';
        }
        else
        {
            digits.Slice(first, count - scale).CopyTo(to[length..]);
            length += count - scale;
        }

        if (scale == 0)
        {
            return length;
        }

        to[length++] = (byte)'.';
        int zeros = Math.Max(0, scale - count);
        to.Slice(length, zeros).Fill((byte)'0');
        digits[(digits.Length - scale + zeros)..].CopyTo(to[(length + zeros)..]);
        return length + scale;
    }

    /// <summary>Writes eight digits: halved to fours, twos and ones, those of a step all at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteEight(uint value, Span<byte> to)
    {
        ulong fours = value / 10_000 | ((ulong)(value % 10_000) << 32);
        ulong hundreds = (fours * 5243 >> 19) & 0x0000_007f_0000_007f; // 5243 / 2^19 is 1 / 100 for four digits, 103 / 2^10 is 1 / 10 for two
        ulong twos = hundreds | ((fours - hundreds * 100) << 16);
        ulong tens = (twos * 103 >> 10) & 0x000f_000f_000f_000f;
        BinaryPrimitives.WriteUInt64LittleEndian(to, (tens | ((twos - tens * 10) << 8)) + 0x3030_3030_3030_3030);
    }
}

namespace Pnl;

/// <summary>Writes decimals down faster than the framework does, digit for digit the same.</summary>
public static class DecimalText
{
    /// <summary>The most bytes that a decimal takes: a sign, a point, and 29 digits, or a zero and 28.</summary>
    public const int MaxLength = 31;

    private const uint Billion = 1_000_000_000;

    // 00, 01, … 99.
    private static ReadOnlySpan<byte> Pairs =>
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"u8;

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

        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        (uint low, uint middle, uint high) = ((uint)bits[0], (uint)bits[1], (uint)bits[2]);
        int scale = (bits[3] >> 16) & 0xff;
        Span<byte> digits = stackalloc byte[36]; // right-aligned, in blocks of nine
        int first = digits.Length;
        do
        {
            uint block = DivideByBillion(ref high, ref middle, ref low);
            first -= 9;
            WriteNine(block, digits[first..]);
        }
        while ((high | middle | low) != 0);

        while (first < digits.Length && digits[first] == '0')
        {
            first++;
        }

        int length = 0, count = digits.Length - first;
        if (bits[3] < 0 && count > 0)
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

    private static uint DivideByBillion(ref uint high, ref uint middle, ref uint low)
    {
        if ((high | middle) == 0)
        {
            uint all = low;
            low = all / Billion;
            return all - low * Billion;
        }

        ulong rest = high;
        high = (uint)(rest / Billion);
        rest = ((rest - (ulong)high * Billion) << 32) | middle;
        middle = (uint)(rest / Billion);
        rest = ((rest - (ulong)middle * Billion) << 32) | low;
        low = (uint)(rest / Billion);
        return (uint)(rest - (ulong)low * Billion);
    }

    private static void WriteNine(uint block, Span<byte> to)
    {
        for (int at = 7; at > 0; at -= 2)
        {
            uint rest = block / 100;
            Pairs.Slice((int)(block - rest * 100) * 2, 2).CopyTo(to[at..]);
            block = rest;
        }

        to[0] = (byte)('0' + block);
    }
}

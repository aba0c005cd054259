using System.Runtime.InteropServices;

namespace Pnl;

/// <summary>
/// A whole number from 0 to 2^256 - 1: sums of squares, to all their digits. Addition wraps around; immutable. Of 64-bit
/// parts, so that what holds it is aligned to no more.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct UInt256
{
    private readonly ulong _0, _1, _2, _3; // the least significant first

    /// <summary>A number of its upper and lower 128 bits.</summary>
    public UInt256(UInt128 upper, UInt128 lower) => (_3, _2, _1, _0) = ((ulong)(upper >> 64), (ulong)upper, (ulong)(lower >> 64), (ulong)lower);

    /// <summary>The upper 128 bits.</summary>
    public UInt128 Upper => new(_3, _2);

    /// <summary>The lower 128 bits.</summary>
    public UInt128 Lower => new(_1, _0);

    /// <summary>Whether it is 0.</summary>
    public bool IsZero => (_0 | _1 | _2 | _3) == 0;

    public static implicit operator UInt256(UInt128 value) => new(0, value);

    public static UInt256 operator +(in UInt256 a, in UInt256 b)
    {
        UInt128 lower = a.Lower + b.Lower;
        return new(a.Upper + b.Upper + (lower < a.Lower ? 1u : 0u), lower);
    }

    public static UInt256 operator -(in UInt256 a, in UInt256 b) => new(a.Upper - b.Upper - (a.Lower < b.Lower ? 1u : 0u), a.Lower - b.Lower);

    /// <summary>Shifts by 1 to 127 bits.</summary>
    public static UInt256 operator >>(in UInt256 value, int bits) => new(value.Upper >> bits, (value.Lower >> bits) | (value.Upper << (128 - bits)));

    /// <summary>Shifts by 0 to 127 bits.</summary>
    public static UInt256 operator <<(in UInt256 value, int bits) => new((value.Upper << bits) | (value.Lower >> 1 >> (127 - bits)), value.Lower << bits);

    public static bool operator >(in UInt256 a, in UInt256 b) => a.Upper != b.Upper ? a.Upper > b.Upper : a.Lower > b.Lower;

    public static bool operator <(in UInt256 a, in UInt256 b) => b > a;

    /// <summary>The quotient, rounded down.</summary>
    public static UInt256 operator /(in UInt256 value, uint divisor)
    {
        ulong remainder = 0;
        ulong a = Divide(value._3, divisor, ref remainder), b = Divide(value._2, divisor, ref remainder);
        ulong c = Divide(value._1, divisor, ref remainder), d = Divide(value._0, divisor, ref remainder);
        return new(new(a, b), new(c, d));
    }

    /// <summary>All digits of a product.</summary>
    public static UInt256 Product(UInt128 a, UInt128 b)
    {
        (ulong a0, ulong a1, ulong b0, ulong b1) = ((ulong)a, (ulong)(a >> 64), (ulong)b, (ulong)(b >> 64));
        UInt128 low = Math.BigMul(a0, b0), high = Math.BigMul(a1, b1), one = Math.BigMul(a1, b0), other = Math.BigMul(a0, b1);
        UInt128 middle = (low >> 64) + (ulong)one + (ulong)other; // below 3 * 2^64
        return new(high + (one >> 64) + (other >> 64) + (middle >> 64), (middle << 64) | (ulong)low);
    }

    /// <summary>The nearest double, or one beside it.</summary>
    public static explicit operator double(in UInt256 value) => Math.ScaleB((double)value.Upper, 128) + (double)value.Lower;

    private static ulong Divide(ulong part, uint divisor, ref ulong remainder)
    {
        // Below divisor, so that each half of the quotient has 32 bits.
        ulong upper = (remainder << 32) | (part >> 32);
        (ulong q, remainder) = Math.DivRem(upper, divisor);
        (ulong r, remainder) = Math.DivRem((remainder << 32) | (uint)part, divisor);
        return (q << 32) | r;
    }
}

using System.Globalization;
using System.Numerics;
using System.Text.Json.Serialization;

namespace Pnl;

/// <summary>
/// An exact amount of a token or of money: a decimal of as many digits as it takes. Sums, differences and products are
/// exact and never overflow; <see cref="DividedBy(Amount)"/> alone rounds. A portfolio is computed in these throughout, so that
/// what a lot loses and what a realised gain wins are the same number to the last digit, however many conversions lie
/// between them. Equality is by value (1.10 is 1.1); the default value is zero.
/// </summary>
/// <remarks>
/// Up to 126 bits (37 digits) are kept in place, and nothing is allocated; longer ones take a
/// <see cref="BigInteger"/>. Amounts of a real ledger are nearly always short.
/// </remarks>
[JsonConverter(typeof(AmountJsonConverter))]
public readonly struct Amount : IEquatable<Amount>, IComparable<Amount>
{
    /// <summary>The significant digits to which a division is rounded, half to even.</summary>
    public const int DivisionDigits = 28;

    private const int SmallBits = 126;

    private static readonly BigInteger[] Powers = [.. Enumerable.Range(0, 128).Select(power => BigInteger.Pow(10, power))];

    private static readonly Int128[] SmallPowers = [.. Enumerable.Range(0, 37).Select(power => (Int128)Mantissa.TenToThe(power))];

    private static readonly long[] LongPowers = [.. SmallPowers.Take(19).Select(power => (long)power)];

    // 10^22 is the last power of ten that a double holds.
    private static readonly double[] DoublePowers = [.. SmallPowers.Take(23).Select(power => (double)power)];

    private static readonly int[] SmallPowerBits = [.. SmallPowers.Select(power => Bits(power))];

    // value = mantissa / 10^scale; the mantissa is _large's where there is one.
    private readonly Int128 _small;
    private readonly Wide? _large;
    private readonly int _scale;

    private Amount(Int128 mantissa, int scale)
    {
        _small = mantissa;
        _scale = scale;
    }

    private Amount(Wide mantissa, int scale)
    {
        _large = mantissa;
        _scale = scale;
    }

    /// <summary>Zero.</summary>
    public static Amount Zero => default;

    /// <summary>One.</summary>
    public static Amount One { get; } = new((Int128)1, 0);

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => _large?.Value.Sign ?? Int128.Sign(_small);

    /// <summary>Whether it is zero.</summary>
    public bool IsZero => Sign == 0;

    /// <summary>Digits that it takes to write it, behind the point and before it.</summary>
    internal int Length => Math.Max(Digits(BigInteger.Abs(Big)), _scale);

    /// <summary>Digits before the point; 0 below one.</summary>
    internal int WholeDigits => BigInteger.Abs(Big) / PowerOfTen(_scale) is { IsZero: false } whole ? Digits(whole) : 0;

    private BigInteger Big => _large?.Value ?? _small;

    /// <summary>The same value.</summary>
    public static implicit operator Amount(decimal value)
    {
        (UInt128 mantissa, int scale) = Mantissa.Of(value);
        return new(decimal.IsNegative(value) ? -(Int128)mantissa : (Int128)mantissa, scale);
    }

    /// <summary>The exact sum.</summary>
    public static Amount operator +(Amount a, Amount b)
    {
        if (a._large is null && b._large is null)
        {
            if (a._scale == b._scale)
            {
                return Of(a._small + b._small, a._scale);
            }

            if (a._scale < b._scale)
            {
                (a, b) = (b, a);
            }

            int power = a._scale - b._scale;
            if (power < LongPowers.Length && IsLong(b._small))
            {
                return Of(a._small + Math.BigMul((long)b._small, LongPowers[power]), a._scale);
            }

            if (b._small == 0)
            {
                return a;
            }

            if (power < SmallPowers.Length && Bits(b._small) + SmallPowerBits[power] <= SmallBits)
            {
                return Of(a._small + b._small * SmallPowers[power], a._scale);
            }
        }

        int scale = Math.Max(a._scale, b._scale);
        return Of(a.MantissaAt(scale) + b.MantissaAt(scale), scale);
    }

    /// <summary>The exact difference.</summary>
    public static Amount operator -(Amount a, Amount b) => a + -b;

    /// <summary>The same with the other sign.</summary>
    public static Amount operator -(Amount a) =>
        a._large is { } large ? new(new Wide(-large.Value), a._scale) : new(-a._small, a._scale);

    /// <summary>The exact product.</summary>
    public static Amount operator *(Amount a, Amount b)
    {
        int scale = a._scale + b._scale;
        if (a._large is null && b._large is null)
        {
            if (IsLong(a._small) && IsLong(b._small))
            {
                return Of(Math.BigMul((long)a._small, (long)b._small), scale);
            }

            if (a._small == 0 || b._small == 0)
            {
                return default;
            }

            if (Bits(a._small) + Bits(b._small) <= SmallBits)
            {
                return new(a._small * b._small, scale);
            }
        }

        return Of(a.Big * b.Big, scale);
    }

    /// <summary>Whether both are the same value.</summary>
    public static bool operator ==(Amount a, Amount b) => a.CompareTo(b) == 0;

    /// <summary>Whether they differ in value.</summary>
    public static bool operator !=(Amount a, Amount b) => a.CompareTo(b) != 0;

    /// <summary>Whether the first is less.</summary>
    public static bool operator <(Amount a, Amount b) => a.CompareTo(b) < 0;

    /// <summary>Whether the first is greater.</summary>
    public static bool operator >(Amount a, Amount b) => a.CompareTo(b) > 0;

    /// <summary>Whether the first is not greater.</summary>
    public static bool operator <=(Amount a, Amount b) => a.CompareTo(b) <= 0;

    /// <summary>Whether the first is not less.</summary>
    public static bool operator >=(Amount a, Amount b) => a.CompareTo(b) >= 0;

    /// <summary>The value without its sign.</summary>
    public static Amount Abs(Amount a) => a.Sign < 0 ? -a : a;

    /// <summary>Reads what <see cref="ToString()"/> writes: <c>[-]digits[.digits]</c>, of any length.</summary>
    /// <exception cref="FormatException">The text is no such number.</exception>
    public static Amount Parse(ReadOnlySpan<char> text) => TryParse(text, out Amount value) ? value : throw new FormatException($"'{text}' is no decimal number");

    /// <summary>Reads what <see cref="ToString()"/> writes: <c>[-]digits[.digits]</c>, of any length.</summary>
    /// <param name="text">The text.</param>
    /// <param name="value">The amount; zero if the text is none.</param>
    /// <returns>Whether the text is such a number.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Amount value)
    {
        value = default;
        int point = text.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? text : text[..point], rest = point < 0 ? [] : text[(point + 1)..];
        if (rest.ContainsAnyExceptInRange('0', '9') || (point >= 0 && rest.IsEmpty)
            || !BigInteger.TryParse($"{whole}{rest}", NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger mantissa))
        {
            return false;
        }

        value = Of(mantissa, rest.Length);
        return true;
    }

    /// <summary>The quotient, rounded half to even to 28 significant digits.</summary>
    /// <exception cref="DivideByZeroException">The divisor is zero.</exception>
    public Amount DividedBy(Amount divisor)
    {
        if (divisor == One)
        {
            return this;
        }

        if (TryDivideShort(divisor, out Amount ratio))
        {
            return ratio;
        }

        BigInteger dividend = BigInteger.Abs(Big), by = BigInteger.Abs(divisor.Big);
        if (dividend.IsZero)
        {
            return by.IsZero ? throw new DivideByZeroException() : default;
        }

        // One digit too many at most; then the last one goes.
        int shift = DivisionDigits - (Digits(dividend) - Digits(by));
        (BigInteger quotient, BigInteger remainder, BigInteger unit) = Shifted(dividend, by, shift);
        if (quotient >= PowerOfTen(DivisionDigits))
        {
            (quotient, remainder, unit) = Shifted(dividend, by, --shift);
        }

        int half = (remainder << 1).CompareTo(unit);
        if (half > 0 || (half == 0 && !quotient.IsEven))
        {
            quotient++;
        }

        if (Sign * divisor.Sign < 0)
        {
            quotient = -quotient;
        }

        return WithoutTrailingZeros(quotient, shift + _scale - divisor._scale);

        static (BigInteger, BigInteger, BigInteger) Shifted(BigInteger dividend, BigInteger divisor, int shift)
        {
            BigInteger unit = shift < 0 ? divisor * PowerOfTen(-shift) : divisor;
            BigInteger quotient = BigInteger.DivRem(shift > 0 ? dividend * PowerOfTen(shift) : dividend, unit, out BigInteger remainder);
            return (quotient, remainder, unit);
        }
    }

    /// <summary>The quotient, rounded half to even to so many digits behind the point.</summary>
    /// <exception cref="DivideByZeroException">The divisor is zero.</exception>
    internal Amount DividedBy(Amount divisor, int places)
    {
        if (divisor == One && _scale <= places)
        {
            return this;
        }

        int shift = places + divisor._scale - _scale;
        BigInteger dividend = Big * PowerOfTen(Math.Max(shift, 0)), by = divisor.Big * PowerOfTen(Math.Max(-shift, 0));
        BigInteger quotient = BigInteger.DivRem(BigInteger.Abs(dividend), BigInteger.Abs(by), out BigInteger remainder);
        int half = (remainder << 1).CompareTo(BigInteger.Abs(by));
        quotient += half > 0 || (half == 0 && !quotient.IsEven) ? 1 : 0;
        return WithoutTrailingZeros(dividend.Sign * by.Sign < 0 ? -quotient : quotient, places);
    }

    /// <summary>
    /// The nearest decimal, half to even: at most 28 significant digits where not all fit, none behind the 28th place.
    /// </summary>
    /// <exception cref="OverflowException">It is larger than a decimal holds (about 7.9e28).</exception>
    public decimal ToDecimal()
    {
        if (_large is null && _scale <= 28 && Bits(_small) <= 96)
        {
            return ToDecimal(_small, _scale);
        }

        if (_large is null && TryRoundShort(out decimal rounded))
        {
            return rounded;
        }

        BigInteger mantissa = Big;
        int scale = _scale, drop = Math.Max(scale - 28, Math.Min(scale, Digits(BigInteger.Abs(mantissa)) - DivisionDigits));
        if (drop > 0)
        {
            BigInteger unit = PowerOfTen(drop);
            BigInteger quotient = BigInteger.DivRem(mantissa, unit, out BigInteger remainder);
            if (!remainder.IsZero && (remainder % PowerOfTen(drop - 1)).IsZero && WithoutTrailingZeros(mantissa, scale) is { _large: null, _scale: <= 28 } exact && Bits(exact._small) <= 96)
            {
                return exact.ToDecimal(); // 29 digits that fit
            }

            int half = (BigInteger.Abs(remainder) << 1).CompareTo(unit);
            mantissa = half > 0 || (half == 0 && !quotient.IsEven) ? quotient + mantissa.Sign : quotient;
            scale -= drop;
        }

        return BigInteger.Abs(mantissa) >> 96 == 0 ? ToDecimal((Int128)mantissa, scale) : throw new OverflowException($"{this} is larger than a decimal holds");
    }

    /// <summary>The same value as a decimal, if a decimal holds all of its digits.</summary>
    /// <param name="value">The value; 0 if a decimal does not hold it.</param>
    /// <returns>Whether it does.</returns>
    public bool TryToDecimal(out decimal value)
    {
        Amount normal = _large is null && _scale <= 28 && Bits(_small) <= 96 ? this : WithoutTrailingZeros();
        bool holds = normal is { _large: null, _scale: <= 28 } && Bits(normal._small) <= 96;
        value = holds ? ToDecimal(normal._small, normal._scale) : 0m;
        return holds;
    }

    /// <summary>
    /// The nearest decimal there is, for those who need one: <see cref="ToDecimal()"/>, or of what is larger than any decimal,
    /// the largest one of its sign.
    /// </summary>
    public decimal ToNearestDecimal() =>
        _large is null && TryRoundShort(out decimal rounded) ? rounded
        : CompareTo(decimal.MaxValue) >= 0 ? decimal.MaxValue
        : CompareTo(decimal.MinValue) <= 0 ? decimal.MinValue
        : ToDecimal();

    /// <summary>The nearest double, to within one unit in its last place or two.</summary>
    public double ToDouble()
    {
        if (_large is null && _scale <= 22)
        {
            return (IsLong(_small) ? (long)_small : (double)_small) / DoublePowers[_scale];
        }

        // What is beyond 40 digits does not show in a double.
        BigInteger mantissa = Big;
        int scale = _scale, drop = Math.Min(scale, Digits(BigInteger.Abs(mantissa)) - 40);
        if (drop > 0)
        {
            mantissa /= PowerOfTen(drop);
            scale -= drop;
        }

        double value = (double)mantissa;
        for (; scale > 22; scale -= 22)
        {
            value /= 1e22;
        }

        return value / DoublePowers[scale];
    }

    /// <inheritdoc/>
    public int CompareTo(Amount other)
    {
        if (_large is null && other._large is null && _scale == other._scale)
        {
            return _small.CompareTo(other._small);
        }

        return Sign != other.Sign ? Sign.CompareTo(other.Sign) : (this - other).Sign;
    }

    /// <inheritdoc/>
    public bool Equals(Amount other) => CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Amount other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        Amount normal = WithoutTrailingZeros(Big, _scale);
        return HashCode.Combine(normal.Big, normal._scale);
    }

    /// <summary>All digits, without exponent and without trailing zeros: <c>-0.05</c>.</summary>
    public override string ToString()
    {
        Amount normal = WithoutTrailingZeros(Big, _scale);
        string digits = BigInteger.Abs(normal.Big).ToString(CultureInfo.InvariantCulture).PadLeft(normal._scale + 1, '0');
        string text = normal._scale == 0 ? digits : $"{digits[..^normal._scale]}.{digits[^normal._scale..]}";
        return Sign < 0 ? "-" + text : text;
    }

    /// <summary>Division of two mantissas of up to 64 bits, which rates nearly always are, in two steps of 128 bits.</summary>
    private bool TryDivideShort(Amount divisor, out Amount ratio)
    {
        ratio = default;
        if (_large is not null || divisor._large is not null || Bits(_small) > 64 || Bits(divisor._small) > 64 || _small == 0 || divisor._small == 0)
        {
            return false;
        }

        ulong dividend = (ulong)(_small < 0 ? -_small : _small), by = (ulong)(divisor._small < 0 ? -divisor._small : divisor._small);
        int shift = DivisionDigits - (Digits((UInt128)dividend) - Digits((UInt128)by));
        if (shift is < 0 or > 38)
        {
            return false;
        }

        (UInt128 quotient, UInt128 remainder) = Shifted(dividend, by, shift);
        if (quotient >= Mantissa.TenToThe(DivisionDigits))
        {
            (quotient, remainder) = Shifted(dividend, by, --shift);
        }

        UInt128 twice = remainder << 1;
        if (twice > by || (twice == by && UInt128.IsOddInteger(quotient)))
        {
            quotient++;
        }

        int scale = shift + _scale - divisor._scale;
        if (shift < 0 || scale < 0)
        {
            return false;
        }

        (quotient, scale) = Mantissa.WithoutTrailingZeros(quotient, scale);
        ratio = new(Int128.Sign(_small) * Int128.Sign(divisor._small) < 0 ? -(Int128)quotient : (Int128)quotient, scale);
        return true;

        static (UInt128, UInt128) Shifted(ulong dividend, ulong by, int shift)
        {
            int first = Math.Min(Math.Max(shift, 0), 19);
            (UInt128 high, UInt128 rest) = UInt128.DivRem(dividend * Mantissa.TenToThe(first), by);
            UInt128 step = Mantissa.TenToThe(Math.Max(shift, 0) - first);
            (UInt128 low, rest) = UInt128.DivRem(rest * step, by);
            return (high * step + low, rest);
        }
    }

    /// <summary>Rounds as <see cref="ToDecimal()"/> does, in 128 bits; leaves the 29 digits that sometimes fit to it.</summary>
    private bool TryRoundShort(out decimal rounded)
    {
        rounded = 0m;
        UInt128 size = (UInt128)(_small < 0 ? -_small : _small);
        int drop = Math.Max(_scale - 28, Math.Min(_scale, Digits(size) - DivisionDigits));
        if (drop is < 1 or > 38)
        {
            return false;
        }

        UInt128 unit = Mantissa.TenToThe(drop);
        (UInt128 quotient, UInt128 remainder) = UInt128.DivRem(size, unit);
        if (quotient >> 95 != 0 || (remainder != 0 && remainder % Mantissa.TenToThe(drop - 1) == 0))
        {
            return false;
        }

        UInt128 half = unit >> 1;
        quotient += remainder > half || (remainder == half && UInt128.IsOddInteger(quotient)) ? UInt128.One : UInt128.Zero;
        rounded = ToDecimal(_small < 0 ? -(Int128)quotient : (Int128)quotient, _scale - drop);
        return true;
    }

    private static int Digits(UInt128 value)
    {
        int digits = (128 - (int)UInt128.LeadingZeroCount(value)) * 1233 >> 12;
        return value >= Mantissa.TenToThe(digits) ? digits + 1 : digits;
    }

    private static Amount Of(Int128 mantissa, int scale) =>
        (ulong)((long)(mantissa >> 64) + (1L << 62)) < 1UL << 63 ? new(mantissa, scale) : new(new Wide(mantissa), scale);

    private static Amount Of(BigInteger mantissa, int scale) =>
        mantissa.GetBitLength() < SmallBits ? new((Int128)mantissa, scale) : WithoutTrailingZeros(mantissa, scale);

    private static Amount WithoutTrailingZeros(BigInteger mantissa, int scale)
    {
        if (mantissa.IsZero)
        {
            return default;
        }

        if (scale < 0)
        {
            (mantissa, scale) = (mantissa * PowerOfTen(-scale), 0);
        }

        // By larger steps first: sums of many conversions end in dozens of zeros, or in none.
        foreach (int step in (ReadOnlySpan<int>)[16, 4, 1])
        {
            while (scale >= step && mantissa.IsEven)
            {
                BigInteger quotient = BigInteger.DivRem(mantissa, PowerOfTen(step), out BigInteger remainder);
                if (!remainder.IsZero)
                {
                    break;
                }

                (mantissa, scale) = (quotient, scale - step);
            }
        }

        return mantissa.GetBitLength() < SmallBits ? new((Int128)mantissa, scale) : new(new Wide(mantissa), scale);
    }

    private Amount WithoutTrailingZeros()
    {
        if (_large is { } large)
        {
            return WithoutTrailingZeros(large.Value, _scale);
        }

        (UInt128 mantissa, int scale) = Mantissa.WithoutTrailingZeros((UInt128)(_small < 0 ? -_small : _small), _scale);
        return new(_small < 0 ? -(Int128)mantissa : (Int128)mantissa, scale);
    }

    private static decimal ToDecimal(Int128 mantissa, int scale)
    {
        UInt128 size = (UInt128)(mantissa < 0 ? -mantissa : mantissa);
        return new((int)(uint)size, (int)(uint)(size >> 32), (int)(uint)(size >> 64), mantissa < 0, (byte)scale);
    }

    private static bool IsLong(Int128 value) => (long)value == value;

    private static int Bits(Int128 value) => 128 - (int)UInt128.LeadingZeroCount((UInt128)(value < 0 ? -value : value));

    /// <summary>Decimal digits of a number that is not negative.</summary>
    private static int Digits(BigInteger value)
    {
        int digits = (int)(Math.Max(0, value.GetBitLength() - 1) * 1233 >> 12); // log10(2) is a little more than 1233 / 4096
        while (value >= PowerOfTen(digits))
        {
            digits++;
        }

        return Math.Max(digits, 1);
    }

    private static BigInteger PowerOfTen(int power) => power < Powers.Length ? Powers[power] : BigInteger.Pow(10, power);

    private BigInteger MantissaAt(int scale) => scale == _scale ? Big : Big * PowerOfTen(scale - _scale);

    private sealed record Wide(BigInteger Value);
}

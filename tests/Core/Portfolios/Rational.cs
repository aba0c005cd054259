using System.Numerics;

namespace Pnl.Tests.Core.Portfolios;

/// <summary>A fraction, exact; for plain computations to compare with.</summary>
internal readonly struct Rational : IEquatable<Rational>
{
    private readonly BigInteger _denominator;

    public Rational(BigInteger numerator, BigInteger denominator)
    {
        BigInteger divisor = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
        Numerator = numerator / divisor;
        _denominator = denominator / divisor;
    }

    public BigInteger Numerator { get; }

    public BigInteger Denominator => _denominator.IsZero ? 1 : _denominator;

    public int Sign => Numerator.Sign;

    public static implicit operator Rational(int value) => new(value, 1);

    public static implicit operator Rational(decimal value) => Of(value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public static implicit operator Rational(Amount value) => Of(value.ToString());

    public static Rational operator +(Rational a, Rational b) => new(a.Numerator * b.Denominator + b.Numerator * a.Denominator, a.Denominator * b.Denominator);

    public static Rational operator -(Rational a, Rational b) => a + -b;

    public static Rational operator -(Rational a) => new(-a.Numerator, a.Denominator);

    public static Rational operator *(Rational a, Rational b) => new(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

    public static Rational operator /(Rational a, Rational b) => new(a.Numerator * b.Denominator, a.Denominator * b.Numerator);

    public static bool operator <(Rational a, Rational b) => (a - b).Sign < 0;

    public static bool operator >(Rational a, Rational b) => (a - b).Sign > 0;

    public static Rational Abs(Rational a) => a.Sign < 0 ? -a : a;

    public static Rational Min(Rational a, Rational b) => a < b ? a : b;

    /// <summary>Half to even at so many significant digits: scaled until it has that many before the point.</summary>
    public Rational Rounded(int digits)
    {
        if (Sign == 0)
        {
            return this;
        }

        Rational unit = 1, size = Abs(this);
        Rational least = new(BigInteger.Pow(10, digits - 1), 1), most = least * 10;
        for (; size * unit < least; unit *= 10)
        {
        }

        for (; !(size * unit < most); unit /= 10)
        {
        }

        Rational scaled = size * unit;
        BigInteger whole = scaled.Numerator / scaled.Denominator;
        int half = (scaled - new Rational(whole, 1) - new Rational(1, 2)).Sign;
        whole += half > 0 || (half == 0 && !whole.IsEven) ? 1 : 0;
        return new Rational(whole * Sign, 1) / unit;
    }

    /// <summary>Half to even at so many digits behind the point.</summary>
    public Rational RoundedTo(int places)
    {
        Rational unit = new(BigInteger.Pow(10, places), 1), scaled = Abs(this) * unit;
        BigInteger whole = scaled.Numerator / scaled.Denominator;
        int half = (scaled - new Rational(whole, 1) - new Rational(1, 2)).Sign;
        whole += half > 0 || (half == 0 && !whole.IsEven) ? 1 : 0;
        return new Rational(whole * Sign, 1) / unit;
    }

    public bool Equals(Rational other) => Numerator == other.Numerator && Denominator == other.Denominator;

    public override bool Equals(object? obj) => obj is Rational other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Numerator, Denominator);

    public override string ToString() => $"{Numerator}/{Denominator}";

    private static Rational Of(string text)
    {
        int point = text.IndexOf('.', StringComparison.Ordinal), places = point < 0 ? 0 : text.Length - point - 1;
        return new(BigInteger.Parse(text.Replace(".", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture), BigInteger.Pow(10, places));
    }
}

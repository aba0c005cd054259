using System.Numerics;
using CsCheck;

namespace Pnl.Tests.Core.Portfolios;

public sealed class AmountTests
{
    // Short ones as they are in ledgers, and ones of up to 120 digits.
    private static readonly Gen<Amount> Amounts = Gen.OneOf(
        Gen.Select(Gen.Long[-1_000_000, 1_000_000], Gen.Int[0, 8]).Select((mantissa, scale) => Amount.Parse(Text(mantissa, scale))),
        Gen.Select(Gen.Long, Gen.Int[0, 28]).Select((mantissa, scale) => Amount.Parse(Text(mantissa, scale))),
        Gen.Select(Gen.Long, Gen.Int[0, 90], Gen.Int[0, 60]).Select((mantissa, power, scale) => Amount.Parse(Text((BigInteger)mantissa * BigInteger.Pow(7, power), scale))));

    [Fact]
    public void Sums_differences_and_products_are_exact() =>
        Gen.Select(Amounts, Amounts).Sample((a, b) =>
        {
            Assert.Equal((Rational)a + b, a + b);
            Assert.Equal((Rational)a - b, a - b);
            Assert.Equal((Rational)a * b, a * b);
            Assert.Equal(((Rational)a - b).Sign, Math.Sign(a.CompareTo(b)));
            Assert.Equal(a == b, ((Rational)a).Equals(b));
        }, iter: Effort.Of(20_000));

    [Fact]
    public void Quotients_are_rounded_half_to_even_at_28_digits() =>
        Gen.Select(Amounts, Amounts).Where((_, b) => !b.IsZero).Sample((a, b) =>
            Assert.Equal(b == Amount.One ? a : ((Rational)a / b).Rounded(28), a.DividedBy(b)), iter: Effort.Of(5_000));

    [Theory]
    [InlineData("1", "3", "0.3333333333333333333333333333")]
    [InlineData("2", "3", "0.6666666666666666666666666667")]
    [InlineData("-2", "3", "-0.6666666666666666666666666667")]
    [InlineData("10000000000000000000000000005", "10", "1000000000000000000000000000")] // half: the even one
    [InlineData("10000000000000000000000000015", "10", "1000000000000000000000000002")]
    [InlineData("99999999999999999999999999999", "10", "10000000000000000000000000000")]
    [InlineData("0", "7", "0")]
    [InlineData("1e40", "4", "2500000000000000000000000000000000000000")]
    public void Division(string dividend, string divisor, string quotient) =>
        Assert.Equal(quotient, Read(dividend).DividedBy(Read(divisor)).ToString());

    [Fact]
    public void A_decimal_is_given_where_one_holds_every_digit_and_else_the_nearest() =>
        Amounts.Sample(a =>
        {
            Rational size = Rational.Abs(a), most = (Rational)decimal.MaxValue, places = new(BigInteger.Pow(10, 28), 1);
            bool holds = Enumerable.Range(0, 29).Any(scale => a * (Amount)Power(scale) is var scaled && (Rational)scaled is { Denominator.IsOne: true } whole && !(Rational.Abs(whole) > most));

            Assert.Equal(holds, a.TryToDecimal(out decimal same));
            Assert.Equal(holds ? a : Amount.Zero, same);
            Rational off = Rational.Abs((Rational)a.ToNearestDecimal() - a);
            if (size > most)
            {
                Assert.Equal(a.Sign * decimal.MaxValue, a.ToNearestDecimal());
            }
            else if (holds)
            {
                Assert.Equal(same, a.ToNearestDecimal());
            }
            else
            {
                // half a unit of the 28th digit or of the 28th place, whichever is larger
                Assert.False(off * 2 * places > 1 && off * 2 * places > size * 10);
            }

            static decimal Power(int scale) => decimal.Parse("1" + new string('0', scale), System.Globalization.CultureInfo.InvariantCulture);
        }, iter: Effort.Of(3_000));

    [Fact]
    public void Arithmetic_of_decimals_says_exact_of_nothing_that_is_not() =>
        Gen.Select(History.AnyHistory.Rate, History.AnyHistory.Rate).Sample((a, b) =>
        {
            Assert.True(!ExactDecimals.TrySubtract(a, b, out decimal difference) || ((Rational)a - b).Equals(difference));
            Assert.True(!ExactDecimals.TryMultiply(a, b, out decimal product) || ((Rational)a * b).Equals(product));
        }, iter: Effort.Of(20_000));

    [Fact]
    public void One_divides_exactly_however_it_is_written()
    {
        Amount wide = Read("300166091222558805705559035990790615019915.6978675419457831961327548662921428845");
        Assert.Equal(wide, wide.DividedBy(Amount.Parse("1.0")));
        Assert.Equal(wide, wide.DividedBy(Amount.Parse("1")));
    }

    [Fact]
    public void Nothing_is_divided_by_zero() => Assert.Throws<DivideByZeroException>(() => Amount.One.DividedBy(Amount.Zero));

    [Fact]
    public void What_is_written_is_read_again() =>
        Amounts.Sample(a =>
        {
            Assert.Equal(a, Amount.Parse(a.ToString()));
            Assert.Equal(a.GetHashCode(), Amount.Parse(a.ToString() + (a.ToString().Contains('.', StringComparison.Ordinal) ? "00" : ".00")).GetHashCode());
        }, iter: Effort.Of(2_000));

    [Theory]
    [InlineData("1.")]
    [InlineData("")]
    [InlineData("1.2.3")]
    [InlineData("1e5")]
    [InlineData("0x10")]
    [InlineData("1,000")]
    public void What_is_no_number_is_not_read(string text) => Assert.Throws<FormatException>(() => Amount.Parse(text));

    [Fact]
    public void Decimals_come_through_as_they_are() =>
        Gen.Decimal.Sample(value => Assert.Equal(value, ((Amount)value).ToDecimal()), iter: Effort.Of(5_000));

    [Theory]
    [InlineData("0.00000000000000000000000000005", "0")]
    [InlineData("0.00000000000000000000000000015", "0.0000000000000000000000000002")]
    [InlineData("1234567890.12345678901234567890123456789", "1234567890.123456789012345679")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335")]
    [InlineData("-0.3333333333333333333333333333333333", "-0.3333333333333333333333333333")]
    public void The_nearest_decimal(string exact, string nearest) =>
        Assert.Equal(decimal.Parse(nearest, System.Globalization.CultureInfo.InvariantCulture), Amount.Parse(exact).ToDecimal());

    [Fact]
    public void What_no_decimal_holds_is_an_overflow() =>
        Assert.Throws<OverflowException>(() => Amount.Parse("79228162514264337593543950336").ToDecimal());

    [Fact]
    public void Doubles_are_as_near_as_they_get() =>
        Amounts.Sample(a =>
        {
            double expected = double.Parse(a.ToString(), System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(expected, a.ToDouble(), Math.Abs(expected) * 1e-15);
        }, iter: Effort.Of(5_000));

    private static Amount Read(string text) =>
        text == "1e40" ? Amount.Parse("1" + new string('0', 40)) : Amount.Parse(text);

    private static string Text(BigInteger mantissa, int scale)
    {
        string digits = BigInteger.Abs(mantissa).ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return (mantissa.Sign < 0 ? "-" : "") + digits[..^scale] + (scale > 0 ? "." + digits[^scale..] : "");
    }
}

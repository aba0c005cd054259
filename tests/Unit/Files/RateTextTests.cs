using System.Globalization;
using System.Numerics;
using CsCheck;

namespace Pnl.Tests.Unit.Files;

public sealed class RateTextTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("+1", "1")]
    [InlineData("1.10", "1.1")]
    [InlineData("1.0000000000000000000000000000000000000000000000000", "1")]
    [InlineData("00000000000000000000000000000000000000001.5", "1.5")]
    [InlineData(" 93.25\t", "93.25")]
    [InlineData("5.7e-11", "0.000000000057")]
    [InlineData("5.7E-11", "0.000000000057")]
    [InlineData("1e-28", "0.0000000000000000000000000001")]
    [InlineData("1e28", "10000000000000000000000000000")]
    [InlineData("1e+3", "1000")]
    [InlineData("1.5e1", "15")]
    [InlineData("1234567890123456789012345678", "1234567890123456789012345678")]
    [InlineData("1.234567890123456789012345678", "1.234567890123456789012345678")]
    [InlineData("1000000000000000001", "1000000000000000001")]
    [InlineData("100000000000000000000000000.5", "100000000000000000000000000.5")]
    [InlineData("1000000000000000000000000000000000000000000e-42", "1")]
    public void Reads_digit_for_digit(string text, string expected)
    {
        Assert.Equal(BarDefect.None, RateText.Parse(text, out decimal rate));
        Assert.Equal(expected, rate.ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("", BarDefect.RateMissing)]
    [InlineData("  ", BarDefect.RateMissing)]
    [InlineData("NaN", BarDefect.RateMalformed)]
    [InlineData("Infinity", BarDefect.RateMalformed)]
    [InlineData("null", BarDefect.RateMalformed)]
    [InlineData("1,5", BarDefect.RateMalformed)]
    [InlineData("1.2.3", BarDefect.RateMalformed)]
    [InlineData("1 000", BarDefect.RateMalformed)]
    [InlineData(".", BarDefect.RateMalformed)]
    [InlineData("-", BarDefect.RateMalformed)]
    [InlineData("e5", BarDefect.RateMalformed)]
    [InlineData("1e", BarDefect.RateMalformed)]
    [InlineData("1e+", BarDefect.RateMalformed)]
    [InlineData("1e5\0", BarDefect.RateMalformed)]
    [InlineData("0x10", BarDefect.RateMalformed)]
    [InlineData("١", BarDefect.RateMalformed)] // a digit, but of another script
    [InlineData("0", BarDefect.RateZero)]
    [InlineData("-0", BarDefect.RateZero)]
    [InlineData("0.000e5", BarDefect.RateZero)]
    [InlineData("-1", BarDefect.RateNegative)]
    [InlineData("-1e-3", BarDefect.RateNegative)]
    [InlineData("1e-29", BarDefect.RateTooPrecise)]
    [InlineData("12345678901234567890123456789", BarDefect.RateTooPrecise)] // 29 digits
    [InlineData("1.2345678901234567890123456789", BarDefect.RateTooPrecise)]
    [InlineData("8e28", BarDefect.RateTooLarge)]
    [InlineData("1e40", BarDefect.RateTooLarge)]
    [InlineData("1e99999999999999999999999", BarDefect.RateTooLarge)]
    [InlineData("1e-99999999999999999999999", BarDefect.RateTooPrecise)]
    public void Refuses_what_is_no_exact_rate(string text, BarDefect expected)
    {
        Assert.Equal(expected, RateText.Parse(text, out decimal rate));
        Assert.Equal(0m, rate);
    }

    [Theory]
    [InlineData("0.000000000001234567890123456789", "0.0000000000012345678901234568")]
    [InlineData("0.00001117318435754189944134078212", "0.0000111731843575418994413408")]
    [InlineData("2.1739130434782608e-13", "0.0000000000002173913043478261")]
    [InlineData("0.0000000000002173913043478260869565217391", "0.0000000000002173913043478261")]
    [InlineData("12345678901234567890123456789", "12345678901234567890123456790")]
    [InlineData("1.23456789012345678901234567850", "1.234567890123456789012345678")] // half to even
    [InlineData("1.23456789012345678901234567750", "1.234567890123456789012345678")]
    [InlineData("1.2345678901234567890123456785000000000001", "1.234567890123456789012345679")]
    [InlineData("9.9999999999999999999999999999", "10")]
    [InlineData("0.000000000000000099999999999951", "0.0000000000000001")]
    public void What_has_more_digits_than_fit_is_rounded_half_to_even_and_said_to_be(string text, string expected)
    {
        Assert.Equal(BarDefect.None, RateText.ParseRounded(text, out decimal rate, out bool rounded));
        Assert.Equal((expected, true), (rate.ToString(CultureInfo.InvariantCulture), rounded));
    }

    [Theory]
    [InlineData("0.00000000000000000123456789012", BarDefect.RateTooPrecise)] // 11 digits would remain
    [InlineData("1e-29", BarDefect.RateTooPrecise)]
    [InlineData("-2.1739130434782608e-13", BarDefect.RateNegative)]
    [InlineData("1e40", BarDefect.RateTooLarge)]
    [InlineData("2.1739130434782608e-13x", BarDefect.RateMalformed)]
    public void What_would_keep_fewer_than_12_digits_is_refused(string text, BarDefect expected)
    {
        Assert.Equal(expected, RateText.ParseRounded(text, out decimal rate, out bool rounded));
        Assert.Equal((0m, false), (rate, rounded));
    }

    [Fact]
    public void Rounding_is_that_of_whole_numbers() =>
        Gen.Select(Gen.Char['0', '9'].Array[1, 45], Gen.Int[0, 45]).Sample((digits, places) =>
        {
            BigInteger mantissa = BigInteger.Parse(new string(digits), CultureInfo.InvariantCulture);
            if (mantissa == 0)
            {
                return;
            }

            // The oracle rounds the integer to as many digits as fit, both in all and behind the point.
            (BigInteger kept, int scale) = (mantissa, places);
            BigInteger cut = 1;
            for (int length = kept.ToString(CultureInfo.InvariantCulture).Length; length > 28 || scale > 28; length--, scale--)
            {
                cut *= 10;
            }

            (BigInteger quotient, BigInteger rest) = (BigInteger.Divide(mantissa, cut), BigInteger.Remainder(mantissa, cut) * 2);
            quotient += rest > cut || (rest == cut && !quotient.IsEven) ? 1 : 0;
            BarDefect defect = RateText.ParseRounded(Shifted(mantissa, places), out decimal rate, out bool rounded);
            if (defect == BarDefect.None)
            {
                Assert.Equal(rest != 0, rounded);
                decimal expected = scale >= 0 ? new([.. decimal.GetBits((decimal)quotient)[..3], scale << 16]) : (decimal)(quotient * BigInteger.Pow(10, -scale));
                Assert.Equal(expected, rate);
                Assert.True(!rounded || mantissa / cut >= BigInteger.Pow(10, 11));
            }
            else
            {
                Assert.True(mantissa / cut < BigInteger.Pow(10, 11) || quotient * BigInteger.Pow(10, Math.Max(0, -scale)) > (BigInteger)decimal.MaxValue, $"{Shifted(mantissa, places)}: {defect}");
            }
        });

    [Fact]
    public void A_decimal_of_29_digits_is_rounded_to_28()
    {
        Assert.Equal(BarDefect.None, RateText.NormaliseRounded(1.2345678901234567890123456785m, out decimal rate, out bool rounded));
        Assert.Equal((1.234567890123456789012345678m, true), (rate, rounded));
        Assert.Equal(BarDefect.None, RateText.NormaliseRounded(1.50m, out rate, out rounded));
        Assert.Equal((1.5m, false), (rate, rounded));
        Assert.Equal(BarDefect.RateTooPrecise, RateText.NormaliseRounded(decimal.MaxValue, out _, out rounded));
        Assert.False(rounded);
    }

    [Fact]
    public void An_exponent_outweighs_any_number_of_zeros()
    {
        Assert.Equal(BarDefect.None, RateText.Parse("0." + new string('0', 10_001) + "1e10003", out decimal rate));
        Assert.Equal(10m, rate);
    }

    [Fact]
    public void Equal_rates_get_equal_bits_however_they_are_written()
    {
        foreach (string text in new[] { "1.1", "1.10", "11e-1", "0.11e1", "0.0011e3", "+1.100", "110.0e-2" })
        {
            Assert.Equal(BarDefect.None, RateText.Parse(text, out decimal rate));
            Assert.Equal(decimal.GetBits(1.1m), decimal.GetBits(rate));
        }
    }

    [Fact]
    public void Any_28_digits_come_back_whatever_exponent_they_are_written_with() =>
        Gen.Select(Gen.Char['0', '9'].Array[1, 28], Gen.Int[0, 28], Gen.Int[-40, 40], Gen.Bool).Sample((digits, scale, exponent, upper) =>
        {
            BigInteger mantissa = BigInteger.Parse(new string(digits), CultureInfo.InvariantCulture);
            if (mantissa == 0)
            {
                return;
            }

            // The value is mantissa / 10^scale; the point stands elsewhere in the text, and the exponent makes up for it.
            string text = Shifted(mantissa, scale + exponent) + (upper ? "E" : "e") + exponent.ToString(CultureInfo.InvariantCulture);
            Assert.Equal(BarDefect.None, RateText.Parse(text, out decimal rate));
            decimal exact = new([.. decimal.GetBits((decimal)mantissa)[..3], scale << 16]);
            Assert.Equal(exact, rate);
            Assert.Equal(BarDefect.None, RateText.Parse(rate.ToString(CultureInfo.InvariantCulture), out decimal again));
            Assert.Equal(decimal.GetBits(rate), decimal.GetBits(again));
            Assert.Equal(BarDefect.None, RateText.Normalise(exact, out decimal normal));
            Assert.Equal(decimal.GetBits(rate), decimal.GetBits(normal));
        });

    /// <summary>The text of mantissa / 10^scale, without an exponent, for any scale.</summary>
    private static string Shifted(BigInteger mantissa, int scale)
    {
        string digits = mantissa.ToString(CultureInfo.InvariantCulture);
        if (scale <= 0)
        {
            return digits + new string('0', -scale);
        }

        digits = digits.PadLeft(scale + 1, '0');
        return digits[..^scale] + "." + digits[^scale..];
    }
}

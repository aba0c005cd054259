using System.Globalization;
using System.Text;
using CsCheck;

namespace Pnl.Tests.Core.Series;

/// <summary>Decimals are written as the framework writes them.</summary>
public sealed class DecimalTextTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("0.00")]
    [InlineData("1")]
    [InlineData("-1.10")]
    [InlineData("0.0000000000000000000000000001")]
    [InlineData("79228162514264337593543950335")]
    [InlineData("-7.9228162514264337593543950335")]
    [InlineData("-0.0000000123")]
    [InlineData("1000000000")]
    [InlineData("999999999999999999.000000000")]
    [InlineData("18446744073709551616")]
    public void A_decimal_is_written_with_all_its_digits(string text) => Assert.Equal(text, Text(decimal.Parse(text, CultureInfo.InvariantCulture)));

    [Fact]
    public void Minus_zero_has_no_sign() => Assert.Equal("0.0", Text(new decimal(0, 0, 0, isNegative: true, 1)));

    [Fact]
    public void Any_decimal_is_written_as_the_framework_does() =>
        Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Bool, Gen.Byte[0, 28], Gen.Int[0, 3]).Sample(
            (low, middle, high, negative, scale, words) =>
            {
                decimal value = new(low, words > 1 ? middle : 0, words > 2 ? high : 0, negative, scale);
                Assert.Equal(value.ToString(CultureInfo.InvariantCulture), Text(value));
            },
            iter: Effort.Of(100_000));

    [Fact]
    public void Too_little_room_is_refused() => Assert.Throws<ArgumentException>(() => DecimalText.Write(1m, new byte[DecimalText.MaxLength - 1]));

    private static string Text(decimal value)
    {
        byte[] bytes = new byte[DecimalText.MaxLength];
        return Encoding.ASCII.GetString(bytes, 0, DecimalText.Write(value, bytes));
    }
}

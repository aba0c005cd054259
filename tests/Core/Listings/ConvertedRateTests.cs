using System.Numerics;
using CsCheck;

namespace Pnl.Tests.Core.Listings;

public sealed class ConvertedRateTests
{
    [Theory]
    [InlineData("43250.1", "0.9998", "43241.44998")]
    [InlineData("0.00000123", "1.0001", "0.000001230123")]
    [InlineData("1.234567890123456789012345678", "1.1", "1.358024679135802467913580246")] // …2458: rounded half to even
    public void A_product_is_exact_or_rounded_once(string rate, string times, string right) =>
        Assert.Equal(Dec(right), ConvertedRate.Of(Dec(rate), Dec(times)));

    [Fact]
    public void A_rate_is_divided_by_the_inverse() => Assert.Equal(0.3333333333333333333333333333m, ConvertedRate.Of(1m, 1m, over: 3m));

    [Fact]
    public void What_leaves_fewer_than_12_digits_is_none() => Assert.Null(ConvertedRate.Of(0.0000000000000000012345678901m, 0.0000000123456789m));

    [Fact]
    public void It_is_the_nearest_of_28_digits_to_the_exact_quotient() =>
        Gen.Select(Gen.Decimal[0.0000001m, 100000m], Gen.Decimal[0.0001m, 10000m], Gen.Decimal[0.0001m, 10000m], Gen.Decimal[0.01m, 100m], Gen.Decimal[0.01m, 100m]).Sample((rate, times, and, over, by) =>
        {
            decimal? converted = ConvertedRate.Of(rate, times, and, over, by);
            (BigInteger up, BigInteger down) exact = Ratio([rate, times, and], [over, by]);
            Assert.NotNull(converted);
            (BigInteger up, BigInteger down) got = Ratio([converted.Value], []);

            // |got - exact| <= half a unit of its last place of 28 digits
            BigInteger difference = BigInteger.Abs(got.up * exact.down - exact.up * got.down);
            int places = Math.Min(28, 28 - (int)Math.Ceiling(BigInteger.Log10(exact.up) - BigInteger.Log10(exact.down)) + 1);
            Assert.True(difference * 2 * BigInteger.Pow(10, Math.Max(0, places - 1)) <= exact.down * got.down);
        });

    private static decimal Dec(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static (BigInteger, BigInteger) Ratio(decimal[] times, decimal[] over)
    {
        (BigInteger up, BigInteger down) = (1, 1);
        foreach (decimal value in times)
        {
            (up, down) = (up * Parts(value).Mantissa, down * Parts(value).Power);
        }

        foreach (decimal value in over)
        {
            (up, down) = (up * Parts(value).Power, down * Parts(value).Mantissa);
        }

        return (up, down);

        static (BigInteger Mantissa, BigInteger Power) Parts(decimal value)
        {
            int[] bits = decimal.GetBits(value);
            return (((BigInteger)(uint)bits[2] << 64) + ((BigInteger)(uint)bits[1] << 32) + (uint)bits[0], BigInteger.Pow(10, (bits[3] >> 16) & 0xFF));
        }
    }
}

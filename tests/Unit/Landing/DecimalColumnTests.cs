using System.Globalization;
using CsCheck;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Landing;

public sealed class DecimalColumnTests
{
    [Fact]
    public void Every_value_comes_back_without_trailing_zeros() => AnyLanded.Value.Array[0, 50].Sample(values =>
    {
        decimal[] signed = [.. values.Select((value, i) => i % 3 == 0 ? -value : value)];
        DecimalColumn column = DecimalColumn.Of(signed);
        Assert.Equal(signed, Enumerable.Range(0, column.Count).Select(i => column[i]));
        Assert.DoesNotContain(Enumerable.Range(0, column.Count), i => column[i].Scale > 0 && column[i].ToString(CultureInfo.InvariantCulture).EndsWith('0'));
    });

    [Theory]
    [InlineData("1.50,2.25,0.1", 2)]
    [InlineData("999999999999999999", 0)]
    [InlineData("0.000000000000000001,0.999999999999999999", 18)]
    [InlineData("-3.5,0", 1)]
    [InlineData("1000000000000000000", null)] // 19 digits
    [InlineData("100000000,0.00000000001", null)] // 8 + 11 digits
    [InlineData("0.0000000000000000001", null)] // 19 places
    public void Mantissas_have_up_to_18_digits_at_one_scale(string values, int? scale)
    {
        DecimalColumn column = DecimalColumn.Of(values.Split(',').Select(text => decimal.Parse(text, CultureInfo.InvariantCulture)).ToArray());
        Assert.Equal(scale, column.Mantissas is null ? null : column.Scale);
    }
}

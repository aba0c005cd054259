using Pnl.Rates;

namespace Pnl.Tests.Unit.Landing;

public sealed class LandingPathTests
{
    [Theory]
    [InlineData("")]
    [InlineData("binance/btc")]
    [InlineData("binance/btc/2021-05_")] // shorter than the extension that is cut off
    [InlineData("binance/btc/2021-05_.parquet")]
    [InlineData("binance/btc/_1621427700-1621514100.parquet")]
    [InlineData("binance/btc/2021-05_1621427700-1621514100.csv")]
    [InlineData("binance/btc/2021-05_1621427700-1621514100")]
    [InlineData("binance/btc/2021-06_1621427700-1621514100.parquet")] // of another month
    [InlineData("binance/btc/2021-05_1621427701-1621514100.parquet")]
    [InlineData("binance/btc/2021-05_1621427700-999999999999999999.parquet")]
    public void A_path_that_is_none_is_told(string path) =>
        Assert.Contains("is not of the landing", Assert.Throws<RateFileException>(() => LandingPath.Parse(path)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_path_is_read_as_it_was_written()
    {
        LandingKey key = new("binance", "btc", new(5_404_759, 5_405_047));

        Assert.Equal("binance/btc/2021-05_1621427700-1621514100.parquet", LandingPath.Of(key));
        Assert.Equal(key, LandingPath.Parse(LandingPath.Of(key)));
    }
}

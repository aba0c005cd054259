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

    [Theory]
    [InlineData(Interval.FiveMinutes, "usdt", "XYZUSDT", "")] // as an earlier release names it
    [InlineData(Interval.Day, "usdt", "XYZUSDT", "_1d_usdt_XYZUSDT")]
    [InlineData(Interval.FiveMinutes, "eur", "XYZ-EUR", "_5m_eur_XYZ-EUR")]
    [InlineData(Interval.Hour, "usd", "solana/5f_Q", "_1h_usd_solana~2f5f~5fQ")]
    [InlineData(Interval.FiveMinutes, "btc_x", "~é", "_5m_btc_x_~7e~c3~a9")]
    public void What_an_earlier_release_would_take_for_other_candles_has_a_name_of_its_own(Interval interval, string quote, string symbol, string end)
    {
        LandedCandles candles = AnyLanded.Of(new("binance", "xyz", new(5_404_608, 5_404_896)), DateTimeOffset.UnixEpoch) with { Interval = interval, Quote = quote, Symbol = symbol };
        LandingKey key = LandingPath.KeyOf(candles);

        Assert.Equal($"binance/xyz/2021-05_1621382400-1621468800{end}.parquet", LandingPath.Of(key));
        Assert.Equal(key, LandingPath.Parse(LandingPath.Of(key)));
        Assert.Equal(key, candles.At(key).Key);
    }

    [Fact]
    public void Long_symbols_are_told_apart_by_names_that_file_systems_take()
    {
        LandedCandles one = AnyLanded.Of(new("geckoterminal", "xyz", new(5_404_608, 5_404_896)), DateTimeOffset.UnixEpoch) with { Quote = "usd", Symbol = new string('p', 300) + "a" };
        LandedCandles other = one with { Symbol = new string('p', 300) + "b" };

        Assert.NotEqual(LandingPath.KeyOf(one), LandingPath.KeyOf(other));
        Assert.All([one, other], candles => Assert.True(Path.GetFileName(LandingPath.Of(LandingPath.KeyOf(candles))).Length < 200));
    }
}

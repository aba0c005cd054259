using Pnl.Rates;

namespace Pnl.Tests.Unit.Files;

public sealed class RateFileNameTests
{
    [Theory]
    [InlineData("BTC-USDT.csv", "BTC", "btc", "usdt", RateFileFormat.Csv)]
    [InlineData("btc-usd.csv.gz", "btc", "btc", "usd", RateFileFormat.CsvGzip)]
    [InlineData("1000SATS-USDT.PARQUET", "1000SATS", "1000sats", "usdt", RateFileFormat.Parquet)]
    [InlineData("UNI-V2-ETH.Csv.Gz", "UNI-V2", "uni-v2", "eth", RateFileFormat.CsvGzip)]
    [InlineData("USDT.E-USD.csv", "USDT.E", "usdt.e", "usd", RateFileFormat.Csv)]
    public void A_pair_names_its_token_and_quote(string file, string symbol, string id, string quote, RateFileFormat format)
    {
        Assert.True(RateFileName.TryParse(file, out RateFileName? name, out _));
        Assert.Equal(new RateFileName(symbol, id, quote, format), name);
    }

    [Theory]
    [InlineData("XBT_USDT-1d.csv", "has '1d' where its quote belongs, which is an interval or a date and no currency")]
    [InlineData("BTC_USDT-5m.parquet", "has '5m' where its quote belongs")]
    [InlineData("XBTUSD_PERP-1h-2023-10-26.csv", "has '26' where its quote belongs")]
    [InlineData("BTCUSDT-1h-2023-10.csv.gz", "has '10' where its quote belongs")]
    [InlineData("XBTUSD_5.csv", "has no quote in its name")]
    [InlineData("XYZQQQ-1h-2023-10.zip", "is no ZIP of an archive")]
    [InlineData("BTCUSDT-1h-2023-13.zip", "is no ZIP of an archive")]
    [InlineData("XRP-ETH.1m.csv.gz", "has '.1m' behind the quote 'ETH'")]
    [InlineData("XRP-USDT.futures.csv.gz", "has '.futures' behind the quote 'USDT'")]
    [InlineData("bitcoin.csv", "has no quote in its name")]
    [InlineData("-USD.csv", "has no quote in its name")]
    [InlineData("BTC-.csv", "has no quote in its name")]
    [InlineData("README.md", "is not named <SYMBOL>-<QUOTE>.csv, .csv.gz or .parquet")]
    [InlineData("BTC-USD.gz", "is not named <SYMBOL>-<QUOTE>.csv, .csv.gz or .parquet")]
    [InlineData("_BTC-USD.csv", "gives no token id: '_btc' is not 1 to 64")]
    [InlineData("BTC USD-USD.csv", "gives no token id: 'btc usd' is not 1 to 64")]
    [InlineData("BTC-€.csv", "gives no token id: '€' is not 1 to 64")]
    public void Other_names_say_why_not(string file, string reason)
    {
        Assert.False(RateFileName.TryParse(file, out _, out string? said));
        Assert.StartsWith(reason, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BTCUSDT-5m-2021-05.zip", "btc", "usdt", 300)]
    [InlineData("TUSDUSDT-1h-2021-05-19.zip", "tusd", "usdt", 3600)]
    [InlineData("ETHBTC-1m-2021-05.zip", "eth", "btc", 60)]
    public void A_ZIP_of_an_archive_tells_the_length_of_its_candles(string file, string id, string quote, int seconds)
    {
        Assert.True(RateFileName.TryParse(file, out RateFileName? name, out _));
        Assert.Equal((id, quote, seconds), (name.Id, name.Quote, name.CandleSeconds!.Value));
    }

    [Theory]
    [InlineData("XBTUSD_PERP-1h-2023-10-26.csv", 3600)]
    [InlineData("BTC_USDT-1d.csv", 86_400)]
    [InlineData("BTC-USDT.1m.csv.gz", 60)]
    [InlineData("BTC-USD.csv", null)]
    [InlineData("1INCH-USD.csv", null)]
    public void An_interval_in_a_name_is_seen(string file, int? seconds) => Assert.Equal(seconds, RateFileName.CandleSecondsIn(file));

    [Fact]
    public void An_id_has_at_most_64_characters()
    {
        Assert.True(TokenId.IsValid(new string('a', 64)));
        Assert.False(TokenId.IsValid(new string('a', 65)));
        Assert.False(TokenId.IsValid(""));
    }
}

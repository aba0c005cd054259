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

    [Fact]
    public void An_id_has_at_most_64_characters()
    {
        Assert.True(TokenId.IsValid(new string('a', 64)));
        Assert.False(TokenId.IsValid(new string('a', 65)));
        Assert.False(TokenId.IsValid(""));
    }
}

using Pnl.Cli;
using Pnl.Cli.Tokens;
using Pnl.Grains;

namespace Pnl.Tests.Unit.Cli;

public sealed class ListingTextTests
{
    [Theory]
    [InlineData("binance:BTCUSDT", "binance", "BTCUSDT", null, null)]
    [InlineData("binance:BTCUSDT:usdt", "binance", "BTCUSDT", "usdt", null)]
    [InlineData("binance:BTCUSDT:1d", "binance", "BTCUSDT", null, "1d")]
    [InlineData("files:BTC-USD:usd:1d", "files", "BTC-USD", "usd", "1d")]
    [InlineData("bitfinex:tAVAX:USD", "bitfinex", "tAVAX:USD", null, null)]
    [InlineData("bitfinex:tAVAX:USD:usd:15m", "bitfinex", "tAVAX:USD", "usd", "15m")]
    [InlineData("coingecko:bitcoin", "coingecko", "bitcoin", null, null)]
    [InlineData("coingecko:bitcoin:eur", "coingecko", "bitcoin", "eur", null)]
    [InlineData("coingecko:1d", "coingecko", "1d", null, null)]
    [InlineData("kraken:XBT/USD:usd:4h", "kraken", "XBT/USD", "usd", "4h")]
    [InlineData("api", "api", null, null, null)]
    [InlineData("api:1h", "api", null, null, "1h")]
    [InlineData("api:eur", "api", null, "eur", null)]
    [InlineData("api:eur:1d", "api", null, "eur", "1d")]
    public void A_word_names_a_listing(string text, string source, string? symbol, string? quote, string? interval)
    {
        Assert.True(ListingText.TryParse(text, out TokenListing? listing, out string? error), error);
        Assert.Equal((source, symbol, quote, interval ?? "5m", null, null), (listing.Source, listing.Symbol, listing.Quote, listing.Interval.Name(), listing.From, listing.To));
    }

    [Theory]
    [InlineData("binance:BTCUSDT@2017-08-17..", "2017-08-17", null)]
    [InlineData("binance:BTCUSDT:usdt:1h@..2020-01-01T12:00:00Z", null, "2020-01-01T12:00:00Z")]
    [InlineData("binance:BTCUSDT:usdt@2017-08-17..2020-01-01", "2017-08-17", "2020-01-01")]
    public void Its_bounds_follow_an_at_sign(string text, string? from, string? to)
    {
        Assert.True(ListingText.TryParse(text, out TokenListing? listing, out string? error), error);
        Assert.Equal(("binance", "BTCUSDT", Utc.Read(from), Utc.Read(to)), (listing.Source, listing.Symbol, listing.From, listing.To));
    }

    [Fact]
    public void An_at_sign_without_a_range_is_the_symbols()
    {
        Assert.True(ListingText.TryParse("files:X@Y-USD", out TokenListing? listing, out _));
        Assert.Equal("X@Y-USD", listing.Symbol);
    }

    [Theory]
    [InlineData("", "'' is no name of a source")]
    [InlineData("Binance:BTCUSDT", "'Binance' is no name of a source")]
    [InlineData("binance", "the symbol is absent")]
    [InlineData("binance:", "the symbol is absent")]
    [InlineData("binance::usdt", "the symbol is absent")]
    [InlineData("binance:BTCUSDT:2h", "'2h' is no interval of bars (5m, 15m, 1h, 4h, 1d)")]
    [InlineData("binance:BTCUSDT:usdt:1w", "'1w' is no interval of bars")]
    [InlineData("binance:BTCUSDT:usdt:1m", "'1m' is no interval of bars")]
    [InlineData("binance:BTCUSDT:usdt:usd", "it is not clear what 'usdt' is")]
    [InlineData("binance:BTCUSDT@soon..", "'soon' is no date or time")]
    [InlineData("binance:BTCUSDT:1d:usdt", "it is not clear what '1d' is")]
    [InlineData("api:BTCUSDT", "what callers send has no symbol, as 'BTCUSDT' would be")]
    [InlineData("api:BTCUSDT:usd", "what callers send has no symbol")]
    public void What_is_none_is_refused_by_name(string text, string why)
    {
        Assert.False(ListingText.TryParse(text, out _, out string? error));
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.StartsWith($"'{text}' is no listing: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("binance:BTCUSDT:usdt:5m")]
    [InlineData("bitfinex:tAVAX:USD:usd:15m")]
    [InlineData("binance:BTCUSDT:usdt:1h@2017-08-17..2020-01-01T12:00:00Z")]
    [InlineData("binance:BTCUSDT:usdt:1h@..2020-01-01T12:00:00Z")]
    [InlineData("api:usd:1d@2017-08-17..")]
    public void A_listing_is_written_as_it_is_read(string text)
    {
        Assert.True(ListingText.TryParse(text, out TokenListing? read, out string? error), error);
        Assert.Equal(text, ListingText.Of(read));
    }
}

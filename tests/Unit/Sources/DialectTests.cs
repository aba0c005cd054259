using System.Text;
using Pnl.Rates;
using Pnl.Rates.Exchanges;

namespace Pnl.Tests.Unit.Sources;

/// <summary>What each API is asked, and generated answers in its shapes: newest first, open last bars, errors behind 200.</summary>
public sealed class DialectTests
{
    private static readonly int Eleven = Slots.At("2024-03-13T11:00"); // 1710327600
    private static readonly SlotRange Hour = new(Eleven, Eleven + 12);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static ExchangeDialect Dialect(string name) => name switch
    {
        "binance" => new BinanceDialect(),
        "bitfinex" => new BitfinexDialect(),
        "bitstamp" => new BitstampDialect(),
        "bybit" => new BybitDialect(),
        "coinbase" => new CoinbaseDialect(),
        "coingecko" => new CoinGeckoDialect(false),
        "coingecko+" => new CoinGeckoDialect(true),
        "kraken" => new KrakenDialect(),
        "okx" => new OkxDialect(),
        _ => throw new ArgumentException(name),
    };

    [Theory]
    [InlineData("binance", "BTCUSDT", "api/v3/klines?symbol=BTCUSDT&interval=5m&limit=1000&startTime=1710327600000&endTime=1710330900000")]
    [InlineData("bitfinex", "tDOGE:USD", "v2/candles/trade%3A5m%3AtDOGE%3AUSD/hist?sort=1&limit=10000&start=1710327600000&end=1710330900000")]
    [InlineData("bitstamp", "btcusd", "api/v2/ohlc/btcusd/?step=300&limit=1000&start=1710327600&end=1710330900&exclude_current_candle=true")]
    [InlineData("bybit", "BTCUSDT", "v5/market/kline?category=spot&symbol=BTCUSDT&interval=5&limit=1000&start=1710327600000&end=1710330900000")]
    [InlineData("coinbase", "BTC-USD", "products/BTC-USD/candles?granularity=300&start=2024-03-13T11:00:00Z&end=2024-03-13T11:55:00Z")]
    [InlineData("coingecko", "bitcoin", "coins/bitcoin/market_chart/range?vs_currency=usd&precision=full&from=1710327600&to=1710331200")]
    [InlineData("coingecko+", "bitcoin", "coins/bitcoin/market_chart/range?vs_currency=usd&precision=full&from=1710327600&to=1710331200&interval=5m")]
    [InlineData("kraken", "XXBTZUSD", "0/public/OHLC?pair=XXBTZUSD&interval=5&since=1710327599")]
    [InlineData("okx", "BTC-USDT", "api/v5/market/history-candles?instId=BTC-USDT&bar=5m&limit=100&after=1710331200000&before=1710327599999")]
    public void Candles_are_asked_for_in_the_units_of_the_API(string name, string symbol, string path) =>
        Assert.Equal(path, Dialect(name).CandlesPath(new(symbol, "btc", "usd"), Hour));

    [Theory]
    [InlineData("binance", "&interval=5m&|&interval=15m&|&interval=1h&|&interval=4h&|&interval=1d&")]
    [InlineData("bitfinex", "trade%3A5m%3A|trade%3A15m%3A|trade%3A1h%3A||trade%3A1D%3A")]
    [InlineData("bitstamp", "step=300&|step=900&|step=3600&|step=14400&|step=86400&")]
    [InlineData("bybit", "interval=5&|interval=15&|interval=60&|interval=240&|interval=D&")]
    [InlineData("coinbase", "granularity=300&|granularity=900&|granularity=3600&||granularity=86400&")]
    [InlineData("coingecko", "from=||||")]
    [InlineData("kraken", "interval=5&|interval=15&|interval=60&|interval=240&|interval=1440&")]
    [InlineData("okx", "bar=5m&|bar=15m&|bar=1H&|bar=4H&|bar=1Dutc&")]
    public void Coarser_candles_are_asked_for_by_the_APIs_names_or_not_had(string name, string parts)
    {
        Interval[] intervals = [Interval.FiveMinutes, Interval.FifteenMinutes, Interval.Hour, Interval.FourHours, Interval.Day];
        foreach ((Interval interval, string part) in intervals.Zip(parts.Split('|')))
        {
            Assert.Equal(part.Length > 0, Dialect(name).NameOf(interval) is not null);
            if (part.Length > 0)
            {
                Assert.Contains(part, Dialect(name).CandlesPath(new("X", "btc", "usd", Interval: interval), Hour), StringComparison.Ordinal);
            }
        }

        Assert.Null(Dialect(name).NameOf(Interval.Week));
    }

    [Theory]
    [InlineData("bybit", 1000)]
    [InlineData("okx", 100)]
    [InlineData("coinbase", 300)]
    public void A_page_of_coarser_candles_is_as_many_periods_long(string name, int candles) =>
        Assert.Equal(new(288, 288 + candles * 288), Dialect(name).Page(new(288, int.MaxValue), Interval.Day));

    [Theory]
    [InlineData("binance", 100_000)] // it answers the first rows of any range
    [InlineData("bitfinex", 100_000)]
    [InlineData("bitstamp", 1000)]
    [InlineData("bybit", 1000)] // of more it would answer the newest
    [InlineData("coinbase", 300)] // more is an error
    [InlineData("coingecko", 288)]
    [InlineData("kraken", 720)]
    [InlineData("okx", 100)]
    public void A_page_asks_for_no_more_than_is_answered_from_its_beginning(string name, int slots) =>
        Assert.Equal(new(50, 50 + slots), Dialect(name).Page(new(50, 100_050)));

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("253402300801")]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("null")]
    public void A_last_bar_of_Kraken_that_is_at_no_time_is_another_shape(string last) =>
        Assert.Throws<System.Text.Json.JsonException>(() => new KrakenDialect().Candles(Utf8($"{{\"error\":[],\"result\":{{\"XXBTZUSD\":[],\"last\":{last}}}}}"), Hour));

    [Fact]
    public void Symbols_cannot_break_out_of_the_path() =>
        Assert.Equal("products/..%2Fx%3Fy/candles", new CoinbaseDialect().CandlesPath(new("../x?y", "x", "usd"), Hour).Split('?')[0]);

    [Fact]
    public void Coinbase_rows_that_come_newest_first_and_overlap_the_next_page_are_put_in_order()
    {
        // [time, low, high, open, close, volume]; the first one is the open bar behind the range
        CandlePage page = new CoinbaseDialect().Candles(
            Utf8($"[{string.Join(',', Enumerable.Range(0, 13).Reverse().Select(i => $"[{1710327600 + (300 * i)},{i + 1},{i + 4}.5,{i + 2},{i + 3},{i}]"))}]"), Hour);

        Assert.Equal(Enumerable.Range(Eleven, 12), page.Candles.Select(c => c.Slot));
        Assert.Equal(new Candle(Eleven + 3, Open: 5m, High: 7.5m, Low: 4m, Close: 6m, Volume: 3m), page.Candles[3]);
        Assert.Equal(Hour, page.Covered);
    }

    [Fact]
    public void Okx_covers_up_to_the_candle_that_is_not_confirmed()
    {
        CandlePage page = new OkxDialect().Candles(Utf8("""
            {"code":"0","msg":"","data":[
              ["1710328200000","3","3","3","3","1","1","1","0"],
              ["1710327900000","2","2","2","2","1","1","1","1"],
              ["1710327600000","1","1","1","1","1","1","1","1"]]}
            """), Hour);

        Assert.Equal([1m, 2m], page.Candles.Select(c => c.Close));
        Assert.Equal(new(Eleven, Eleven + 2), page.Covered);
    }

    [Fact]
    public void Bybit_rows_come_newest_first()
    {
        CandlePage page = new BybitDialect().Candles(Utf8("""
            {"retCode":0,"retMsg":"OK","result":{"category":"spot","symbol":"BTCUSDT","list":[
              ["1710327900000","73285","73290","73280","73281.5","2","0"],["1710327600000","73241","73293","73240","73285","0","0"]]},"time":1}
            """), Hour);

        Assert.Equal([73285m, 73281.5m], page.Candles.Select(c => c.Close));
    }

    [Fact]
    public void Kraken_keeps_720_rows_and_says_nothing_of_what_lies_before()
    {
        // 720 rows, the newest of them open: 719 are closed
        string rows = string.Join(',', Enumerable.Range(0, 720).Select(i => $"""[{1710327600 + (300 * i)},"5","5","5","5","0.0","0.0",0]"""));
        byte[] body = Utf8($$$"""{"error":[],"result":{"XXBTZUSD":[{{{rows}}}],"last":{{{1710327600 + (300 * 718)}}}}}""");

        CandlePage page = new KrakenDialect().Candles(body, new(Eleven - 1000, Eleven + 719));
        Assert.Equal(new(Eleven, Eleven + 719), page.Covered);
        Assert.Equal(719, page.Candles.Count);
    }

    [Fact]
    public void CoinGecko_takes_the_last_point_up_to_the_close_and_never_fills()
    {
        CandlePage page = new CoinGeckoDialect(false).Candles(Utf8("""
            {"prices":[[1710327600000,9],[1710327600001,1],[1710327700000,3.5],[1710327900000,2],[1710328500001,0.000000012345678901],[1710328600000,null],[1710331200001,8]]}
            """), Hour);

        // The point on 11:00:00.000 belongs to the slot that closes then, the one on 11:05:00.000 to that of 11:00.
        Assert.Equal(
            [new(Eleven, 1m, 3.5m, 1m, 2m, 0m), new(Eleven + 3, 0.000000012345678901m, 0.000000012345678901m, 0.000000012345678901m, 0.000000012345678901m, 0m)],
            page.Candles);
        Assert.Equal("rate.missing", Assert.Single(page.Quarantined).Code);
    }

    [Theory]
    [InlineData("binance", 400, """{"code":-1121,"msg":"Invalid symbol."}""", "symbol.unknown")]
    [InlineData("binance", 400, """{"code":-1003,"msg":"Too many requests."}""", "source.refused")]
    [InlineData("binance", 400, """{"code":-1100,"msg":"Illegal characters"}""", null)]
    [InlineData("bitfinex", 500, """["error",10020,"symbol: invalid"]""", "symbol.unknown")]
    [InlineData("bitfinex", 500, """["error",10020,"limit: invalid"]""", "source.rejected")]
    [InlineData("bitfinex", 500, """["error",11010,"ratelimit: error"]""", "source.refused")]
    [InlineData("bitfinex", 200, """{"error":"ERR_RATE_LIMIT"}""", "source.refused")]
    [InlineData("bitfinex", 503, """["error",20060,"maintenance"]""", "source.unavailable")]
    [InlineData("bitfinex", 200, "[]", null)]
    [InlineData("bitstamp", 404, "", "symbol.unknown")]
    [InlineData("bitstamp", 400, """{"status":"error","reason":"Request rate limit exceeded"}""", "source.refused")]
    [InlineData("bybit", 200, """{"retCode":10001,"retMsg":"Not supported symbols","result":{}}""", "symbol.unknown")]
    [InlineData("bybit", 200, """{"retCode":10006,"retMsg":"Too many visits!","result":{}}""", "source.refused")]
    [InlineData("bybit", 200, """{"retCode":10016,"retMsg":"Server error","result":{}}""", "source.unavailable")]
    [InlineData("bybit", 403, "", "source.refused")]
    [InlineData("coinbase", 404, """{"message":"NotFound"}""", "symbol.unknown")]
    [InlineData("coingecko", 404, """{"error":"coin not found"}""", "symbol.unknown")]
    [InlineData("kraken", 200, """{"error":["EQuery:Unknown asset pair"]}""", "symbol.unknown")]
    [InlineData("kraken", 200, """{"error":["EGeneral:Too many requests"]}""", "source.refused")]
    [InlineData("kraken", 200, """{"error":["EService:Unavailable"]}""", "source.unavailable")]
    [InlineData("kraken", 200, """{"error":[],"result":{}}""", null)]
    [InlineData("okx", 200, """{"code":"51001","msg":"Instrument ID does not exist","data":[]}""", "symbol.unknown")]
    [InlineData("okx", 429, """{"code":"50011","msg":"Too Many Requests","data":[]}""", "source.refused")]
    [InlineData("okx", 200, """{"code":"50013","msg":"System busy","data":[]}""", "source.unavailable")]
    public void Errors_are_told_by_what_the_API_says(string name, int status, string body, string? code)
    {
        SourceException? complaint = Dialect(name).Complaint(status, Utf8(body));

        Assert.Equal(code, complaint?.Code);
        Assert.Equal(code is "source.refused" or "source.unavailable", complaint?.IsTransient ?? false);
    }

    [Fact]
    public void Pairs_are_called_by_common_names()
    {
        List<SourcePair> pairs = [];
        new KrakenDialect().Pairs(Utf8("""
            {"error":[],"result":{
              "XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD","base":"XXBT","quote":"ZUSD","status":"online"},
              "XDGUSD":{"wsname":"XDG/USD","base":"XXDG","quote":"ZUSD","status":"cancel_only"},
              "LUNAUSD":{"wsname":"LUNA/USD","base":"LUNA","quote":"ZUSD","status":"online"},
              "ODD":{"altname":"ODD"}}}
            """), pairs);
        new BitfinexDialect().Pairs(Utf8("""[["BTCUSD","BTCUST","DOGE:USD","DSHBTC","ODD"],[["UST","USDt"],["DSH","DASH"]]]"""), pairs);
        new BitstampDialect().Pairs(Utf8("""[{"name":"BTC/USD","url_symbol":"btcusd","trading":"Enabled"},{"name":"PAX/USD","url_symbol":"paxusd","trading":"Disabled"}]"""), pairs);
        new CoinbaseDialect().Pairs(Utf8("""[{"id":"BTC-USD","base_currency":"BTC","quote_currency":"USD","status":"online","trading_disabled":true}]"""), pairs);
        new BinanceDialect().Pairs(Utf8("""{"symbols":[{"symbol":"币安人生USDT","baseAsset":"币安人生","quoteAsset":"USDT","status":"TRADING"},{"symbol":"BCCUSDT","baseAsset":"BCC","quoteAsset":"USDT","status":"BREAK"}]}"""), pairs);

        Assert.Equal(
        [
            new("XXBTZUSD", "btc", "usd"),
            new("XDGUSD", "doge", "usd", IsTrading: false),
            new("LUNAUSD", "lunc", "usd"),
            new("tBTCUSD", "btc", "usd"),
            new("tBTCUST", "btc", "usdt"),
            new("tDOGE:USD", "doge", "usd"),
            new("tDSHBTC", "dash", "btc"),
            new("btcusd", "btc", "usd"),
            new("paxusd", "pax", "usd", IsTrading: false),
            new("BTC-USD", "btc", "usd", IsTrading: false),
            new("BCCUSDT", "bcc", "usdt", IsTrading: false),
        ], pairs);
    }

    [Theory]
    [InlineData("binance", "A,B", """[{"symbol":"A","price":"1.10"},{"symbol":"B","price":"0.0"},{"symbol":"C","price":"3"}]""", "A=1.1")]
    [InlineData("bitfinex", "tA,tB", """[["tA",1,2,3,4,5,6,7.25,8,9,10],["tB",1,2,3,4,5,6,null,8,9,10],["fUSD",1]]""", "tA=7.25")]
    [InlineData("bitstamp", "btcusd,ethusd", """[{"pair":"BTC/USD","last":"73285"},{"pair":"XRP/USD","last":"1"}]""", "btcusd=73285")]
    [InlineData("bybit", "A,B", """{"retCode":0,"result":{"list":[{"symbol":"A","lastPrice":"5"},{"symbol":"B","lastPrice":"6"}]}}""", "A=5,B=6")]
    [InlineData("coingecko", "bitcoin,ripple", """{"bitcoin":{"usd":67617.0155448617},"ripple":{}}""", "bitcoin=67617.0155448617")]
    [InlineData("kraken", "A,B", """{"error":[],"result":{"A":{"c":["73380.60000","0.1"]},"B":{"c":[]}}}""", "A=73380.6")]
    [InlineData("okx", "A,B", """{"code":"0","data":[{"instId":"B","last":"9e-8"},{"instId":"A","last":""}]}""", "B=0.00000009")]
    public void Newest_rates_of_many_pairs_come_in_one_request(string name, string symbols, string body, string expected)
    {
        SourcePair[] pairs = [.. symbols.Split(',').Select(s => new SourcePair(s, "x", "usd"))];
        LatestRequest request = Assert.Single(Dialect(name).LatestRequests(pairs));
        List<LatestRate> rates = [];

        Dialect(name).Latest(Utf8(body), request, rates);

        Assert.Equal(expected, string.Join(',', rates.Select(r => FormattableString.Invariant($"{r.Pair.Symbol}={r.Rate}"))));
    }

    [Fact]
    public void CoinGecko_asks_for_coins_in_batches_of_one_currency()
    {
        SourcePair[] pairs = [.. Enumerable.Range(0, 600).Select(i => new SourcePair($"c{i}", $"c{i}", i < 500 ? "usd" : "eur"))];

        Assert.Equal([250, 250, 100], new CoinGeckoDialect(false).LatestRequests(pairs).Select(r => r.Pairs.Count));
    }

    [Fact]
    public void Binance_says_in_words_how_long_a_ban_lasts()
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(1573206000123).AddMinutes(-7);

        Assert.Equal(
            TimeSpan.FromMinutes(7),
            new BinanceDialect().BannedFor(Utf8("""{"code":-1003,"msg":"Way too many requests; IP banned until 1573206000123. Please"}"""), now));
        Assert.Null(new BinanceDialect().BannedFor(Utf8("""{"code":-1003,"msg":"Too many requests."}"""), now));
    }
}

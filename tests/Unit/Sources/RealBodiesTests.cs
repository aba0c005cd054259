using System.Text.Json;
using Pnl.Rates;
using Pnl.Rates.Exchanges;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Unit.Sources;

/// <summary>The bodies of ../shared/data/api, read with the values that stand in them (see its README for their sources).</summary>
public sealed class RealBodiesTests
{
    private static byte[] Body(string name) => File.ReadAllBytes(MarketData.Require("api", name));

    private static List<SourcePair> Pairs(ExchangeDialect dialect, string name)
    {
        List<SourcePair> pairs = [];
        Assert.Null(dialect.Pairs(Body(name), pairs));
        return pairs;
    }

    private static List<LatestRate> Latest(ExchangeDialect dialect, string name, params SourcePair[] pairs)
    {
        List<LatestRate> rates = [];
        dialect.Latest(Body(name), dialect.LatestRequests(pairs).First(), rates);
        return rates;
    }

    [Fact]
    public void Binance_klines()
    {
        CandlePage page = new BinanceDialect().Candles(Body("binance-klines.nautilus.json"), Slots.Around(1499040000));

        Assert.Equal(new Candle(Slots.At("2017-07-03T00:00"), 0.0163479m, 0.8m, 0.015758m, 0.015771m, 148976.11427815m), Assert.Single(page.Candles));
        Assert.Empty(page.Quarantined);
        Assert.Equal(Slots.Around(1499040000), page.Covered); // fewer rows than may come: there are no more
    }

    [Fact]
    public void Binance_pairs_and_newest_rate()
    {
        Assert.Equal(new SourcePair("ETHBTC", "eth", "btc"), Assert.Single(Pairs(new BinanceDialect(), "binance-exchangeInfo.nautilus.json")));

        SourcePair pair = new("LTCBTC", "ltc", "btc");
        Assert.Equal(new LatestRate(pair, 4.000002m), Assert.Single(Latest(new BinanceDialect(), "binance-tickerPrice.nautilus.json", pair)));
    }

    [Fact]
    public void Coinbase_rows_are_time_low_high_open_close()
    {
        CandlePage page = new CoinbaseDialect().Candles(Body("coinbaseexchange-candles.ccxt.json"), Slots.Around(1710327600));

        Assert.Equal(
            new Candle(Slots.At("2024-03-13T11:00"), Open: 73243.33m, High: 73402.47m, Low: 73241.5m, Close: 73370.65m, 1.56794406m),
            Assert.Single(page.Candles));
    }

    [Fact]
    public void Coinbase_newest_rate()
    {
        SourcePair pair = new("BTC-USDT", "btc", "usdt");
        Assert.Equal(new LatestRate(pair, 73367.8m), Assert.Single(Latest(new CoinbaseDialect(), "coinbaseexchange-ticker.ccxt.json", pair)));
    }

    [Fact]
    public void Kraken_ends_before_its_open_bar_and_begins_with_its_720_rows()
    {
        // 721 rows a minute apart: 144 of them lie on the grid, 38 of those without a trade; the last row is open.
        CandlePage page = new KrakenDialect().Candles(Body("kraken-OHLC.nautilus.json"), Slots.Around(1762820100));

        Assert.Equal(Slots.At(1762777020), page.Covered.From);
        Assert.Equal(Slots.At(1762820160) + 1, page.Covered.To);
        Assert.Equal(144, page.Candles.Count);
        Assert.Equal(new Candle(Slots.At(1762777200), 106038.1m, 106044.3m, 106038.1m, 106040.1m, 0.08317981m), page.Candles[0]);
        Assert.Equal(new Candle(Slots.At(1762820100), 105899.4m, 105899.4m, 105899.4m, 105899.4m, 0m), page.Candles[^1]);
        Assert.Equal(38, page.Candles.Count(c => c.Volume == 0m));
        Assert.Equal(577, page.Quarantined.Count);
        Assert.All(page.Quarantined, q => Assert.Equal("time.unaligned", q.Code));
    }

    [Fact]
    public void Kraken_rows_behind_last_are_open()
    {
        CandlePage page = new KrakenDialect().Candles(Body("kraken-OHLC.ccxt.json"), Slots.Around(1706626800));

        Assert.Equal([43361.1m, 43485.0m, 43409.5m, 43386.6m, 43539.7m], page.Candles.Select(c => c.Close));
        Assert.Equal(Slots.At(1706796000) + 1, page.Covered.To);
        Assert.Equal(Slots.Around(1706626800).From, page.Covered.From); // not cut off: it began there
    }

    [Fact]
    public void Kraken_pairs_and_newest_rates()
    {
        Assert.Equal(new SourcePair("XBTUSDT", "btc", "usdt"), Assert.Single(Pairs(new KrakenDialect(), "kraken-AssetPairs.nautilus.json")));

        SourcePair pair = new("XBTUSDT", "btc", "usdt");
        Assert.Equal(73380.6m, Assert.Single(Latest(new KrakenDialect(), "kraken-Ticker.ccxt.json", pair)).Rate);
        Assert.Equal(105899.4m, Assert.Single(Latest(new KrakenDialect(), "kraken-Ticker.nautilus.json", pair)).Rate);
    }

    [Fact]
    public void Bitfinex_rows_are_time_open_close_high_low()
    {
        CandlePage page = new BitfinexDialect().Candles(Body("bitfinex-candles.ccxt.json"), Slots.Around(1552298400));
        Assert.Equal(
            new Candle(Slots.At("2019-03-11T10:00"), Open: 3870.1m, High: 3890m, Low: 3870.1m, Close: 3890m, 0.05m),
            Assert.Single(page.Candles));

        page = new BitfinexDialect().Candles(Body("bitfinex-candles-1m-BTCUSD-20130401T02.json"), Slots.Around(1364781900));
        Assert.Equal([93.17m, 93.5m, 92.5m], page.Candles.Select(c => c.Close)); // 14 rows of minutes, 3 on the grid
        Assert.Equal(11, page.Quarantined.Count);

        page = new BitfinexDialect().Candles(Body("bitfinex-candles-1m-ETHUSD-20170621T18.json"), Slots.Around(1498068000));
        Assert.Equal(24, page.Candles.Count);
        Assert.Equal(new Candle(Slots.At("2017-06-21T18:00"), 301.99m, 304.75m, 301.89m, 304.67m, 180.5m), page.Candles[0]);
        Assert.Equal(new Candle(Slots.At(1498074900), 299.99m, 300m, 298.78m, 299m, 413.76417955m), page.Candles[^1]);
    }

    [Fact]
    public void An_empty_page_of_Bitfinex_covers_what_was_asked_for()
    {
        SlotRange asked = new(Slots.At("2016-04-01"), Slots.At("2016-05-01"));
        CandlePage page = new BitfinexDialect().Candles(Body("bitfinex-candles-1m-XRPUSD-empty.json"), asked);

        Assert.Empty(page.Candles);
        Assert.Equal(asked, page.Covered);
    }

    [Fact]
    public void Okx_rows_come_newest_first_and_those_not_confirmed_are_open()
    {
        // 2025-05-12 23:54 and 23:53: minutes, none of them on the grid
        CandlePage page = new OkxDialect().Candles(Body("okx-candles-full.nautilus.json"), Slots.Around(1747094040));
        Assert.Empty(page.Candles);
        Assert.Equal([1747094040L, 1747093980L], page.Quarantined.Select(q => q.TimeSeconds!.Value));

        page = new OkxDialect().Candles(Body("okx-candles.nautilus.json"), Slots.Around(1625097600));
        Assert.Empty(page.Candles);
        Assert.Empty(page.Quarantined);
        Assert.Equal(Slots.At("2021-07-01T00:00"), page.Covered.To);
    }

    [Fact]
    public void Okx_pairs_say_when_they_were_listed()
    {
        List<SourcePair> pairs = Pairs(new OkxDialect(), "okx-instruments-spot.nautilus.json");

        Assert.Equal(["BTC-USD", "ETH-USD", "SOL-USD", "XRP-USD", "USDT-USD"], pairs.Select(p => p.Symbol));
        Assert.Equal(new("BTC-USD", "btc", "usd", DateTimeOffset.FromUnixTimeMilliseconds(1733454000000)), pairs[0]);
    }

    [Fact]
    public void Bybit_candles_and_pairs()
    {
        // The body has a made-up time that lies on no grid.
        CandlePage page = new BybitDialect().Candles(Body("bybit-kline-linear.nautilus.json"), Slots.Around(1709891679));
        QuarantinedRow row = Assert.Single(page.Quarantined);
        Assert.Equal((1709891679L, "time.unaligned"), (row.TimeSeconds!.Value, row.Code));

        Assert.Equal(
            [new("BTCUSDT", "btc", "usdt"), new("ETHUSDT", "eth", "usdt")],
            Pairs(new BybitDialect(), "bybit-instruments-spot.nautilus.json"));
    }

    [Fact]
    public void Bitstamp_candles_and_newest_rate()
    {
        CandlePage page = new BitstampDialect().Candles(Body("bitstamp-ohlc.ccxt.json"), Slots.Around(1710327600));
        Assert.Equal(new Candle(Slots.At("2024-03-13T11:00"), 73241m, 73293m, 73240m, 73285m, 0.01076655m), Assert.Single(page.Candles));

        SourcePair pair = new("btcusdt", "btc", "usdt");
        Assert.Equal(new LatestRate(pair, 73285m), Assert.Single(Latest(new BitstampDialect(), "bitstamp-ticker.ccxt.json", pair)));
    }

    [Fact]
    public void CoinGecko_points_become_the_rates_of_the_slots_they_lie_in()
    {
        // 12 points: two each lie in the slots of ...7800 and ...9000, none in that of ...8700.
        CandlePage page = new CoinGeckoDialect(false).Candles(Body("coingecko-market_chart-5min.EXCERPT.dashbrd.json"), Slots.Around(1678836000));

        Assert.Equal(
            [
                (1678836000, 1.1917424918923705m), (1678836300, 1.1906308897998825m), (1678836600, 1.1901402644916927m),
                (1678836900, 1.1945907292019409m), (1678837200, 1.192019618535509m), (1678837500, 1.1987790846393587m),
                (1678837800, 1.199435421233702m), (1678838100, 1.2012920746321m), (1678838400, 1.2019000836491454m),
                (1678839000, 1.1990823908002963m),
            ],
            page.Candles.Select(c => (BarTime.OpenSeconds(c.Slot), c.Close)));
    }

    [Fact]
    public void CoinGecko_slots_without_a_point_have_no_rate()
    {
        // Gaps of 171 s to 470 s: the slots of ...7100 and ...7700 have no point.
        CandlePage page = new CoinGeckoDialect(false).Candles(
            Body("coingecko-market_chart-5min-irregular.EXCERPT.dashbrd.json"), Slots.Around(1678877100));

        Assert.Equal(
            [
                (1678876800, 1.2005862910285936m), (1678877400, 1.1992654968360914m),
                (1678878000, 1.1933584899793022m), (1678878300, 1.1874237681766904m),
            ],
            page.Candles.Select(c => (BarTime.OpenSeconds(c.Slot), c.Close)));
    }

    [Fact]
    public void CoinGecko_coins_go_by_its_ids()
    {
        Assert.Equal(
            ["01coin", "0chain", "0vix-protocol", "0x", "0xdao-v2", "11957-olga", "1337"],
            Pairs(new CoinGeckoDialect(false), "coingecko-coins_list-include_platform.EXCERPT.dashbrd.json").Select(p => p.Base));
    }

    [Theory]
    [InlineData("binance-ticker24hr.nautilus.json")]
    [InlineData("bitfinex-ticker-v1.ccxt.json")]
    [InlineData("coinbase-advanced-candles.nautilus.json")]
    [InlineData("coinbase-advanced-products.nautilus.json")]
    [InlineData("coinbase-advanced-ticker.nautilus.json")]
    [InlineData("dydx-candles.nautilus.json")]
    [InlineData("kraken-futures-candles.nautilus.json")]
    [InlineData("lighter-candles-null.nautilus.json")]
    public void A_body_of_another_API_is_refused_and_never_read_as_no_candles(string name)
    {
        byte[] body = Body(name);
        ExchangeDialect[] dialects =
        [
            new BinanceDialect(), new BitfinexDialect(), new BitstampDialect(), new BybitDialect(), new CoinbaseDialect(),
            new CoinGeckoDialect(false), new KrakenDialect(), new OkxDialect(),
        ];

        Assert.All(dialects, d => Assert.Throws<JsonException>(() => d.Candles(body, new(0, 5_000_000))));
    }
}

using System.Globalization;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Sources;

/// <summary>Candles longer than 5 minutes: they stand at the last slot of their period, and the open one is not taken.</summary>
public sealed class CoarseCandlesTests
{
    private static readonly int Noon = Slots.At("2024-03-13T12:00"), Day = Slots.At("2024-03-13T00:00");
    private static readonly SourcePair Hourly = new("BTCUSDT", "btc", "usdt", Interval: Interval.Hour), Daily = Hourly with { Interval = Interval.Day };

    [Fact]
    public async Task A_rate_of_an_hour_is_known_at_its_end_and_that_of_the_open_one_not_at_all()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Klines(Noon - 36, Noon - 24, Noon - 12, Noon)); // it is 12:00:10

        CandlePage page = await exchange.RunAsync(c => exchange.Source("binance").ReadAsync(Hourly, new(Noon - 36, Noon + 24), c));

        Assert.Equal(new(Noon - 36, Noon), page.Covered);
        Assert.Equal([(Noon - 25, Noon - 36m), (Noon - 13, Noon - 24m), (Noon - 1, Noon - 12m)], page.Candles.Select(candle => (candle.Slot, candle.Close)));
        Assert.Empty(page.Quarantined);
        Assert.Contains("interval=1h", Assert.Single(exchange.Asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_that_opens_no_period_is_set_aside()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Klines(Noon - 24, Noon - 17, Noon - 12));

        CandlePage page = await exchange.RunAsync(c => exchange.Source("binance").ReadAsync(Hourly, new(Noon - 24, Noon), c));

        Assert.Equal([Noon - 13, Noon - 1], page.Candles.Select(candle => candle.Slot));
        Assert.Equal((BarTime.OpenSeconds(Noon - 17), "time.unaligned"), page.Quarantined.Select(row => (row.TimeSeconds!.Value, row.Code)).Single());
    }

    [Fact]
    public async Task A_page_that_may_be_cut_off_is_read_up_to_the_end_of_its_last_period()
    {
        await using FakeExchange exchange = new();
        exchange.Answers(FakeExchange.Klines(Enumerable.Range(0, 100).Select(i => Day - 300 * 288 + i * 288)));

        CandlePage page = await exchange.RunAsync(c => exchange.Source("binance").ReadAsync(Daily, new(Day - 300 * 288, Day), c));

        Assert.Equal(new(Day - 300 * 288, Day - 200 * 288), page.Covered);
        Assert.Equal((100, Day - 200 * 288 - 1), (page.Candles.Count, page.Candles[^1].Slot));
    }

    [Fact]
    public async Task Kraken_has_as_many_days_as_it_has_slots_and_says_itself_which_is_open()
    {
        await using FakeExchange exchange = new();
        string[] rows = [.. Enumerable.Range(0, 4).Select(i => string.Create(CultureInfo.InvariantCulture, $"[{BarTime.OpenSeconds(Day - (3 - i) * 288)},\"{i}1\",\"{i}1\",\"{i}1\",\"{i}1\",\"1\",\"1\",1]"))];
        exchange.Answers(FakeExchange.Json($$$"""{"error":[],"result":{"XXBTZUSD":[{{{string.Join(',', rows)}}}],"last":{{{BarTime.OpenSeconds(Day - 288)}}}}}"""));

        CandlePage page = await exchange.RunAsync(c => exchange.Source("kraken").ReadAsync(Daily with { Symbol = "XXBTZUSD" }, new(Day - 3 * 288, Noon), c));

        Assert.Equal(new(Day - 3 * 288, Day), page.Covered);
        Assert.Equal([(Day - 2 * 288 - 1, 1m), (Day - 288 - 1, 11m), (Day - 1, 21m)], page.Candles.Select(candle => (candle.Slot, candle.Close)));
    }

    [Fact]
    public async Task What_a_source_does_not_give_is_refused_by_name()
    {
        await using FakeExchange exchange = new();

        SourceException refused = await Assert.ThrowsAsync<SourceException>(() => exchange.RunAsync(c => exchange.Source("coinbase").ReadAsync(Daily with { Interval = Interval.FourHours }, new(Noon - 48, Noon), c)));

        Assert.Equal(("interval.unsupported", false), (refused.Code, refused.IsTransient));
        Assert.Contains("5m, 15m, 1h, 1d", refused.Message, StringComparison.Ordinal);
        Assert.True(exchange.Source("coinbase").Gives(Interval.Day));
        Assert.False(exchange.Source("coingecko").Gives(Interval.Day));
        Assert.Empty(exchange.Asked);
    }
}

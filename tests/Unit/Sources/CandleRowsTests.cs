using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Pnl.Rates;
using Pnl.Rates.Exchanges;

namespace Pnl.Tests.Unit.Sources;

/// <summary>What becomes of rows, in generated bodies of the shape of Binance's.</summary>
public sealed class CandleRowsTests
{
    private static readonly SlotRange Asked = new(100, 110);

    private static CandlePage Read(params string[] rows) => new BinanceDialect().Candles(Body(rows), Asked);

    private static byte[] Body(params string[] rows) => Encoding.UTF8.GetBytes($"[{string.Join(',', rows)}]");

    private static string Row(long slot, string open, string high, string low, string close, string volume = "1", long plusMs = 0) =>
        string.Create(CultureInfo.InvariantCulture, $$"""[{{(slot * 300 * 1000) + plusMs}},"{{open}}","{{high}}","{{low}}","{{close}}","{{volume}}",0]""");

    private static string Flat(int slot, string rate) => Row(slot, rate, rate, rate, rate);

    [Fact]
    public void Rates_are_exact_to_the_last_digit()
    {
        CandlePage page = Read(
            Flat(100, "0.0000000000000000000000000001"), Flat(101, "1234567890.123456789012345678"), Flat(102, "4.07e-05"), Flat(103, "0.1000"));

        Assert.Equal([1e-28m, 1234567890.123456789012345678m, 0.0000407m, 0.1m], page.Candles.Select(c => c.Close));
    }

    [Theory]
    [InlineData("2", "1", "0.5", "1.5", "candle.contradictory")] // high below open
    [InlineData("1", "2", "1.5", "1.8", "candle.contradictory")] // low above open
    [InlineData("1", "2", "1", "2.1", "candle.contradictory")] // close above high
    [InlineData("1", "1", "1", "0", "rate.zero")]
    [InlineData("1", "1", "0.0", "1", "rate.zero")]
    [InlineData("1", "1", "1", "-1", "rate.negative")]
    [InlineData("1", "1", "1", "NaN", "rate.malformed")]
    [InlineData("1", "1", "1", "1,5", "rate.malformed")]
    [InlineData("1", "1", "1", "", "rate.missing")]
    [InlineData("1", "1", "1", "0.00000000000000000012345678901234", "rate.tooPrecise")]
    [InlineData("1", "1", "1", "1e40", "rate.tooLarge")]
    public void A_bad_row_is_kept_aside_with_its_reason_and_the_good_ones_are_taken(
        string open, string high, string low, string close, string code)
    {
        string bad = Row(101, open, high, low, close);
        CandlePage page = Read(Flat(100, "1"), bad, Flat(102, "2"));

        Assert.Equal([100, 102], page.Candles.Select(c => c.Slot));
        Assert.Equal(new QuarantinedRow(101 * 300, code, bad), Assert.Single(page.Quarantined));
        Assert.Equal(Asked, page.Covered);
    }

    [Theory]
    [InlineData("[30000000]", "row.malformed")]
    [InlineData("7", "row.malformed")]
    [InlineData("""{"a":[1]}""", "row.malformed")]
    [InlineData("""["x","1","1","1","1","1"]""", "time.malformed")]
    [InlineData("""[-300000,"1","1","1","1","1"]""", "time.outOfRange")]
    [InlineData("""[999999999999999999,"1","1","1","1","1"]""", "time.outOfRange")]
    [InlineData("""[30000001,"1","1","1","1","1"]""", "time.unaligned")]
    [InlineData("""[30000000,"1","1","1",null,"1"]""", "rate.missing")]
    [InlineData("""[30000000,"1","1","1",[1],"1"]""", "rate.missing")]
    [InlineData("""[30000000,"1","1","1","1","-1"]""", "volume.malformed")]
    public void A_row_of_another_shape_is_kept_aside(string row, string code)
    {
        CandlePage page = Read(row, Flat(105, "3"));

        Assert.Equal(105, Assert.Single(page.Candles).Slot);
        Assert.Equal((code, row), (Assert.Single(page.Quarantined).Code, page.Quarantined[0].Row));
    }

    [Fact]
    public void A_row_without_trades_is_taken() =>
        Assert.Equal(new Candle(100, 5m, 5m, 5m, 5m, 0m), Assert.Single(Read(Row(100, "5", "5", "5", "5", "0.00000000")).Candles));

    [Fact]
    public void A_volume_with_too_many_digits_spoils_no_row() =>
        Assert.Equal(0.1234567890123456789012345679m, Assert.Single(Read(Row(100, "5", "5", "5", "5", "0.12345678901234567890123456789")).Candles).Volume);

    [Fact]
    public void A_row_that_is_repeated_is_taken_once_and_of_rows_that_differ_the_later_one()
    {
        CandlePage page = Read(Flat(100, "1"), Flat(100, "1.0"), Flat(101, "2"), Flat(101, "3"), Flat(101, "2"), Flat(102, "4"));

        Assert.Equal([(100, 1m), (101, 2m), (102, 4m)], page.Candles.Select(c => (c.Slot, c.Close)));
        Assert.Equal([("time.repeated", Flat(101, "3"))], page.Quarantined.Select(q => (q.Code, q.Row)));
    }

    [Fact]
    public void Of_two_states_of_a_candle_the_one_of_more_volume_is_the_final_one_whichever_comes_first()
    {
        string early = Row(101, "2", "2", "2", "2", volume: "7"), final = Row(101, "2", "3", "2", "3", volume: "8");
        foreach (string[] rows in new[] { new[] { early, final }, [final, early] })
        {
            CandlePage page = Read([Flat(100, "1"), .. rows]);
            Assert.Equal(3m, page.Candles[^1].Close);
            Assert.Equal(early, Assert.Single(page.Quarantined).Row);
        }
    }

    [Fact]
    public void Rows_outside_the_range_belong_to_other_pages_good_or_bad()
    {
        CandlePage page = Read(Flat(99, "1"), Row(99, "1", "1", "1", "0"), Flat(100, "2"), Flat(110, "3"), Row(110, "1", "1", "1", "x", plusMs: 7));

        Assert.Equal(100, Assert.Single(page.Candles).Slot);
        Assert.Empty(page.Quarantined);
    }

    [Fact]
    public void The_order_of_rows_does_not_matter()
    {
        Gen.Shuffle(Enumerable.Range(95, 20).ToArray()).Sample(order =>
        {
            CandlePage page = Read([.. order.Select(s => Flat(s, $"{s}.5"))]);
            Assert.Equal(Enumerable.Range(100, 10), page.Candles.Select(c => c.Slot));
        }, iter: 50);
    }

    [Fact]
    public void Full_pages_of_first_rows_cover_no_more_than_they_show()
    {
        SlotRange years = new(0, 1_000_000);
        string[] full = [.. Enumerable.Range(5_000, 1_000).Select(s => Flat(s, "1"))];

        // Nothing before slot 5,000: before the listing, or a gap; nothing is known behind 5,999 yet.
        Assert.Equal(new(0, 6_000), new BinanceDialect().Candles(Body(full), years).Covered);
        Assert.Equal(years, new BinanceDialect().Candles(Body(full[..999]), years).Covered);
        Assert.Throws<JsonException>(() => new BinanceDialect().Candles(Body(full), new(7_000, 8_000)));
    }

    [Fact]
    public void A_round_number_of_rows_counts_as_cut_off()
    {
        // Should the limit of 1,000 rows become one of 500 some day, no slot behind them may pass for one without a rate.
        string[] rows = [.. Enumerable.Range(0, 501).Select(i => Flat(5_000 + i, "1"))];
        SlotRange asked = new(4_900, 5_900);

        Assert.Equal(new(4_900, 5_500), new BinanceDialect().Candles(Body(rows[..500]), asked).Covered);
        Assert.Equal(asked, new BinanceDialect().Candles(Body(rows), asked).Covered);

        // Where the newest rows come, it is the oldest that would be missing.
        byte[] Newest(int count) => Encoding.UTF8.GetBytes($$"""{"retCode":0,"result":{"list":[{{string.Join(',', rows[..count])}}]} }""");
        Assert.Equal(new(5_000, 5_900), new BybitDialect().Candles(Newest(500), asked).Covered);
        Assert.Equal(asked, new BybitDialect().Candles(Newest(501), asked).Covered);
    }

    [Fact]
    public void A_body_cut_off_anywhere_is_no_page()
    {
        byte[] whole = Body(Flat(100, "1.25"), Flat(101, "12.5"));
        Assert.Equal(2, new BinanceDialect().Candles(whole, Asked).Candles.Count);
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.ThrowsAny<JsonException>(() => new BinanceDialect().Candles(whole.AsMemory(0, length), Asked));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[[1,2")]
    [InlineData("<html></html>")]
    public void A_body_that_is_no_array_is_no_page(string body) =>
        Assert.ThrowsAny<JsonException>(() => new BinanceDialect().Candles(Encoding.UTF8.GetBytes(body), Asked));
}

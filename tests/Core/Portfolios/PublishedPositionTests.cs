using System.Globalization;

namespace Pnl.Tests.Core.Portfolios;

/// <summary>
/// Examples that others publish, in our words, with their numbers. Where another convention makes another number, it is
/// named.
/// </summary>
public sealed class PublishedPositionTests
{
    // nautilus_trader, tests/unit_tests/model/test_position.py and crates/model/src/position.rs (commit a95c804). It keeps an
    // average price, and its realised PnL is net of commissions and of one open-to-flat cycle; ours is gross of the whole
    // ledger, fees beside it. Numbers of cents and smaller are binary floating point there; compared to the digits it shows.

    /// <summary>
    /// test_pnl_calculation_from_trading_technologies_example, after Trading Technologies, "Understanding P/L calculations".
    /// The fees are 0.01 % of the consideration.
    /// </summary>
    [Fact]
    public void Trading_technologies_average_price()
    {
        (string Trade, decimal Quantity, string Average, string Net)[] steps =
        [
            ("2021-01-01T01:00Z buy 12 eth @ 100 usdt fee 0.12 usdt", 12, "100", "-0.12"),
            ("2021-01-01T02:00Z buy 17 eth @ 99 usdt fee 0.1683 usdt", 29, "99.41379310344827", "-0.2883"),
            ("2021-01-01T03:00Z sell 9 eth @ 101 usdt fee 0.0909 usdt", 20, "99.41379310344827", "13.89666207"),
            ("2021-01-01T04:00Z sell 4 eth @ 105 usdt fee 0.042 usdt", 16, "99.41379310344827", "36.19948966"),
            ("2021-01-01T05:00Z buy 3 eth @ 103 usdt fee 0.0309 usdt", 19, "99.98003629764065", "36.16858966"),
        ];
        for (int i = 0; i < steps.Length; i++)
        {
            Position eth = Position(string.Join('\n', steps[..(i + 1)].Select(step => step.Trade)), "eth", CostBasis.Avco, "usdt");

            Assert.Equal(steps[i].Quantity, eth.Quantity);
            Shows(steps[i].Net, eth.Realised - eth.Fees);
            Shows(steps[i].Average, eth.Lots.Single().UnitCost);
        }
    }

    /// <summary>test_position_realized_pnl_with_interleaved_order_sides; fees of 0.1 %.</summary>
    [Fact]
    public void Buys_and_sells_in_turn()
    {
        Position btc = Position(
            """
            2021-01-01T01:00Z buy 12 btc @ 10000 usdt fee 120 usdt
            2021-01-01T02:00Z buy 17 btc @ 9999 usdt fee 169.983 usdt
            2021-01-01T03:00Z sell 9 btc @ 10001 usdt fee 90.009 usdt
            2021-01-01T04:00Z buy 3 btc @ 10003 usdt fee 30.009 usdt
            2021-01-01T05:00Z sell 4 btc @ 10005 usdt fee 40.02 usdt
            """, "btc", CostBasis.Avco, "usdt");

        Assert.Equal(19m, btc.Quantity);
        Shows("-415.27137481", btc.Realised - btc.Fees);
        Shows("9999.88155922039", btc.Lots.Single().UnitCost);
    }

    /// <summary>
    /// test_position_flip_long_to_short_pnl_tracking: the sale that crosses zero closes the long and opens a short. There it
    /// is two fills, each charged for the whole order (2.25): 16.25 and -8.00 net.
    /// </summary>
    [Theory]
    [InlineData(CostBasis.Fifo)]
    [InlineData(CostBasis.Avco)]
    public void A_flip_from_long_to_short(CostBasis basis)
    {
        const string Flip =
            """
            2021-01-01T01:00Z buy 100000 aud @ 0.75000 usd fee 1.50 usd
            2021-01-01T02:00Z sell 150000 aud @ 0.75020 usd fee 2.25 usd
            """;
        Position flipped = Position(Flip, "aud", basis);
        Assert.Equal(-50_000m, flipped.Quantity);
        Assert.Equal((0.7502m, -37_510m), (flipped.Lots.Single().UnitCost, flipped.Lots.Single().Cost));
        Assert.Equal(20m, flipped.Realised);
        Assert.Equal(16.25m, flipped.Realised - flipped.Fees);

        Position closed = Position(Flip + "\n2021-01-01T03:00Z buy 50000 aud @ 0.75030 usd fee 0.75 usd", "aud", basis);
        Assert.Equal(0m, closed.Quantity);
        Assert.Equal(20m - 5m, closed.Realised);

        // Their two fills are charged 2.25 each; ours is one entry, charged once.
        Assert.Equal(16.25m - 8.00m + 2.25m, closed.Realised - closed.Fees);
    }

    /// <summary>test_fold_net_position_*: quantity and price of what is left.</summary>
    [Theory]
    [InlineData("buy 300 @ 0.80, sell 100 @ 1.00", "200", "0.8")] // partial_close_preserves_avg
    [InlineData("buy 100 @ 1.0, sell 100 @ 2.0", "0", null)] // full_close
    [InlineData("buy 100 @ 1.00, sell 50 @ 2.00, sell 100 @ 3.00", "-50", "3")] // single_flip_uses_flipping_price
    [InlineData("buy 50 @ 1.00, sell 100 @ 2.00, buy 100 @ 3.00", "50", "3")] // double_flip
    [InlineData("buy 100 @ 1.00, sell 100 @ 1.50, buy 50 @ 3.00", "50", "3")] // close_then_reopen: the average is reset when flat
    [InlineData("buy 100 @ 1.0, buy 200 @ 0.5", "300", "0.6666666666666666666666666667")] // same_side_weighted_average
    public void A_net_position_and_its_average(string trades, string quantity, string? average)
    {
        string ledger = string.Join('\n', trades.Split(", ").Select((trade, i) => trade.Split(' ') is [string kind, string units, _, string price]
            ? $"2021-01-01T0{i}:00Z {kind} {units} xyz @ {price} usd" : ""));

        Position xyz = Position(ledger, "xyz", CostBasis.Avco);

        Assert.Equal(quantity, xyz.Quantity.ToString());
        Assert.Equal(average, xyz.Lots.SingleOrDefault()?.UnitCost.ToString());
    }

    /// <summary>
    /// test_position_multiple_cycles_pnl_tracking: 7.20, -11.70 and 10.40 net, a cycle each. Ours is the ledger's: their sum.
    /// </summary>
    [Fact]
    public void Cycles_add_up()
    {
        Position aud = Position(
            """
            2021-01-01T01:00Z buy 100000 aud @ 0.70000 usd fee 1.40 usd
            2021-01-01T02:00Z sell 100000 aud @ 0.70010 usd fee 1.40 usd
            2021-01-01T03:00Z buy 150000 aud @ 0.70020 usd fee 2.10 usd
            2021-01-01T04:00Z sell 150000 aud @ 0.70015 usd fee 2.10 usd
            2021-01-01T05:00Z sell 200000 aud @ 0.70025 usd fee 2.80 usd
            2021-01-01T06:00Z buy 200000 aud @ 0.70017 usd fee 2.80 usd
            """, "aud", CostBasis.Fifo);

        Assert.Equal(7.20m - 11.70m + 10.40m, aud.Realised - aud.Fees);
    }

    /// <summary>
    /// test_position_base_currency_commission_on_close_creates_short and test_position_sell_base_currency_commission_reduces_short:
    /// a fee in the traded token changes the quantity. There it has no value in the PnL; with us it is a fee at the trade's price.
    /// </summary>
    [Fact]
    public void A_fee_in_the_traded_token_changes_the_quantity()
    {
        Position bought = Position("2021-01-01T01:00Z buy 1 btc @ 50000 usdt fee 0.001 btc", "btc", CostBasis.Fifo, "usdt");
        Assert.Equal((0.999m, 49_950m, 50m, 0m), (bought.Quantity, bought.Cost, bought.Fees, bought.Realised));

        Position sold = Position("2021-01-01T01:00Z sell 1 btc @ 50000 usdt fee 0.001 btc", "btc", CostBasis.Fifo, "usdt");
        Assert.Equal(-1.001m, sold.Quantity);

        Position closed = Position(
            """
            2021-01-01T01:00Z buy 1 btc @ 50000 usdt fee 0.001 btc
            2021-01-01T02:00Z sell 0.999 btc @ 50100 usdt fee 0.000999 btc
            """, "btc", CostBasis.Fifo, "usdt");
        Assert.Equal((-0.000999m, 99.9m), (closed.Quantity, closed.Realised));
    }

    /// <summary>
    /// test_position_commissions_multi_currency_insertion_order: fees of 1.5 USD, 2 USDT and 0.0001 BTC on one position. There
    /// they stay three sums; with us each is converted at its own time, here at 1 and at 30,000.
    /// </summary>
    [Fact]
    public void Fees_in_three_currencies()
    {
        RateTable rates = new RateTable().With("btc", "usd", "2020-12-31", 30_000m).With("usdt", "usd", "2020-12-31", 1m)
            .With("btc", "usd", "2021-02-01", 60_000m);
        Portfolio portfolio = LedgerText.Portfolio(
            """
            2021-01-01T01:00Z buy 100000 aud @ 1.00001 usd fee 1.0 usd
            2021-01-01T02:00Z buy 100000 aud @ 1.00001 usd fee 2.0 usdt
            2021-01-01T03:00Z buy 100000 aud @ 1.00001 usd fee 0.5 usd
            2021-01-01T04:00Z buy 100000 aud @ 1.00001 usd fee 0.0001 btc
            """, new("usd", CostBasis.Avco, true, false), rates);

        Position aud = portfolio.Book.Position("aud")!;
        Assert.Equal(1.5m + 2m + 3m, aud.Fees);
        Assert.Equal(400_000m, aud.Quantity);
        Assert.Equal(aud.Fees, aud.FeesFromOutside); // neither usdt nor btc is held
    }

    /// <summary>test_calculate_pnl_for_long_position_win and _short_: unrealised and total at a last price.</summary>
    [Theory]
    [InlineData("buy 12 btc @ 10500 usdt fee 126 usdt", "10510", "120", "-6")]
    [InlineData("buy 12 btc @ 10500 usdt fee 126 usdt", "10480.5", "-234", "-360")]
    public void Unrealised_at_a_last_price(string trade, string last, string unrealised, string total)
    {
        RateTable rates = new RateTable().With("btc", "usdt", "2021-01-02", Number(last));
        PortfolioPnl pnl = PortfolioPnl.Of(
            LedgerText.Portfolio("2021-01-01 " + trade, new("usdt", CostBasis.Fifo, true, false), rates).Book, rates.Cross, BarTime.LastClosedSlot(RateTable.At("2021-01-02")));

        Assert.Equal((Number(unrealised), Number(total)), (pnl.Unrealised, pnl.Total));
    }

    // QuantConnect Lean, Tests/Common/Statistics/TradeBuilderTests.cs (commit 2486390), FillToFill, FIFO and LIFO. 1,000 shares a
    // trade with a fee of 1; its ProfitLoss is gross, as ours. A fee is with the first trade that closes; ours is with the token.

    private const string ScaleInAllOut =
        """
        2021-01-01T01:00Z buy 1000 spy @ 1.08 usd fee 1 usd
        2021-01-01T01:10Z buy 1000 spy @ 1.07 usd fee 1 usd
        2021-01-01T01:20Z sell 2000 spy @ 1.09 usd fee 1 usd
        """;

    private const string ScaleInAllOutWithSplit =
        """
        2021-01-01T01:00Z buy 1000 spy @ 1.08 usd fee 1 usd
        2021-01-01T01:10Z buy 1000 spy @ 1.07 usd fee 1 usd
        2021-01-01T01:15Z redenomination 2 spy
        2021-01-01T01:20Z sell 4000 spy @ 0.545 usd fee 1 usd
        """;

    private const string ReversalLongToShort =
        """
        2021-01-01T01:00Z buy 1000 spy @ 1.07 usd fee 1 usd
        2021-01-01T01:10Z sell 2000 spy @ 1.08 usd fee 1 usd
        2021-01-01T01:20Z buy 1000 spy @ 1.09 usd fee 1 usd
        """;

    private const string ScaleInScaleOut =
        """
        2021-01-01T01:00Z buy 1000 spy @ 1.07 usd fee 1 usd
        2021-01-01T01:10Z buy 1000 spy @ 1.08 usd fee 1 usd
        2021-01-01T01:20Z sell 1000 spy @ 1.09 usd fee 1 usd
        2021-01-01T01:30Z buy 1000 spy @ 1.08 usd fee 1 usd
        2021-01-01T01:40Z sell 2000 spy @ 1.09 usd fee 1 usd
        """;

    [Theory]
    [InlineData(ScaleInAllOut, CostBasis.Fifo, new[] { 10, 20 })]
    [InlineData(ScaleInAllOut, CostBasis.Lifo, new[] { 20, 10 })]
    [InlineData(ScaleInAllOutWithSplit, CostBasis.Fifo, new[] { 10, 20 })]
    [InlineData(ScaleInAllOutWithSplit, CostBasis.Lifo, new[] { 20, 10 })]
    [InlineData(ReversalLongToShort, CostBasis.Fifo, new[] { 10, -10 })]
    [InlineData(ReversalLongToShort, CostBasis.Lifo, new[] { 10, -10 })]
    [InlineData(ScaleInScaleOut, CostBasis.Fifo, new[] { 20, 10, 10 })]
    [InlineData(ScaleInScaleOut, CostBasis.Lifo, new[] { 10, 10, 20 })]
    public void Lean_trades(string ledger, CostBasis basis, int[] gains)
    {
        Portfolio portfolio = LedgerText.Portfolio(ledger, new("usd", basis, true, false), new());

        Assert.Equal(gains.Select(gain => (Amount)gain), portfolio.ClosedLots()["spy"].Select(lot => lot.Gain));
        Position spy = portfolio.Book.Position("spy")!;
        Assert.Equal((0m, gains.Sum(), ledger.Split("fee").Length - 1), (spy.Quantity, spy.Realised, spy.Fees));
    }

    // hledger, hledger/test/journal/lots-methods.test (commit 2b28a75), numbers 1, 4, 10, 12 and 14. Its gains stand with the
    // other sign (revenue). Its average keeps the lots' dates and reduces them oldest first; ours is one lot.

    private const string Rising = "2026-01-15 buy 10 aapl @ 50 usd\n2026-02-01 buy 10 aapl @ 50 usd\n2026-03-01 sell 15 aapl @ 55 usd";

    [Theory]
    [InlineData(Rising, CostBasis.Lifo, "75", "2026-01-15 5 @ 50")]
    [InlineData(Rising, CostBasis.Fifo, "75", "2026-02-01 5 @ 50")]
    [InlineData(
        "2026-01-15 buy 10 aapl @ 40 usd\n2026-02-01 buy 10 aapl @ 60 usd\n2026-03-01 buy 10 aapl @ 50 usd\n2026-04-01 sell 15 aapl @ 65 usd",
        CostBasis.Hifo, "125", "2026-03-01 5 @ 50, 2026-01-15 10 @ 40")]
    [InlineData("2026-01-15 buy 10 aapl @ 40 usd\n2026-02-01 buy 10 aapl @ 60 usd\n2026-03-01 sell 5 aapl @ 55 usd", CostBasis.Avco, "25", "2026-01-15 15 @ 50")]
    [InlineData("2026-01-15 buy 10 aapl @ 30 usd\n2026-02-01 buy 20 aapl @ 60 usd\n2026-03-01 sell 3 aapl @ 55 usd", CostBasis.Avco, "15", "2026-01-15 27 @ 50")]
    public void Hledger_lots(string ledger, CostBasis basis, string gain, string left)
    {
        Position aapl = Position(ledger, "aapl", basis);

        Assert.Equal(gain, aapl.Realised.ToString());
        Assert.Equal(left, string.Join(", ", aapl.Lots.Select(lot => $"{lot.Opened:yyyy-MM-dd} {lot.Quantity} @ {lot.UnitCost}")));
    }

    private static Position Position(string ledger, string token, CostBasis basis, string currency = "usd") =>
        LedgerText.Portfolio(ledger, new(currency, basis, true, false), new()).Book.Position(token)!;

    /// <summary>Equal in the digits that the source shows.</summary>
    private static void Shows(string expected, Amount actual) =>
        Assert.InRange(actual.ToDecimal() - Number(expected), -LastDigit(expected), LastDigit(expected));

    private static decimal LastDigit(string text) =>
        (decimal)Math.Pow(10, text.Contains('.', StringComparison.Ordinal) ? text.IndexOf('.', StringComparison.Ordinal) + 1 - text.Length : 0);

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}

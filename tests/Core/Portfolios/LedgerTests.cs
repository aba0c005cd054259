using System.Globalization;
using CsCheck;

namespace Pnl.Tests.Core.Portfolios;

/// <summary>What entries do, one rule at a time.</summary>
public sealed class LedgerTests
{
    private static readonly PortfolioTerms Plain = new("usd", CostBasis.Fifo, AllowShorts: false, TrackCash: false);

    private static readonly PortfolioTerms Cash = Plain with { TrackCash = true };

    private static readonly DateTimeOffset Now = RateTable.At("2026-01-01");

    [Fact]
    public void What_was_sent_before_changes_nothing_and_other_content_is_a_conflict()
    {
        RateTable none = new();
        LedgerEntry entry = LedgerText.Entry("2021-01-01 buy 1 btc @ 30000 usd fee 1 usd", "a");
        Portfolio portfolio = Portfolio.Empty(Plain).Post([entry], none.Cross).After;

        PortfolioChange again = portfolio.Post([entry with { Quantity = 1.000m, Price = 30_000.0m }, entry], none.Cross);
        Assert.Equal((0, (EntryDefect?)null), (again.Entries, again.Refused));
        Assert.Same(portfolio, again.After);

        foreach (LedgerEntry other in (LedgerEntry[])[
            entry with { Quantity = 2m }, entry with { Time = Now }, entry with { Price = 1m }, entry with { Note = "x" }, entry with { Token = "eth" },
            entry with { Kind = EntryKind.Sell }, entry with { Currency = "eur" }, entry with { Fees = [] }, entry with { Fees = [new(2m, "usd")] }])
        {
            PortfolioChange conflict = portfolio.Post([other], none.Cross);
            Assert.Equal(("a", EntryCodes.IdConflict, "id"), (conflict.Refused!.EntryId, conflict.Refused.Code, conflict.Refused.Field));
            Assert.Same(portfolio, conflict.After);
        }

        Assert.Equal(EntryCodes.IdDuplicate, Portfolio.Empty(Plain).Post([entry, entry with { Quantity = 2m }], none.Cross).Refused!.Code);
        Assert.Equal(1, Portfolio.Empty(Plain).Post([entry, entry], none.Cross).Entries);
    }

    [Fact]
    public void Selling_more_than_is_held_is_refused_with_what_is_held_and_nothing_of_the_batch_is_taken()
    {
        RateTable none = new();
        Portfolio portfolio = LedgerText.Portfolio("2021-01-01 buy 1.5 btc @ 30000 usd", Plain, none);

        PortfolioChange change = portfolio.Post(
            [LedgerText.Entry("2021-01-02 sell 1 btc @ 30000 usd", "first"), LedgerText.Entry("2021-01-03 sell 1 btc @ 30000 usd", "second")], none.Cross);

        Assert.Same(portfolio, change.After);
        Assert.Equal(("second", EntryCodes.NotHeld, "quantity"), (change.Refused!.EntryId, change.Refused.Code, change.Refused.Field));
        Assert.Equal(0.5m, change.Refused.Held);
        Assert.Contains("0.5 held at 2021-01-03T00:00:00", change.Refused.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2021-01-03 withdrawal 2 btc", "quantity")]
    [InlineData("2021-01-03 fee 2 btc", "quantity")]
    [InlineData("2021-01-03 sell 1 btc @ 30000 usd fee 0.1 btc", "fees[0].amount")]
    [InlineData("2021-01-03 sell 0.5 btc @ 30000 usd fee 1 usd fee 2 eth", "fees[1].amount")]
    public void Whatever_gives_away_more_than_is_held_is_refused(string line, string field)
    {
        RateTable rates = new RateTable().With("eth", "usd", "2021-01-01", 1_000m).With("btc", "usd", "2021-01-01", 30_000m);
        Portfolio portfolio = LedgerText.Portfolio("2021-01-01 buy 1 btc @ 30000 usd\n2021-01-01 buy 1 eth @ 1000 usd", Plain, rates);

        Assert.Equal((EntryCodes.NotHeld, field), portfolio.Post([LedgerText.Entry(line, "x")], rates.Cross).Refused is { } refused ? (refused.Code, refused.Field) : default);
    }

    [Fact]
    public void With_tracked_cash_more_than_there_is_cannot_be_paid()
    {
        RateTable none = new();
        Portfolio portfolio = LedgerText.Portfolio("2021-01-01 deposit 100 usd", Cash, none);

        EntryDefect refused = portfolio.Post([LedgerText.Entry("2021-01-02 buy 2 btc @ 60 usd", "x")], none.Cross).Refused!;

        Assert.Equal((EntryCodes.NotHeld, "price"), (refused.Code, refused.Field));
        Assert.Equal(100m, refused.Held);
    }

    [Fact]
    public void A_change_in_the_past_that_uncovers_a_later_sale_is_refused_and_names_it()
    {
        RateTable none = new();
        Portfolio portfolio = LedgerText.Portfolio("2021-01-01 buy 1 btc @ 1 usd\n2021-01-02 buy 1 btc @ 2 usd\n2021-01-03 sell 2 btc @ 3 usd", Plain, none);

        Assert.Equal(("3", EntryCodes.NotHeld), portfolio.Delete("1").Refused is { } deleted ? (deleted.EntryId, deleted.Code) : default);
        LedgerEntry early = LedgerText.Entry("2021-01-01T12:00Z sell 1 btc @ 3 usd", "4");
        Assert.Equal(("3", 1m), portfolio.Post([early], none.Cross).Refused is { } inserted ? (inserted.EntryId, inserted.Held!.Value) : default);
        LedgerEntry less = LedgerText.Entry("2021-01-02 buy 0.25 btc @ 2 usd", "2");
        Assert.Equal(("3", 1.25m), portfolio.Correct(less, none.Cross).Refused is { } corrected ? (corrected.EntryId, corrected.Held!.Value) : default);
        Assert.Equal(EntryCodes.IdUnknown, portfolio.Delete("9").Refused!.Code);
        Assert.Equal(EntryCodes.IdUnknown, portfolio.Correct(less with { Id = "9" }, none.Cross).Refused!.Code);
    }

    [Fact]
    public void At_one_time_what_comes_in_is_there_before_what_goes_out()
    {
        Portfolio portfolio = LedgerText.Portfolio("2021-01-01 sell 1 btc @ 3 usd\n2021-01-01 buy 1 btc @ 1 usd", Plain, new());

        Assert.Equal(2m, portfolio.Book.Position("btc")!.Realised);
    }

    [Fact]
    public void A_purchase_comes_from_outside_and_proceeds_go_there()
    {
        PortfolioPnl pnl = Pnl("2021-01-01 buy 2 btc @ 100 usd fee 1 usd\n2021-01-02 sell 1 btc @ 150 usd fee 2 usd", Plain, new RateTable().With("btc", "usd", "2021-01-01", 160m));

        Assert.Equal((200m, 150m, 3m, 3m), (pnl.Contributions, pnl.Distributions, pnl.Fees, pnl.FeesFromOutside));
        Assert.Equal((160m, 100m, 50m, 60m, 107m), (pnl.MarketValue, pnl.CostBasis, pnl.Realised, pnl.Unrealised, pnl.Total));
        Assert.Equal(107.0 / 200, pnl.ReturnOnContributions!.Value, 1e-15);
    }

    [Fact]
    public void With_tracked_cash_only_transfers_cross_the_boundary()
    {
        PortfolioPnl pnl = Pnl(
            "2021-01-01 deposit 1000 usd\n2021-01-02 buy 2 btc @ 100 usd fee 1 usd\n2021-01-03 sell 1 btc @ 150 usd fee 2 usd\n2021-01-04 withdrawal 47 usd",
            Cash, new RateTable().With("btc", "usd", "2021-01-01", 160m));

        Assert.Equal((1000m, 47m, 3m, 0m), (pnl.Contributions, pnl.Distributions, pnl.Fees, pnl.FeesFromOutside));
        Assert.Equal((900m + 160m, 107m), (pnl.MarketValue, pnl.Total));
        Assert.Equal(900m, pnl.Positions.Single(position => position.Token == "usd").Quantity);
    }

    [Fact]
    public void Crypto_for_crypto_disposes_of_one_and_acquires_the_other_at_the_same_value()
    {
        RateTable rates = new RateTable().With("btc", "usd", "2021-01-01", 30_000m).With("btc", "usd", "2021-06-01", 40_000m).With("eth", "usd", "2021-06-01", 2_900m);
        Portfolio portfolio = LedgerText.Portfolio("2021-01-02 deposit 1 btc\n2021-06-02 buy 10 eth @ 0.07 btc", Cash, rates);

        (Position btc, Position eth) = (portfolio.Book.Position("btc")!, portfolio.Book.Position("eth")!);
        Assert.Equal((0.3m, 9_000m, 7_000m), (btc.Quantity, btc.Cost, btc.Realised)); // 0.7 of 10,000 gained
        Assert.Equal((10m, 28_000m, 28_000m, 28_000m), (eth.Quantity, eth.Cost, eth.MovedIn, btc.MovedOut)); // not at its own rate
    }

    [Fact]
    public void A_fee_in_a_third_token_disposes_of_it_at_its_rate()
    {
        RateTable rates = new RateTable().With("bnb", "usd", "2021-01-01", 40m).With("bnb", "usd", "2021-06-01", 300m);
        Portfolio portfolio = LedgerText.Portfolio("2021-01-02 buy 10 bnb @ 40 usd\n2021-06-02 buy 1 btc @ 36000 usd fee 0.5 bnb", Plain, rates);

        (Position bnb, Position btc) = (portfolio.Book.Position("bnb")!, portfolio.Book.Position("btc")!);
        Assert.Equal((9.5m, 380m, 130m, 0m), (bnb.Quantity, bnb.Cost, bnb.Realised, bnb.Fees)); // worth 150, had cost 20
        Assert.Equal((36_000m, 150m, 0m), (btc.Cost, btc.Fees, btc.FeesFromOutside));
    }

    [Fact]
    public void A_rebate_is_a_fee_below_zero()
    {
        Position btc = LedgerText.Portfolio("2021-01-02 buy 1 btc @ 100 usd fee -0.25 usd\n2021-01-03 buy 1 btc @ 100 usd fee -0.01 btc", Plain, new()).Book.Position("btc")!;

        Assert.Equal((2.01m, 201m, -1.25m, -0.25m), (btc.Quantity, btc.Cost, btc.Fees, btc.FeesFromOutside));
    }

    [Fact]
    public void Transfers_come_in_at_market_or_at_their_cost_basis_and_go_out_at_market()
    {
        RateTable rates = new RateTable().With("btc", "usd", "2021-01-01", 30_000m).With("btc", "usd", "2021-02-01", 50_000m);
        Portfolio portfolio = LedgerText.Portfolio("2021-01-02 deposit 1 btc\n2021-01-03 deposit 1 btc @ 9000 usd\n2021-02-02 withdrawal 1.5 btc", Plain, rates);

        Position btc = portfolio.Book.Position("btc")!;
        Assert.Equal((39_000m, 75_000m), (btc.Contributions, btc.Distributions));
        Assert.Equal((0.5m, 4_500m, 75_000m - 34_500m), (btc.Quantity, btc.Cost, btc.Realised));
    }

    [Fact]
    public void Income_is_acquired_at_market_and_is_no_contribution()
    {
        RateTable rates = new RateTable().With("eth", "usd", "2021-01-01", 1_000m).With("eth", "usd", "2021-02-01", 1_500m);
        PortfolioPnl pnl = Pnl("2021-01-02 income 0.5 eth\n2021-02-02 income 0.1 eth @ 1400 usd", Plain, rates);

        Assert.Equal((500m + 140m, 0m, 640m, 900m - 640m, 900m), (pnl.Income, pnl.Contributions, pnl.CostBasis, pnl.Unrealised, pnl.Total));
        Assert.Null(pnl.ReturnOnContributions);
    }

    [Fact]
    public void A_fee_by_itself_disposes_of_what_is_held_and_is_paid_by_others_where_nothing_is()
    {
        RateTable rates = new RateTable().With("eth", "usd", "2021-01-01", 1_000m).With("eth", "usd", "2021-02-01", 1_500m);
        Portfolio portfolio = LedgerText.Portfolio("2021-01-02 deposit 2 eth\n2021-02-02 fee 0.01 eth\n2021-02-03 fee 5 usd", Plain, rates);

        (Position eth, Position usd) = (portfolio.Book.Position("eth")!, portfolio.Book.Position("usd")!);
        Assert.Equal((1.99m, 1_990m, 5m, 15m, 0m), (eth.Quantity, eth.Cost, eth.Realised, eth.Fees, eth.FeesFromOutside));
        Assert.Equal((0m, 5m, 5m), (usd.Quantity, usd.Fees, usd.FeesFromOutside));
    }

    [Fact]
    public void A_redenomination_changes_units_and_neither_cost_nor_order()
    {
        Portfolio portfolio = LedgerText.Portfolio(
            "2021-01-01 buy 3 old @ 10 usd\n2021-01-02 buy 1 old @ 20 usd\n2021-01-03 redenomination 0.003 old\n2021-01-04 sell 0.006 old @ 7000 usd", Plain, new());

        Position old = portfolio.Book.Position("old")!;
        Assert.Equal((0.006m, 30m, 22m), (old.Quantity, old.Cost, old.Realised));
        Assert.Equal(["0.003", "0.003"], old.Lots.Select(lot => lot.Quantity.ToString()));

        // A third of a unit has no decimal: the last part of the lot takes what is left of its cost, which was 1.
        Position thirds = LedgerText.Portfolio(
            "2021-01-01 buy 1 old @ 1 usd\n2021-01-02 redenomination 3 old\n2021-01-03 sell 1 old @ 1 usd\n2021-01-04 sell 1 old @ 1 usd\n2021-01-05 sell 1 old @ 1 usd", Plain, new()).Book.Position("old")!;
        Assert.Equal((0m, 0m, 2m), (thirds.Quantity, thirds.Cost, thirds.Realised));
    }

    [Fact]
    public void A_position_that_is_redenominated_every_day_stays_one_that_can_be_sold()
    {
        string[] days = [.. Enumerable.Range(2, 29).Select(day => $"2021-01-{day:00} redenomination 1.000123456789012345678901234 old")];
        string[] ledger = ["2021-01-01 buy 1.5 old @ 10 usd", "2021-01-01T12:00Z buy 0.000000001 old @ 12 usd", .. days];

        Position held = LedgerText.Portfolio(string.Join('\n', ledger), Plain, new()).Book.Position("old")!;
        Assert.Equal(1.500000001 * Math.Pow(1.000123456789012345678901234, 29), held.Quantity.ToDouble(), 1e-12);
        Assert.True(held.Quantity.TryToDecimal(out decimal all));

        Position sold = LedgerText.Portfolio(string.Join('\n', [.. ledger, FormattableString.Invariant($"2021-02-01 sell {all} old @ 20 usd")]), Plain, new()).Book.Position("old")!;
        Assert.Equal((0m, 0m), (sold.Quantity, sold.Cost));
        Assert.Empty(sold.Lots);
    }

    [Theory]
    [InlineData("300", "0.3333333333333333333333333333", "100")] // three to one
    [InlineData("700", "0.1428571428571428571428571429", "100")]
    [InlineData("700", "0.1428571428571428571428571428", "100")] // cut off rather than rounded
    [InlineData("21", "0.6666666666666666666666666667", "14")]
    [InlineData("12.5", "3.3333333333333333333333333333", "41.66666666666666666666666667")]
    [InlineData("1", "0.3333333333", "0.3333333333")] // as it stands: so few digits may be meant
    [InlineData("3", "0.0000001", "0.0000003")]
    [InlineData("8", "1.0000000000000000000000000001", "8.000000000000000000000000001")]
    public void A_fraction_with_all_of_its_digits_is_that_fraction(string quantity, string newForOne, string left)
    {
        Position position = LedgerText.Portfolio($"2021-01-01 buy {quantity} old @ 10 usd\n2021-01-02 redenomination {newForOne} old", Plain, new()).Book.Position("old")!;

        Assert.Equal(left, position.Quantity.ToString());
        Assert.Equal(10 * decimal.Parse(quantity, CultureInfo.InvariantCulture), position.Cost);
    }

    [Fact]
    public void Every_ratio_of_whole_numbers_comes_back_from_its_decimal() =>
        Gen.Select(Gen.Int[1, Ratio.LargestTerm], Gen.OneOf(Gen.Int[1, 100], Gen.Int[1, Ratio.LargestTerm])).Sample((newUnits, oldUnits) =>
        {
            Ratio ratio = Ratio.Of(Ratio.Quantity(newUnits, oldUnits));
            Assert.Equal((Amount)newUnits * ratio.Old, (Amount)oldUnits * ratio.New);
        }, iter: Effort.Of(20_000));

    [Fact]
    public void A_split_and_its_reverse_leave_what_there_was()
    {
        Position position = LedgerText.Portfolio(
            "2021-01-01 buy 119 old @ 1 usd\n2021-01-02 buy 7 old @ 3 usd\n2021-01-03 redenomination 7 old\n2021-01-04 redenomination 0.1428571428571428571428571429 old", Plain, new()).Book.Position("old")!;

        Assert.Equal(["119", "7"], position.Lots.Select(lot => lot.Quantity.ToString()));
        Assert.Equal((126m, 140m), (position.Quantity, position.Cost));
    }

    [Theory]
    [InlineData(CostBasis.Fifo, "0.5 @ 2000, 0.498 @ 3000")]
    [InlineData(CostBasis.Lifo, "0.498 @ 3000, 0.5 @ 2000")]
    [InlineData(CostBasis.Hifo, "0.498 @ 3000, 0.5 @ 2000")]
    [InlineData(CostBasis.Avco, "0.998 @ 2498.997995991983967935871743")]
    public void A_fee_in_the_token_that_is_acquired_makes_its_lot_smaller_and_realises_nothing(CostBasis basis, string lots)
    {
        PositionBook book = LedgerText.Portfolio("2024-01-15 buy 0.5 eth @ 2000 usd\n2024-06-15 buy 0.5 eth @ 3000 usd fee 0.002 eth", Plain with { CostBasis = basis }, new()).Book;

        Position eth = book.Position("eth")!;
        Assert.Equal((0m, 6m, 2500m, 2494m), (eth.Realised, eth.Fees, eth.Contributions, eth.Cost));
        Assert.Equal(lots, string.Join(", ", eth.Lots.Select(lot => $"{lot.Quantity} @ {lot.UnitCost}")));
    }

    [Fact]
    public void A_fee_in_the_token_that_is_sold_is_part_of_what_is_sold()
    {
        List<ClosedLot> closed = [];
        Portfolio portfolio = LedgerText.Portfolio("2024-01-15 buy 1 eth @ 2000 usd\n2024-06-15 sell 0.75 eth @ 3000 usd fee 0.25 eth", Plain, new());

        Position eth = portfolio.Book.Position("eth")!;
        Assert.Equal((1000m, 750m, 2250m, 0m), (eth.Realised, eth.Fees, eth.Distributions, eth.Quantity));
        ClosedLot lot = Assert.Single(portfolio.ClosedLots()["eth"]);
        Assert.Equal((1m, 2000m, 3000m), (lot.Quantity, lot.Cost, lot.Proceeds));
    }

    [Fact]
    public void A_fee_that_is_more_than_what_it_is_paid_for_is_paid_from_what_was_held()
    {
        Portfolio before = LedgerText.Portfolio("2024-01-15 buy 1 eth @ 2000 usd", Plain, new());
        LedgerEntry reward = LedgerText.Read("2024-06-15 income 0.001 eth @ 3000 usd fee 0.003 eth").Single() with { Id = "reward" };

        Position eth = before.Post([reward], new RateTable().Cross).After.Book.Position("eth")!;
        Assert.Equal((0.998m, 3m, 9m, 2m), (eth.Quantity, eth.Income, eth.Fees, eth.Realised));

        PortfolioChange refused = Portfolio.Empty(Plain).Post([reward], new RateTable().Cross);
        Assert.Equal((EntryCodes.NotHeld, "fees[0].amount"), (refused.Refused!.Code, refused.Refused.Field));
    }

    [Theory]
    [InlineData(CostBasis.Fifo, "60", "2021-01-03 2 @ 120, 2021-01-05 2 @ 90")]
    [InlineData(CostBasis.Lifo, "60", "2021-01-03 1 @ 120, 2021-01-01 3 @ 100")]
    [InlineData(CostBasis.Hifo, "20", "2021-01-01 2 @ 100, 2021-01-05 2 @ 90")]
    [InlineData(CostBasis.Avco, "51.4285714285714285714285714", "2021-01-01 4 @ 102.8571428571428571428571429")]
    public void Lots_are_consumed_in_the_order_of_the_method(CostBasis basis, string realised, string left)
    {
        Position btc = LedgerText.Portfolio(
            "2021-01-01 buy 3 btc @ 100 usd\n2021-01-03 buy 2 btc @ 120 usd\n2021-01-05 buy 2 btc @ 90 usd\n2021-01-07 sell 3 btc @ 120 usd",
            Plain with { CostBasis = basis }, new()).Book.Position("btc")!;

        Assert.Equal(realised, btc.Realised.ToDecimal().ToString(CultureInfo.InvariantCulture));
        Assert.Equal(left, string.Join(", ", btc.Lots.Select(lot => $"{lot.Opened:yyyy-MM-dd} {lot.Quantity} @ {lot.UnitCost}")));
    }

    [Theory]
    [InlineData(CostBasis.Hifo, "1 2")]
    [InlineData(CostBasis.Fifo, "1 2")]
    [InlineData(CostBasis.Lifo, "3 2")]
    public void Of_lots_at_one_price_the_oldest_goes_first_unless_the_newest_is_asked_for(CostBasis basis, string order) =>
        Assert.Equal(order, string.Join(' ', LedgerText.Portfolio(
            "2021-01-01 buy 1 btc @ 100 usd\n2021-01-02 buy 1 btc @ 100.0 usd\n2021-01-03 buy 1 btc @ 100 usd\n2021-01-04 sell 2 btc @ 110 usd",
            Plain with { CostBasis = basis }, new()).ClosedLots()["btc"].Select(lot => lot.OpenedBy)));

    [Fact]
    public void Closed_lots_tell_where_they_came_from_and_what_they_gained()
    {
        IEnumerable<ClosedLot> lots = LedgerText.Portfolio(
            "2021-01-01 buy 3 btc @ 100 usd\n2021-01-11 buy 2 btc @ 120 usd\n2021-01-21 sell 6 btc @ 130 usd\n2021-01-31 buy 1 btc @ 125 usd",
            Plain with { AllowShorts = true }, new()).ClosedLots()["btc"];

        Assert.Equal(
            [("1", "3", 3m, 300m, 390m, 20), ("2", "3", 2m, 240m, 260m, 10), ("3", "4", -1m, -130m, -125m, 10)],
            lots.Select(lot => (lot.OpenedBy, lot.ClosedBy, lot.Quantity.ToDecimal(), lot.Cost.ToDecimal(), lot.Proceeds.ToDecimal(), lot.HoldingPeriod.Days)));
        Assert.Equal([90m, 20m, 5m], lots.Select(lot => lot.Gain.ToDecimal()));
    }

    public static TheoryData<string, string, LedgerEntry> BadEntries()
    {
        LedgerEntry good = LedgerText.Entry("2021-01-01 buy 1 btc @ 30000 usd", "a");
        return new()
        {
            { EntryCodes.IdInvalid, "id", good with { Id = "" } },
            { EntryCodes.IdInvalid, "id", good with { Id = "a b" } },
            { EntryCodes.IdInvalid, "id", good with { Id = new('a', 129) } },
            { EntryCodes.IdInvalid, "id", good with { Id = ".." } },
            { EntryCodes.IdInvalid, "id", good with { Id = "2021/%2E%2e/1" } },
            { EntryCodes.TimeOutOfRange, "time", good with { Time = DateTimeOffset.UnixEpoch.AddTicks(-1) } },
            { EntryCodes.TimeOutOfRange, "time", good with { Time = Now.AddTicks(1) } },
            { EntryCodes.KindUnknown, "kind", good with { Kind = (EntryKind)99 } },
            { EntryCodes.TokenInvalid, "token", good with { Token = "BTC" } },
            { EntryCodes.QuantityNotPositive, "quantity", good with { Quantity = 0m } },
            { EntryCodes.QuantityNotPositive, "quantity", good with { Quantity = -1m } },
            { EntryCodes.TooLarge, "quantity", good with { Quantity = 1e24m } },
            { EntryCodes.TooPrecise, "quantity", good with { Quantity = 1.2345678901234567890123456789m } },
            { EntryCodes.PriceMissing, "price", good with { Price = null } },
            { EntryCodes.PriceMissing, "price", good with { Kind = EntryKind.Income, Price = null } },
            { EntryCodes.PriceNegative, "price", good with { Price = -1m } },
            { EntryCodes.TooLarge, "price", good with { Price = 1e12m, Quantity = 1e12m } },
            { EntryCodes.CurrencyInvalid, "currency", good with { Currency = null } },
            { EntryCodes.CurrencyInvalid, "currency", good with { Currency = "US Dollar" } },
            { EntryCodes.CurrencyIsToken, "currency", good with { Currency = "btc" } },
            { EntryCodes.NotApplicable, "price", good with { Kind = EntryKind.Redenomination } },
            { EntryCodes.NotApplicable, "currency", good with { Kind = EntryKind.Redenomination, Price = null } },
            { EntryCodes.NotApplicable, "fees", good with { Kind = EntryKind.Redenomination, Price = null, Currency = null, Fees = [new(1m, "usd")] } },
            { EntryCodes.FeeZero, "fees[1].amount", good with { Fees = [new(1m, "usd"), new(0m, "usd")] } },
            { EntryCodes.TooLarge, "fees[0].amount", good with { Fees = [new(-1e24m, "usd")] } },
            { EntryCodes.CurrencyInvalid, "fees[0].currency", good with { Fees = [new(1m, "")] } },
            { EntryCodes.FeesTooMany, "fees", good with { Fees = [.. Enumerable.Repeat(new TradeFee(1m, "usd"), 17)] } },
            { EntryCodes.NoteTooLong, "note", good with { Note = new('n', 1025) } },
        };
    }

    [Theory]
    [MemberData(nameof(BadEntries), DisableDiscoveryEnumeration = true)]
    public void What_cannot_be_computed_with_is_refused_by_code_and_field(string code, string field, LedgerEntry entry)
    {
        EntryDefect defect = EntryCheck.Check(entry, Now)!;

        Assert.Equal((code, field), (defect.Code, defect.Field));
        Assert.NotEmpty(defect.Detail);
    }

    [Theory]
    [InlineData("2021-01-01 buy 1 btc @ 0 usd")]
    [InlineData("2021-01-01 deposit 1 btc")]
    [InlineData("2021-01-01 withdrawal 0.000000000000000001 btc")]
    [InlineData("2021-01-01 redenomination 1000 btc")]
    [InlineData("2021-01-01 sell 5 btc @ 0.000000000000000001 eth fee -1 bnb")]
    public void What_can_be_is_taken(string line) => Assert.Null(EntryCheck.Check(LedgerText.Entry(line, "a"), Now));

    [Fact]
    public void Names_of_kinds_and_methods_are_those_of_the_contract()
    {
        foreach (string name in "buy sell deposit withdrawal fee income redenomination".Split(' '))
        {
            Assert.True(EntryKinds.TryParse(name, out EntryKind kind));
            Assert.Equal(name, kind.Name());
        }

        foreach (string name in "fifo lifo hifo avco".Split(' '))
        {
            Assert.True(CostBases.TryParse(name, out CostBasis basis));
            Assert.Equal(name, basis.Name());
        }

        Assert.False(EntryKinds.TryParse("Buy", out _) || CostBases.TryParse("FIFO", out _));
    }

    internal static PortfolioPnl Pnl(string ledger, PortfolioTerms terms, RateTable rates)
    {
        PortfolioPnl pnl = PortfolioPnl.Of(LedgerText.Portfolio(ledger, terms, rates).Book, rates.Cross, BarTime.LastClosedSlot(Now));
        IdentityTests.AssertIdentity(pnl);
        return pnl;
    }
}

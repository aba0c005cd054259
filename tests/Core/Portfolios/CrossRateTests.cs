namespace Pnl.Tests.Core.Portfolios;

public sealed class CrossRateTests
{
    private static readonly int Slot = BarTime.LastClosedSlot(RateTable.At("2021-06-01"));

    private static readonly RateTable Rates = new RateTable()
        .With("btc", "usd", "2021-01-01", 40_000m).With("eth", "btc", "2021-01-01", 0.05m).With("doge", "usdt", "2021-01-01", 0.3m)
        .With("usdt", "usd", "2021-01-01", 0.999m).With("eur", "usd", "2021-01-01", 1.2m).With("eth", "usdt", "2021-01-01", 2_001m);

    [Theory]
    [InlineData("usd", "usd", "1", "usd")]
    [InlineData("btc", "usd", "40000", "btc usd")] // direct
    [InlineData("usd", "btc", "0.000025", "usd btc")] // inverse
    [InlineData("doge", "usd", "0.2997", "doge usdt usd")] // through a stablecoin
    [InlineData("btc", "eur", "33333.33333333333333333333333", "btc usd eur")]
    [InlineData("eth", "usd", "2000", "eth btc usd")] // of two ways of one length, through bitcoin
    [InlineData("eth", "doge", "6670", "eth usdt doge")]
    [InlineData("doge", "eur", "0.24975", "doge usdt usd eur")]
    public void The_shortest_path_is_taken_and_shown(string from, string to, string factor, string path)
    {
        CrossRate rate = Rates.Cross.Of(from, to, Slot);

        Assert.Equal(factor, rate.Factor.ToString());
        Assert.Equal(path, string.Join(' ', rate.Path));
    }

    [Fact]
    public void A_shorter_path_whose_rate_is_not_known_yet_gives_way_to_a_longer_one()
    {
        RateTable rates = new RateTable().With("ada", "usd", "2021-03-01", 1m).With("ada", "btc", "2021-01-01", 0.00001m).With("btc", "usd", "2021-01-01", 30_000m);

        Assert.Equal("ada btc usd", string.Join(' ', rates.Cross.Of("ada", "usd", BarTime.LastClosedSlot(RateTable.At("2021-02-28T23:59:59Z"))).Path));
        Assert.Equal("ada usd", string.Join(' ', rates.Cross.Of("ada", "usd", BarTime.LastClosedSlot(RateTable.At("2021-03-01"))).Path));
    }

    [Theory]
    [InlineData("doge", "2020-12-31T23:59:59Z")] // its first rate is later
    [InlineData("gold", "2021-06-01")] // trades nowhere
    public void A_missing_rate_is_no_rate(string from, string time)
    {
        CrossRate rate = Rates.Cross.Of(from, "usd", BarTime.LastClosedSlot(RateTable.At(time)));

        Assert.Null(rate.Factor);
        Assert.Empty(rate.Path);
    }

    [Fact]
    public void A_position_without_a_rate_is_named_and_left_out()
    {
        RateTable rates = new RateTable().With("btc", "usd", "2021-01-01", 40_000m).With("doge", "usd", "2021-03-01", 0.5m);
        PortfolioPnl pnl = LedgerTests.Pnl(
            "2021-01-02 deposit 1 btc\n2021-01-02 deposit 1000 doge\n2021-01-03 deposit 1 gold @ 1800 usd", new("usd", CostBasis.Fifo, false, false), rates);

        // The dogecoins' value when they came in is not known, and today's is not taken for it.
        Assert.Equal(["doge/usd@2021-01-02T00:00:00Z", "gold/usd@2026-01-01T00:00:00Z"], pnl.Missing.Select(missing => missing.ToString()));
        Assert.False(pnl.Complete);
        Assert.Equal((40_000m, 0m, 40_000m), (pnl.MarketValue, pnl.Total, pnl.Contributions));
        PositionPnl doge = pnl.Positions.Single(position => position.Token == "doge"), gold = pnl.Positions.Single(position => position.Token == "gold");
        Assert.Equal((1_000m, 500m), (doge.Quantity, doge.MarketValue!.Value));
        Assert.True(doge is { CostBasis: null, Realised: null, Unrealised: null, Total: null });
        Assert.True(gold is { MarketValue: null, Unrealised: null, Total: null, Rate: null });
        Assert.Equal((1_800m, 1_800m), (gold.CostBasis!.Value, gold.AverageCost!.Value));
    }

    [Fact]
    public void What_can_lie_on_a_path_is_named_and_dead_ends_are_not()
    {
        Assert.Equal([new("btc", "usd"), new("eth", "btc"), new("usdt", "usd"), new("eth", "usdt")], Rates.Graph.Between("eth", "usd"));
        Assert.Equal([new("eur", "usd")], Rates.Graph.Between("eur", "usd").Where(market => market.Token == "eur"));
        Assert.DoesNotContain(new CurrencyPair("doge", "usdt"), Rates.Graph.Between("eth", "usd"));
        Assert.Empty(Rates.Graph.Between("usd", "usd"));
        Assert.Empty(Rates.Graph.Between("gold", "usd"));
        Assert.Empty(new RateGraph([new("a", "b"), new("c", "d")]).Between("a", "c"));
    }
}

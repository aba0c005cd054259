using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Portfolios;

/// <summary>Each owner has portfolio ids of his own.</summary>
public sealed class OwnerTests
{
    [Theory]
    [InlineData("local", "mine", "mine")]
    [InlineData("alice", "mine", "~alice~mine")]
    [InlineData("a.b_c-d", "x", "~a.b_c-d~x")]
    public void A_key_holds_owner_and_id(string owner, string id, string key)
    {
        Assert.Equal(key, PortfolioOwner.Key(owner, id));
        Assert.Equal(id, PortfolioOwner.Id(key));
        Assert.True(PortfolioOwner.Owns(owner, key));
        Assert.False(PortfolioOwner.Owns("somebody", key));
        Assert.False(PortfolioOwner.Owns("alic", key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Alice")]
    [InlineData("a~b")]
    [InlineData("a b")]
    public void What_is_no_owner_is_refused(string owner) => Assert.Throws<ArgumentException>(() => PortfolioOwner.Key(owner, "mine"));

    [Fact]
    public async Task A_client_sees_and_follows_the_portfolios_of_its_owner_alone()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using Books books = await Books.OpenAsync();
        IPnlClient alice = books.Client.For("alice"), bob = books.Client.For("bob");
        await alice.PutPortfolioAsync("mine", new() { BaseCurrency = "usd" }, cancellation);
        await bob.PutPortfolioAsync("mine", new() { BaseCurrency = "usd", CostBasis = CostBasis.Hifo }, cancellation);
        await books.PutAsync("plain");

        Assert.Equal((CostBasis.Fifo, CostBasis.Hifo), ((await alice.GetPortfolioAsync("mine", cancellation)).CostBasis, (await bob.GetPortfolioAsync("mine", cancellation)).CostBasis));
        Assert.Equal(["mine"], (await bob.ListPortfoliosAsync(cancellation: cancellation)).Select(portfolio => portfolio.Id));
        Assert.Equal(["plain"], (await books.Client.ListPortfoliosAsync(cancellation: cancellation)).Select(portfolio => portfolio.Id));
        await Assert.ThrowsAsync<PortfolioUnknownException>(() => alice.GetPortfolioAsync("plain", cancellation));
        await Assert.ThrowsAsync<PortfolioUnknownException>(() => books.Client.WatchPortfolioPnlAsync("mine", cancellation: cancellation));

        using PnlWatch<PortfolioReport> watch = await alice.WatchPortfolioPnlAsync("mine", cancellation: cancellation);
        PnlUpdate<PortfolioReport> first = await watch.NextAsync(cancellation);
        Assert.Equal(("mine", "mine", CostBasis.Fifo), (first.Id, first.Pnl.Portfolio, first.Pnl.CostBasis));
        await bob.DeletePortfolioAsync("mine", cancellation);
        await alice.PutPortfolioAsync("mine", new() { BaseCurrency = "usd", CostBasis = CostBasis.Lifo }, cancellation);
        Assert.Equal(CostBasis.Lifo, (await watch.NextAsync(cancellation)).Pnl.CostBasis);
        await alice.DeletePortfolioAsync("mine", cancellation);
        await Assert.ThrowsAsync<PortfolioUnknownException>(async () => await watch.NextAsync(cancellation));
    }
}

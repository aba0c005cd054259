using Pnl.Client;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Tokens;

/// <summary>Bars, tokens and backfills that are deleted, and all that knew of them.</summary>
public sealed class RemovalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bars_of_a_range_go_and_the_rest_is_as_if_they_had_never_come()
    {
        await using PnlCluster cluster = new();
        await cluster.InitializeAsync();
        string id = await cluster.NewTokenAsync("cut"), clean = await cluster.NewTokenAsync("clean");
        Bar[] bars = RegularBars.UpToNow(30_000); // some 100 days: months are sealed
        await cluster.IngestAsync(id, bars);
        long revision = (await cluster.Client.GetTokenAsync(id, Cancellation)).Revision;

        // From within a sealed month, and the end with the last bar.
        TokenRemoval middle = await cluster.Client.DeleteRatesAsync(id, BarTime.Open(bars[1000].Slot), BarTime.Open(bars[1700].Slot), Cancellation);
        TokenRemoval end = await cluster.Client.DeleteRatesAsync(id, BarTime.Open(bars[^10].Slot), BarTime.Open(bars[^1].Slot + 1000), Cancellation);
        Assert.Equal((700, 10), (middle.Removed, end.Removed));
        Assert.True(revision < middle.Revision && middle.Revision < end.Revision);
        Bar[] left = [.. bars[..1000], .. bars[1700..^10]];
        await CleanBuild.AssertStoredAsync(cluster.Store, id, left);
        await cluster.IngestAsync(clean, left);
        Assert.Equal(await Answers.OfBarsAsync(cluster.Client, clean), await Answers.OfBarsAsync(cluster.Client, id));

        // The same once more changes nothing, and what is sent again is new.
        Assert.Equal(end with { Removed = 0 }, await cluster.Client.DeleteRatesAsync(id, BarTime.Open(bars[^10].Slot), BarTime.Open(bars[^1].Slot + 1000), Cancellation));
        Assert.Equal(700, (await cluster.IngestAsync(id, bars[1000..1700])).Accepted);
        await cluster.IngestAsync(id, bars[^10..]);
        await CleanBuild.AssertStoredAsync(cluster.Store, id, bars);
        TokenRemoval all = await cluster.Client.DeleteRatesAsync(id, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200), Cancellation);
        Assert.Equal(bars.Length, all.Removed);
        Assert.Null((await cluster.Client.GetPnlAsync(id, Cancellation)).AsOf);
    }

    [Fact]
    public async Task Bars_of_several_listings_go_from_all_of_them()
    {
        await using PnlCluster cluster = new();
        await cluster.InitializeAsync();
        string id = await cluster.NewTokenAsync("several");
        await cluster.Client.RegisterTokenAsync(id, new() { Listings = [new("kraken", "A", "usd"), new("binance", "B", "usd")] }, Cancellation);
        Bar[] bars = RegularBars.UpToNow(2000);
        await cluster.Client.IngestAsync(id, Batches.Of(bars) with { Source = "kraken" }, Cancellation);
        await cluster.Client.IngestAsync(id, Batches.Of(bars) with { Source = "binance" }, Cancellation);
        TokenRemoval removal = await cluster.Client.DeleteRatesAsync(id, BarTime.Open(bars[100].Slot), BarTime.Open(bars[300].Slot), Cancellation);
        Assert.Equal(200, removal.Removed); // and not the other listing's in their place
        await cluster.Orleans.DeactivateAsync(cluster.Token(id));
        Assert.Equal(1800, (await cluster.Client.GetTokenAsync(id, Cancellation)).Bars);
        TokenRemoval whole = await cluster.Client.DeleteTokenAsync(id, cancellation: Cancellation);
        Assert.Equal(1800, whole.Removed);
        await cluster.Client.RegisterTokenAsync(id, new(), Cancellation);
        Assert.Equal(2000, (await cluster.IngestAsync(id, bars)).Accepted);
        Assert.Equal(1800, (await cluster.Client.DeleteRatesAsync(id, BarTime.Open(bars[200].Slot), BarTime.Open(bars[^1].Slot + 1), Cancellation)).Removed);
    }

    [Fact]
    public async Task A_deleted_token_is_nowhere_any_more_and_one_that_comes_after_goes_on_from_its_revision()
    {
        await using PnlCluster cluster = new();
        await cluster.InitializeAsync();
        string id = await cluster.NewTokenAsync("gone"), other = await cluster.NewTokenAsync("stays");
        await cluster.IngestAsync(id, RegularBars.UpToNow(15_000));
        await cluster.IngestAsync(other, RegularBars.UpToNow(500));
        await cluster.Client.PutPortfolioAsync("mine", new PortfolioDetails { BaseCurrency = "usd" }, Cancellation);
        await cluster.Client.PostEntriesAsync("mine", [new() { Id = "a", Time = PnlCluster.Noon.AddDays(-1), Kind = EntryKind.Buy, Token = id, Quantity = 2m, Price = 100m, Currency = "usd", Fees = [] }], Cancellation);
        PortfolioReport held = await cluster.Client.GetPortfolioPnlAsync("mine", new(), Cancellation);
        Assert.NotNull(held.Positions.Single().Rate);
        Leaderboard board = await BoardAsync(board => board.Items.Any(item => item.Token == id));

        TokenHeldException refused = await Assert.ThrowsAsync<TokenHeldException>(() => cluster.Client.DeleteTokenAsync(id, cancellation: Cancellation));
        Assert.Equal((id, 1), (refused.Token, refused.Portfolios));
        Assert.DoesNotContain("mine", refused.Message, StringComparison.Ordinal);
        TokenRemoval removal = await cluster.Client.DeleteTokenAsync(id, force: true, Cancellation);

        Assert.Equal(15_000, removal.Removed);
        await Assert.ThrowsAsync<TokenUnknownException>(() => cluster.Client.GetPnlAsync(id, Cancellation));
        await Assert.ThrowsAsync<TokenUnknownException>(() => cluster.Client.DeleteTokenAsync(id, cancellation: Cancellation));
        await Assert.ThrowsAsync<TokenUnknownException>(() => cluster.Client.GetChangedFromAsync(id, 1, Cancellation));
        Assert.Equal([other], (await cluster.Client.ListTokensAsync(cancellation: Cancellation)).Select(token => token.Id));
        Assert.Equal(1, await cluster.Orleans.Client.GetGrain<ITokenDirectoryGrain>(0).Count());
        Leaderboard after = await BoardAsync(board => board.Items.All(item => item.Token != id));
        Assert.True(after.Revision > board.Revision);
        Assert.Equal(1, after.Known);
        PortfolioReport without = await cluster.Client.GetPortfolioPnlAsync("mine", new(), Cancellation);
        Assert.Null(without.Positions.Single().Rate);
        Assert.False(without.Complete);
        Assert.True(without.Revision > held.Revision);

        // As another activation, or the next start, finds it.
        await cluster.Orleans.DeactivateAsync(cluster.Token(id));
        await Assert.ThrowsAsync<TokenUnknownException>(() => cluster.Client.GetTokenAsync(id, Cancellation));
        Assert.True((await cluster.Store.StatesAsync(Cancellation)).Single(state => state.Token == id).IsDeleted);

        RegisterResult again = await cluster.Client.RegisterTokenAsync(id, new(), Cancellation);
        Assert.True(again.Created);
        Assert.Equal((0L, removal.Revision + 1), (again.Token.Bars, again.Token.Revision));
        await cluster.IngestAsync(id, RegularBars.UpToNow(300));
        PortfolioReport back = await cluster.Client.GetPortfolioPnlAsync("mine", new(), Cancellation);
        Assert.NotNull(back.Positions.Single().Rate);
        Assert.True(back.Revision > without.Revision);
        await BoardAsync(board => board.Items.Any(item => item.Token == id));

        // Nobody holds the other: it goes without force, and an engine without tokens is one at once.
        await cluster.Client.DeleteTokenAsync(id, force: true, Cancellation);
        await cluster.Client.DeleteTokenAsync(other, cancellation: Cancellation);
        Assert.Equal(0, await cluster.Orleans.Client.GetGrain<ITokenDirectoryGrain>(0).Count());

        async Task<Leaderboard> BoardAsync(Func<Leaderboard, bool> isIt)
        {
            using CancellationTokenSource patience = new(Patience.Limit);
            while (true)
            {
                Leaderboard now = await cluster.Client.GetLeaderboardAsync(new() { Window = "inception", IncludeAll = true }, patience.Token);
                if (now.Complete && isIt(now))
                {
                    return now;
                }
            }
        }
    }

    [Fact]
    public async Task Bars_that_lie_ahead_of_now_are_held_until_they_close()
    {
        await using PnlCluster cluster = new();
        await cluster.InitializeAsync();
        string id = await cluster.NewTokenAsync("ahead"), clean = await cluster.NewTokenAsync("clean");
        await cluster.Client.PutPortfolioAsync("mine", new PortfolioDetails { BaseCurrency = "usd" }, Cancellation);
        Bar[] bars = RegularBars.UpToNow(600);
        await cluster.IngestAsync(clean, bars[..^20]);
        await cluster.IngestAsync(id, bars);
        await cluster.Client.PostEntriesAsync("mine", [new() { Id = "a", Time = PnlCluster.Noon.AddDays(-1), Kind = EntryKind.Buy, Token = id, Quantity = 2m, Price = 100m, Currency = "usd", Fees = [] }], Cancellation);
        await cluster.Client.GetPnlAsync(id, Cancellation);

        // The clock was ahead by 20 bars, and is set right.
        cluster.Clock.AdjustTime(PnlCluster.Noon.AddMinutes(-100));

        Assert.Equal(await Answers.OfBarsAsync(cluster.Client, clean), await Answers.OfBarsAsync(cluster.Client, id));
        TokenInfo token = await cluster.Client.GetTokenAsync(id, Cancellation);
        Assert.Equal((BarTime.Open(bars[^21].Slot), 580L), (token.LastBar, token.Bars));
        PortfolioReport report = await cluster.Client.GetPortfolioPnlAsync("mine", new(), Cancellation);
        Assert.Equal((Amount)bars[^21].Rate, report.Positions.Single().Rate);
        Assert.True(report.AsOf <= cluster.Clock.GetUtcNow());

        // Ten of them close, and the rest is taken away.
        cluster.Clock.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal(BarTime.Close(bars[^11].Slot), (await cluster.Client.GetPnlAsync(id, Cancellation)).AsOf);
        Assert.Equal(10, (await cluster.Client.DeleteRatesAsync(id, BarTime.Open(bars[^10].Slot), DateTimeOffset.UnixEpoch.AddYears(100), Cancellation)).Removed);
        cluster.Clock.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal(BarTime.Close(bars[^11].Slot), (await cluster.Client.GetPnlAsync(id, Cancellation)).AsOf);
    }
}

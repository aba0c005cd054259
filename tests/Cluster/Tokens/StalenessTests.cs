using Pnl.Grains;

namespace Pnl.Tests.Cluster.Tokens;

/// <summary>A silo of its own, since these move its clock.</summary>
public sealed class StalenessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rate_older_than_the_tokens_limit_is_stale_and_says_how_old_it_is()
    {
        await using PnlCluster cluster = new();
        await cluster.InitializeAsync();
        string id = await cluster.NewTokenAsync("ageing");
        Assert.Equal(TokenStatus.Registered, (await cluster.Client.GetTokenAsync(id, Cancellation)).Status);
        Assert.Equal((false, null, null, true), await cluster.Client.GetPnlAsync(id, Cancellation) is var none ? (none.Stale, none.AgeSeconds, none.AsOf, none.Windows.Count == 0) : default);

        await cluster.IngestAsync(id, RegularBars.UpToNow(100));
        await AssertAgeAsync(cluster, id, 120, stale: false);

        cluster.Clock.Advance(TimeSpan.FromSeconds(900 - 120));
        await AssertAgeAsync(cluster, id, 900, stale: false);
        cluster.Clock.Advance(TimeSpan.FromSeconds(1));
        await AssertAgeAsync(cluster, id, 901, stale: true);

        await cluster.Client.RegisterTokenAsync(id, new() { StalenessSeconds = 1000 }, Cancellation);
        await AssertAgeAsync(cluster, id, 901, stale: false);
        await cluster.Client.RegisterTokenAsync(id, new() { StalenessSeconds = 600 }, Cancellation);

        await cluster.IngestAsync(id, RegularBars.At(BarTime.LastClosedSlot(cluster.Clock.GetUtcNow())));
        await AssertAgeAsync(cluster, id, cluster.Clock.GetUtcNow().ToUnixTimeSeconds() % 300, stale: false);

        // A window's rate is stale by the window's end, whenever it is asked for.
        DateTimeOffset hole = BarTime.Close(RegularBars.Last) + TimeSpan.FromSeconds(700);
        TokenWindow window = await cluster.Client.GetWindowAsync(id, new(null, hole), Cancellation);
        Assert.Equal((true, 700L), (window.Stale, window.AgeSeconds));

        await cluster.Client.RegisterTokenAsync(id, new() { Delisted = cluster.Clock.GetUtcNow() }, Cancellation);
        Assert.Equal(TokenStatus.Delisted, (await cluster.Client.GetTokenAsync(id, Cancellation)).Status);
    }

    private static async Task AssertAgeAsync(PnlCluster cluster, string id, long age, bool stale)
    {
        TokenPnl pnl = await cluster.Client.GetPnlAsync(id, Cancellation);
        Assert.Equal((age, stale), (pnl.AgeSeconds, pnl.Stale));
        TokenStatus status = stale ? TokenStatus.Stale : TokenStatus.Live;
        Assert.Equal(status, (await cluster.Client.GetTokenAsync(id, Cancellation)).Status);
        Assert.Equal([status], (await cluster.Client.ListTokensAsync(id, null, 10, Cancellation)).Select(token => token.Status));
    }
}

using Orleans.Runtime;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Clustering;

/// <summary>Silos that join a cluster whose tokens all live already.</summary>
public sealed class TokenRebalancerTests
{
    private const int Tokens = 120;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_that_joins_is_given_its_share_and_nothing_is_lost()
    {
        await using PnlCluster cluster = new();
        await cluster.InitializeAsync();
        string[] tokens = await Task.WhenAll(Enumerable.Range(0, Tokens).Select(async i =>
        {
            string id = await cluster.NewTokenAsync("shared");
            await cluster.Client.IngestAsync(id, new() { Time = new[] { 1_621_427_700L, 1_621_428_000L }, Rate = new[] { 100m, 100m + i } }, Cancellation);
            return id;
        }));
        Assert.Equal(Tokens, Assert.Single(await SpreadAsync(cluster)));
        await cluster.Orleans.StartAdditionalSiloAsync();
        int[] spread;
        while ((spread = await SpreadAsync(cluster)).Length < 2 || spread[0] < Tokens / 3)
        {
            cluster.Clock.Advance(TimeSpan.FromSeconds(15)); // by which silos look for others
            await Task.WhenAll(tokens.Select(async (token, i) => // those that were let go come up by being asked
                Assert.Equal(100m + i, (await cluster.Client.GetPnlAsync(token, Cancellation)).Rate)));
        }
    }

    /// <summary>How many tokens silos have, ascending, of those that have any.</summary>
    private static async Task<int[]> SpreadAsync(PnlCluster cluster) =>
    [
        .. (await cluster.Orleans.Client.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics(Cancellation))
            .Where(each => each.GrainType.Contains("TokenGrain", StringComparison.Ordinal)).GroupBy(each => each.SiloAddress).Select(silo => silo.Sum(each => each.ActivationCount)).Order(),
    ];
}

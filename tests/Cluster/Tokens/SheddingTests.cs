using Orleans.Configuration;
using Orleans.Hosting;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Tokens;

/// <summary>A silo above its memory limit, which any process is if the limit is low enough.</summary>
public sealed class SheddingTests
{
    private const int Tokens = 40, Rounds = 12;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tokens_that_are_shed_under_memory_pressure_lose_nothing_and_answer_as_before()
    {
        await using PnlCluster roomy = new();
        await roomy.InitializeAsync();
        await using PnlCluster tight = new()
        {
            Configure = silo => silo.Configure<GrainCollectionOptions>(collection =>
            {
                collection.MemoryUsageLimitPercentage = 0.02;
                collection.MemoryUsageTargetPercentage = 0.005;
                collection.MemoryUsagePollingPeriod = TimeSpan.FromMilliseconds(100);
            }),
        };
        await tight.InitializeAsync();
        string[] ids = [.. Enumerable.Range(0, Tokens).Select(i => $"shed-{i}")];
        foreach (PnlCluster cluster in (PnlCluster[])[roomy, tight])
        {
            await Task.WhenAll(ids.Select(id => cluster.Client.RegisterTokenAsync(id, new TokenDetails(), Cancellation)));
        }

        for (int round = Rounds; round > 0; round--)
        {
            await Task.WhenAll(ids.Select(async (id, i) =>
            {
                Bar[] bars = [.. Enumerable.Range(0, 50).Select(k => new Bar(RegularBars.Last - round * 50 + k, 1m + (i + k + round) % 11))];
                await roomy.IngestAsync(id, bars);
                await tight.IngestAsync(id, bars);
                TokenPnl pnl = await tight.Client.GetPnlAsync(id, Cancellation);
                Assert.Equal(BarTime.Close(bars[^1].Slot), pnl.AsOf);
            }));
        }

        // Until the silo has let go of tokens: their answers are then of what is stored.
        while (ids.Sum(id => tight.Store.Watch(id).Loads) <= Tokens)
        {
            await tight.Client.GetPnlAsync(ids[0], Cancellation);
            await Task.WhenAll(ids.Select(id => tight.Client.GetTokenAsync(id, Cancellation)));
        }

        foreach (string id in ids)
        {
            Assert.Equal(await Answers.OfAsync(roomy.Client, id), await Answers.OfAsync(tight.Client, id));
        }
    }
}

using System.Text;
using Azure.Core.Amqp;
using Azure.Data.Tables;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Pnl.Rates;
using Pnl.Tests.Acceptance.Cluster;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;
using Producer;

namespace Pnl.Tests.Acceptance.EventHubs;

/// <summary>
/// Bars that a producer without Orleans publishes reach the answers of a silo, each once, whatever happens to the hub, the
/// checkpoints and the silo on the way: in the end every answer is that of a silo which was handed all bars at once.
/// </summary>
public sealed class HubIngestTests(Azurite azurite, QuietSilo batch) : IClassFixture<Azurite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Published_bars_are_answered_and_a_restart_goes_on_from_the_checkpoint(bool isKilled)
    {
        using HubMarket market = await HubMarket.StartAsync(azurite, seed: 1, tokens: 20, boundaries: 150);
        int published = 10, most = 2 * HubMarket.Partitions; // the last event of each partition comes again, since a checkpoint is inclusive
        await market.PublishAsync(..published);
        await market.TakenAsync(published);
        if (isKilled)
        {
            // They are written once a second, and so lag a little.
            SortedDictionary<string, string> first = [];
            await UntilAsync(async () => (first = await CheckpointsAsync(market)).Count == HubMarket.Partitions, () => $"there are no checkpoints; the silo wrote:\n{market.Silo.Output}");
            long known = await market.Hub.EventsAsync();
            await UntilAsync(
                async () =>
                {
                    if ((await CheckpointsAsync(market)).All(checkpoint => first[checkpoint.Key] != checkpoint.Value))
                    {
                        return true;
                    }

                    if (published < 120)
                    {
                        await market.PublishAsync(published..++published);
                    }

                    return false;
                },
                () => $"the checkpoints do not move; the silo wrote:\n{market.Silo.Output}");
            market.Silo.Kill();
            most = (int)(await market.Hub.EventsAsync() - known) + 3 * HubMarket.Partitions;
        }
        else
        {
            Assert.Equal(0, await market.Silo.TerminateAsync(TimeSpan.FromMinutes(1)));
            Assert.Equal(await LastOffsetsAsync(market), await CheckpointsAsync(market));
        }

        await market.PublishAsync(published..130); // nobody is there to take them
        await market.StartSiloAsync();
        await market.PublishAsync(130..);
        await market.TakenAsync(150);
        await market.AssertEqualToBatchAsync(batch.Http);
        Assert.InRange(await DeliveredAsync(market) - await market.Hub.EventsAsync(), 0, most);
    }

    [Fact]
    public async Task Everything_that_comes_again_after_a_lost_checkpoint_changes_nothing()
    {
        using HubMarket market = await HubMarket.StartAsync(azurite, seed: 2, tokens: 20, boundaries: 20);
        await market.PublishAsync(..15);
        await market.TakenAsync(15);
        string[] revisions = await RevisionsAsync(market);
        market.Silo.Kill();
        Assert.NotEmpty(await CheckpointsAsync(market));
        TableClient table = new(azurite.ConnectionString, market.Table);
        await foreach (TableEntity checkpoint in table.QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            await table.DeleteEntityAsync(checkpoint.PartitionKey, checkpoint.RowKey, cancellationToken: Cancellation);
        }

        long before = await DeliveredAsync(market), events = await market.Hub.EventsAsync();
        await market.StartSiloAsync();
        await UntilAsync(async () => await DeliveredAsync(market) >= before + events, () => $"not every event came again; the silo wrote:\n{market.Silo.Output}");
        Assert.Equal(revisions, await RevisionsAsync(market));
        await market.PublishAsync(15..);
        await market.TakenAsync(20);
        await market.AssertEqualToBatchAsync(batch.Http);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Nothing_is_lost_to_faults_of_the_hub_and_deaths_of_hub_and_silo(int seed)
    {
        using HubMarket market = await HubMarket.StartAsync(azurite, seed, tokens: 20, boundaries: 40);
        Random random = new(seed);
        await market.Hub.MakeAsync($"chance?seed={seed}&perThousand=100&kinds=serverBusy,detach,abort,lostAck");
        int hubDies = random.Next(5, 15), siloDies = random.Next(18, 28), detached = random.Next(30, 38);
        await market.PublishAsync(..hubDies);
        Task publishing = market.PublishAsync(hubDies..siloDies);
        market.Hub.Kill();
        await market.Hub.RestartAsync();
        await market.Hub.MakeAsync($"chance?seed={seed + 100}&perThousand=100&kinds=serverBusy,detach,abort,lostAck");
        await publishing;
        publishing = market.PublishAsync(siloDies..detached);
        market.Silo.Kill();
        await market.StartSiloAsync();
        await publishing;
        await market.Hub.MakeAsync("detach");
        await market.PublishAsync(detached..);
        await market.Hub.MakeAsync("abort");
        await market.TakenAsync(40);
        await market.AssertEqualToBatchAsync(batch.Http);
        long events = market.Boundaries.Length * 3; // of 7 bars each
        Assert.True(await market.Hub.EventsAsync() >= events, "the hub lacks events");
    }

    [Theory]
    [InlineData(11)]
    public async Task A_cluster_loses_nothing_to_faults_of_the_hub_and_deaths_of_hub_and_silos(int seed)
    {
        (HubMarket market, ClusterProcesses cluster) = await HubMarket.StartClusterAsync(azurite, seed, tokens: 20, boundaries: 40);
        using HubMarket _ = market;
        Random random = new(seed);
        await market.Hub.MakeAsync($"chance?seed={seed}&perThousand=50&kinds=serverBusy,detach,abort,lostAck");
        await market.PublishAsync(..10);
        Task publishing = market.PublishAsync(10..25);
        cluster.Kill(cluster.Silos[random.Next(3)]);
        await publishing;
        publishing = market.PublishAsync(25..);
        market.Hub.Kill();
        await market.Hub.RestartAsync();
        await cluster.AddSiloAsync();
        await publishing;
        await market.TakenAsync(40);
        await market.AssertEqualToBatchAsync(batch.Http);
    }

    [Fact]
    public async Task What_cannot_be_taken_is_put_aside_with_its_reason_and_holds_up_nothing()
    {
        using HubMarket market = await HubMarket.StartAsync(azurite, seed: 3, tokens: 3, boundaries: 4);
        (string token, long open) = (market.Tokens[0], market.Boundaries[0][0].OpenTime);
        await market.PublishAsync(..1);
        await using (EventHubProducerClient producer = market.Producer())
        {
            for (int partition = 0; partition < HubMarket.Partitions; partition++)
            {
                await producer.SendAsync(Poison(token, open), new SendEventOptions { PartitionId = $"{partition}" }, Cancellation);
            }
        }

        await market.PublishAsync(1..);
        await market.TakenAsync(4);
        await market.AssertEqualToBatchAsync(batch.Http);
        Assert.Equal(0, await market.Silo.TerminateAsync(TimeSpan.FromMinutes(1)));

        await using SqliteSegmentStore store = SqliteSegmentStore.Open(market.Data.Path);
        IReadOnlyList<DeadLetter> letters = await store.DeadLettersAsync(null, 1000, Cancellation);
        string[] reasons =
        [
            "columns.unequal", "event.malformed", "event.malformed", "event.malformed", "event.malformed", "event.malformed", "event.tooLarge", "event.version", "event.version",
            "id.malformed", "rate.malformed", "rate.zero", "time.inFuture", "time.unaligned", "token.unknown",
        ];
        foreach (IGrouping<string, string> reason in reasons.GroupBy(reason => reason))
        {
            Assert.Equal((reason.Key, reason.Count() * HubMarket.Partitions), (reason.Key, letters.Count(letter => letter.Reason == reason.Key)));
        }

        Assert.Equal(reasons.Length * HubMarket.Partitions, letters.Count);
        Assert.All(letters, letter => Assert.NotEmpty(letter.Payload));
        Assert.Contains(letters, letter => letter.Token == "hub-2" && letter.Payload.Contains("no json", StringComparison.Ordinal));
    }

    private static EventData[] Poison(string token, long open)
    {
        EventData other = new("");
        other.GetRawAmqpMessage().Body = AmqpMessageBody.FromValue("a value, no bytes");
        return
        [
            new("no json"),
            new(""),
            new("[1,2,3]"),
            new(new byte[] { 0xff, 0xfe, 0, 1 }),
            other,
            new(new byte[BarsEvent.MostBytes + 1]),
            new("""{"token":["a"],"time":[0],"rate":[1]}"""),
            new("""{"version":2,"token":["a"],"time":[0],"rate":[1]}"""),
            new($$"""{"version":1,"token":["{{token}}"],"time":[{{open}},{{open}}],"rate":[1]}"""),
            new($$"""{"version":1,"token":["{{token}}","{{token}}","{{token}}","{{token}}","Not An Id","nobody"],"time":[{{open}},{{open}},{{open + 1}},{{open + 3_000_000_000}},{{open}},{{open}}],"rate":["x",0,1,1,1,1]}"""),
        ];
    }

    private static async Task<long> DeliveredAsync(HubMarket market) => (await market.Hub.StateAsync()).GetProperty("delivered").GetInt64();

    private static async Task<string[]> RevisionsAsync(HubMarket market)
    {
        List<string> revisions = [];
        foreach (string token in market.Tokens)
        {
            revisions.Add((await market.Silo.Http.GetAnswerAsync($"/v1/tokens/{token}/pnl")).Ok()["revision"].ToString());
        }

        return [.. revisions];
    }

    /// <summary>The checkpoints that are kept, by partition.</summary>
    private async Task<SortedDictionary<string, string>> CheckpointsAsync(HubMarket market)
    {
        SortedDictionary<string, string> kept = [];
        await foreach (TableEntity checkpoint in new TableClient(azurite.ConnectionString, market.Table).QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            kept.Add(checkpoint.RowKey, checkpoint.GetString("Offset"));
        }

        return kept;
    }

    private static async Task<SortedDictionary<string, string>> LastOffsetsAsync(HubMarket market) => new(
        (await market.Hub.StateAsync()).GetProperty("partitions").EnumerateArray().ToDictionary(partition => $"partition_{partition.GetProperty("number")}", partition => partition.GetProperty("lastOffset").ToString()));

    private static async Task UntilAsync(Func<Task<bool>> isSo, Func<string> otherwise)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (!await isSo())
        {
            if (patience.IsCancellationRequested)
            {
                Assert.Fail(otherwise());
            }

            await Task.Delay(50, Cancellation); // a count can only be asked for
        }
    }
}

using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Streams;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Tests.Cluster.Backfills;
using Pnl.Tests.Cluster.Feeds;
using Pnl.Tests.Cluster.Tokens;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Cluster.OnAzure;

/// <summary>The same grains over Azure's storage: three silos, each with a store of its own.</summary>
public sealed class AzureClusterTests(Azurite azurite) : IClassFixture<Azurite>
{
    private static readonly Bar[] Bars = RegularBars.UpToNow(8);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_day_of_lost_doubled_and_wrong_events_and_dead_silos_ends_bit_equal_to_a_batch_over_the_same_bars() => ChaosTests.PlayAsync(1, azurite.ConnectionString);

    [Fact]
    public async Task A_backfill_that_was_asked_for_ends_with_every_bar_and_its_state_is_kept()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync(silos: 3, azure: azurite.ConnectionString);
        BackfillStatus started = await past.BackfillAsync();
        BackfillStatus ended = await past.EndAsync(started.Id);
        Assert.Equal((BackfillPhase.Completed, 0), (ended.Phase, ended.Tokens.Failed));
        await past.AssertFetchedAsync(past.Listed);
        Assert.Equal([started.Id], await past.Cluster.Client.ListBackfillsAsync(Cancellation));
    }

    [Fact]
    public async Task Of_two_owners_the_one_who_comes_second_lets_go_and_the_client_sees_but_a_delay()
    {
        await using PnlCluster cluster = new() { Silos = 2, Azure = azurite.ConnectionString };
        await cluster.InitializeAsync();
        string id = await cluster.NewTokenAsync("contested");
        await cluster.IngestAsync(id, Bars[..2]);
        await WriteBehindAsync(cluster, id, 2);

        await Assert.ThrowsAsync<StoreConflictException>(() => cluster.Token(id).Ingest(Batches.Of([Bars[5]])));
        TokenInfo seen = await cluster.Client.GetTokenAsync(id, Cancellation);
        Assert.Equal(4, seen.Bars);

        // The client asks again by itself.
        await WriteBehindAsync(cluster, id, 4);
        IngestResult result = await cluster.IngestAsync(id, Bars);
        Assert.Equal((2, 6), (result.Accepted, result.Unchanged));
        await CleanBuild.AssertStoredAsync(cluster.Store.Inner, id, Bars);
    }

    [Fact]
    public async Task A_list_shows_what_was_registered_on_any_silo_and_no_token_further_than_it_answers()
    {
        await using PnlCluster cluster = new() { Silos = 3, Azure = azurite.ConnectionString };
        await cluster.InitializeAsync();
        for (int i = 0; i < 30; i++)
        {
            string id = $"t{i:d2}";
            await cluster.Client.RegisterTokenAsync(id, new(), Cancellation);
            long acknowledged = (await cluster.IngestAsync(id, Bars)).Revision;
            TokenInfo listed = (await cluster.Client.ListTokensAsync(null, null, 100, Cancellation))[^1];
            Assert.Equal((id, acknowledged), (listed.Id, listed.Revision));
        }
    }

    [Fact]
    public async Task The_bars_of_a_boundary_share_transactions()
    {
        const int Tokens = 512;
        await using PnlCluster cluster = new() { Azure = azurite.ConnectionString };
        await cluster.InitializeAsync();
        string[] ids = [.. Enumerable.Range(0, 8 * Tokens).Select(i => $"shared{i}").Where(id => RatesEvent.PartitionOf(id) == 0).Take(Tokens)];
        await Task.WhenAll(ids.Select(id => cluster.Client.RegisterTokenAsync(id, new(), Cancellation)));
        WatchedStore watched = (WatchedStore)cluster.Services.GetRequiredService<ISegmentStore>();
        AzureSegmentStore store = (AzureSegmentStore)watched.Inner;
        long before = store.Transactions.Tokens;
        RatesEvent boundary = new(ids, [.. ids.Select(_ => BarTime.OpenSeconds(Bars[0].Slot))], [.. ids.Select(_ => 1m)], null);
        Task written = Task.WhenAll(ids.Select(id => watched.Watch(id).NextWriteAsync(write => !write.History.IsEmpty)));
        await cluster.Orleans.Client.GetStreamProvider(RateEvent.StreamProvider).GetStream<RatesEvent>(StreamId.Create(RatesEvent.StreamNamespace, "0")).OnNextAsync(boundary);
        await written;

        // Of 8 that are handed over at once two or more are of the same partition of the table, as a rule; in the order of their names seldom.
        Assert.InRange(store.Transactions.Tokens - before, 1, Tokens / 2);
    }

    private static async Task WriteBehindAsync(PnlCluster cluster, string id, int from)
    {
        StoredToken stored = (await cluster.Store.Inner.LoadAsync(id, Cancellation))!;
        HistoryChange other = TokenHistory.Restore(stored.Months, stored.Tail, stored.Coverage).With(Bars.AsSpan(from, 2), default, SegmentSet.Empty, TokenHistory.Stagger(id));
        await cluster.Store.Inner.WriteAsync(new(id, stored.Key, stored.Revision, stored.Revision + 2, stored.Registration, other.History, other.Sealed));
    }
}

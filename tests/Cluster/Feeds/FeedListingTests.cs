using System.Collections.Concurrent;
using Orleans;
using Orleans.Hosting;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Feeds;

/// <summary>Whose bars a feed brings, and what it feeds.</summary>
public sealed class FeedListingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_feed_names_its_source_with_what_it_fetches_and_with_what_it_publishes()
    {
        ConcurrentQueue<string?> fetched = new(), published = new();
        await using PnlCluster cluster = Cluster(fetched, published);
        await cluster.InitializeAsync();
        await LiveAsync(cluster);
        cluster.Clock.Advance(TimeSpan.FromMinutes(5));
        await UntilAsync(() => Task.FromResult(!published.IsEmpty));

        Assert.NotEmpty(fetched);
        Assert.All(fetched.Concat(published), source => Assert.Equal("pair", source));
        Assert.Equal([new TokenListing("pair", "ABCUSDT", "usdt")], (await cluster.Client.GetTokenAsync("abc", Cancellation)).Listings);
    }

    [Fact]
    public async Task A_token_that_exists_in_another_quote_gets_a_listing_and_keeps_what_was_registered()
    {
        using TemporaryFolder folder = new();
        await using (PnlCluster before = new() { Folder = folder.Path })
        {
            await before.InitializeAsync();
            await before.Client.RegisterTokenAsync("abc", new() { Name = "Mine", Quote = "usd", Sources = new() { ["kraken"] = "ABCUSD" } }, Cancellation);
            await before.IngestAsync("abc", new Bar(BarTime.SlotAt(PnlCluster.Noon) - 9, 3));
        }

        await using PnlCluster cluster = Cluster(new(), new(), folder.Path);
        await cluster.InitializeAsync();
        await LiveAsync(cluster);

        TokenInfo token = await cluster.Client.GetTokenAsync("abc", Cancellation);
        Assert.Equal(("usd", "Mine"), (token.Quote, token.Name));
        Assert.Equal([new TokenListing("kraken", "ABCUSD", "usd"), new TokenListing("pair", "ABCUSDT", "usdt")], token.Listings);
        Assert.Equal("ABCUSD", token.Sources["kraken"]);

        // It is there already, whatever bounds somebody sets: nothing is added again.
        TokenListing bounded = new("pair", "ABCUSDT", "usdt", From: PnlCluster.Noon.AddDays(-1));
        RegisterResult set = await cluster.Client.RegisterTokenAsync("abc", new() { Listings = [bounded] }, Cancellation);
        RegisterResult again = await cluster.Client.RegisterTokenAsync("abc", new() { AddListing = bounded with { From = null } }, Cancellation);
        Assert.Equal([bounded, new TokenListing("kraken", "ABCUSD", "usd")], again.Token.Listings);
        Assert.Equal(set.Token.Revision, again.Token.Revision);
    }

    private static PnlCluster Cluster(ConcurrentQueue<string?> fetched, ConcurrentQueue<string?> published, string? folder = null) => new()
    {
        Folder = folder,
        Source = new OnePair(),
        Configure = silo => silo.AddIncomingGrainCallFilter(async call =>
        {
            if (call.MethodName == nameof(ITokenGrain.Ingest))
            {
                fetched.Enqueue(((BarBatch)call.Request.GetArgument(0)!).Source);
            }
            else if (call.MethodName == nameof(ITokenGrain.IngestEvent))
            {
                published.Enqueue(((RateEvent)call.Request.GetArgument(0)!).Source);
            }

            await call.Invoke();
        }),
    };

    private static Task LiveAsync(PnlCluster cluster) =>
        UntilAsync(async () => (await cluster.Client.GetFeedProgressAsync("pair", Cancellation)).Phase == FeedPhase.Live);

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await isSo())
        {
            await Task.Delay(10, patience.Token); // it can only be asked for
        }
    }

    private sealed class OnePair : IRateSource
    {
        public string Name => "pair";

        public ValueTask<IReadOnlyList<SourceToken>> ListAsync(CancellationToken cancellation) => new(
        [
            new SourceToken("abc", new() { Symbol = "ABC", Name = "ABC", Quote = "usdt", Sources = new Dictionary<string, string> { ["pair"] = "ABCUSDT" } }),
        ]);

        public ValueTask<int> ReadAsync(SourceToken token, SlotRange range, Memory<Bar> into, CancellationToken cancellation)
        {
            for (int i = 0; i < range.Length; i++)
            {
                into.Span[i] = new(range.From + i, 4.25m);
            }

            return new(range.Length);
        }
    }
}

using Microsoft.Extensions.Time.Testing;
using Orleans.Core.Internal;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Rates.Simulation;

namespace Pnl.Tests.Cluster.Feeds;

/// <summary>The life of a feed on a small simulated market, under a clock that the test moves.</summary>
public sealed class RateFeedTests : IDisposable
{
    private const int HistoryBars = 2 * BarTime.BarsPerDay;

    private readonly SimulatedMarket _market = new(new() { Tokens = 42 });
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock;
    private readonly SimulatedToken _latecomer;
    private readonly int _begin; // the first slot of the history that the feed begins with

    public RateFeedTests()
    {
        // The clock starts a little before a token is listed; that one is not listed at all for the tests before.
        _latecomer = _market.Tokens.MaxBy(token => token.ListedSlot)!;
        _clock = new(BarTime.Open(_latecomer.ListedSlot - 2).AddMinutes(2));
        _begin = _latecomer.ListedSlot - 2 - HistoryBars;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_feed_fills_goes_live_publishes_what_it_missed_and_catches_up_with_its_store_after_a_restart()
    {
        SteeredSource source = new(new SimulatedSource(_market));
        await using (PnlCluster cluster = new() { Folder = _folder.Path, Clock = _clock, Source = source, HistoryBars = HistoryBars })
        {
            await cluster.InitializeAsync();

            // It fetches the history.
            await source.Asked;
            FeedProgress filling = await cluster.Client.GetFeedProgressAsync("simulated", Cancellation);
            Assert.Equal((FeedPhase.Filling, _market.Tokens.Count, null), (filling.Phase, filling.Total, filling.LastTick));
            source.LetGo();
            FeedProgress live = await ProgressAsync(cluster, progress => progress.Phase == FeedPhase.Live);
            Assert.Equal((_market.Tokens.Count, Enumerable.Range(0, _market.Tokens.Count).Sum(token => (long)Bars(token).Length)), (live.Done, live.Bars));
            await AssertStoreIsTheMarketAsync(cluster);
            Assert.Null(await cluster.Store.Inner.LoadAsync(_latecomer.Id, Cancellation));

            // At each boundary every token's bar comes through its stream; the latecomer is registered with its first.
            using Measured measured = new(cluster);
            for (int boundary = 0; boundary < 4; boundary++)
            {
                _clock.Advance(TimeSpan.FromMinutes(5));
                await TickAsync(cluster);
            }

            // Two minutes into each slot it has published the one before.
            Assert.Equal([120, 120, 120, 120], measured.All("pnl.feed.lag"));
            Assert.Equal(BarTime.CloseSeconds(BarTime.LastClosedSlot(_clock.GetUtcNow())), measured.Now("pnl.feed.watermark.timestamp"));
            await AssertStoreIsTheMarketAsync(cluster);
            TokenInfo late = await cluster.Client.GetTokenAsync(_latecomer.Id, Cancellation);
            Assert.Equal((BarTime.Open(_latecomer.ListedSlot), late.FirstBar, _latecomer.Symbol), (late.Listed, late.FirstBar, late.Symbol));
            Assert.Equal(BarTime.Open(_latecomer.ListedSlot), late.FirstBar);

            // After a pause of hours it publishes every slot that it missed.
            _clock.Advance(TimeSpan.FromHours(2));
            await TickAsync(cluster);
            await AssertStoreIsTheMarketAsync(cluster);
        }

        // Nobody is here for half a day: what a token lacks is told by its own last bar.
        _clock.Advance(TimeSpan.FromHours(13));
        SteeredSource again = new(new SimulatedSource(_market));
        await using (PnlCluster cluster = new() { Folder = _folder.Path, Clock = _clock, Source = again, HistoryBars = HistoryBars })
        {
            await cluster.InitializeAsync();
            await again.Asked;
            Assert.Equal(FeedPhase.CatchingUp, (await cluster.Client.GetFeedProgressAsync("simulated", Cancellation)).Phase);
            again.LetGo();
            FeedProgress live = await ProgressAsync(cluster, progress => progress.Phase == FeedPhase.Live);
            Assert.InRange(live.Bars, 1, _market.Tokens.Count * 13L * 12);
            await AssertStoreIsTheMarketAsync(cluster);
            _clock.Advance(TimeSpan.FromMinutes(5));
            await TickAsync(cluster);
            await AssertStoreIsTheMarketAsync(cluster);

            // The source was read to the end all along, so whatever is not there is known to be absent.
            foreach (SimulatedToken token in _market.Tokens.Where((_, i) => Bars(i).Length > 0))
            {
                TokenCoverage coverage = await cluster.Client.GetCoverageAsync(token.Id, cancellation: Cancellation);
                Assert.Equal((0L, true), (coverage.Coverage.MissingBars, (await cluster.Client.GetPnlAsync(token.Id, Cancellation)).Complete));
            }
        }
    }

    [Fact]
    public async Task A_fill_that_takes_over_a_boundary_is_followed_by_what_closed_meanwhile_at_once()
    {
        SteeredSource source = new(new SimulatedSource(_market));
        await using PnlCluster cluster = new() { Folder = _folder.Path, Clock = _clock, Source = source, HistoryBars = HistoryBars };
        await cluster.InitializeAsync();
        await source.Asked;
        _clock.Advance(TimeSpan.FromMinutes(11));
        source.LetGo();
        await TickAsync(cluster);
        await AssertStoreIsTheMarketAsync(cluster);
    }

    [Fact]
    public async Task A_source_that_fails_while_it_fills_is_asked_anew_and_one_that_fails_at_a_boundary_is_asked_again_at_the_next()
    {
        SteeredSource source = new(new SimulatedSource(_market));
        source.LetGo();
        Task failed = source.FailOnce();
        await using PnlCluster cluster = new() { Folder = _folder.Path, Clock = _clock, Source = source, HistoryBars = HistoryBars };
        await cluster.InitializeAsync();
        await failed;
        await ProgressAsync(cluster, progress => progress.Phase == FeedPhase.Idle);
        _clock.Advance(TimeSpan.FromSeconds(30));
        await ProgressAsync(cluster, progress => progress.Phase == FeedPhase.Live);
        await AssertStoreIsTheMarketAsync(cluster);

        failed = source.FailOnce();
        _clock.Advance(TimeSpan.FromMinutes(5));
        await failed;
        Assert.NotEqual(BarTime.Open(BarTime.LastClosedSlot(_clock.GetUtcNow())), (await cluster.Client.GetFeedProgressAsync("simulated", Cancellation)).LastTick);
        _clock.Advance(TimeSpan.FromMinutes(5));
        await TickAsync(cluster);
        await AssertStoreIsTheMarketAsync(cluster);
    }

    [Fact]
    public async Task A_source_or_a_hub_that_does_not_answer_holds_up_no_silo_that_is_to_end()
    {
        SteeredSource source = new(new SimulatedSource(_market));
        source.LetGo();
        await using PnlCluster cluster = new() { Folder = _folder.Path, Clock = _clock, Source = source, HistoryBars = HistoryBars };
        await cluster.InitializeAsync();
        await ProgressAsync(cluster, progress => progress.Phase == FeedPhase.Live);
        Task waiting = source.FallSilent();
        _clock.Advance(TimeSpan.FromMinutes(5));
        await waiting;

        // As a silo does with all its grains when it ends; the next activation of the feed lives where there is a silo.
        IRateFeedGrain feed = cluster.Orleans.Client.GetGrain<IRateFeedGrain>("simulated");
        await feed.Cast<IGrainManagementExtension>().DeactivateOnIdle(Cancellation);
        source.Recover();
        await feed.Start();
        await TickAsync(cluster);
        await AssertStoreIsTheMarketAsync(cluster);
    }

    /// <summary>Waits until the feed has published the last closed slot and every token's newest bar is durable.</summary>
    private async Task TickAsync(PnlCluster cluster)
    {
        int last = BarTime.LastClosedSlot(_clock.GetUtcNow());
        await ProgressAsync(cluster, progress => progress.LastTick == BarTime.Open(last));
        for (int i = 0; i < _market.Tokens.Count; i++)
        {
            if (Bars(i) is [.., Bar newest])
            {
                string id = _market.Tokens[i].Id;
                if ((await cluster.Store.Inner.LoadAsync(id, Cancellation))?.Tail is { } tail && tail.Summary().LastSlot == newest.Slot)
                {
                    continue;
                }

                await cluster.Store.Watch(id).NextWriteAsync(write => !write.History.IsEmpty && write.History.Life.LastSlot == newest.Slot);
            }
        }
    }

    private static async Task<FeedProgress> ProgressAsync(PnlCluster cluster, Func<FeedProgress, bool> reached)
    {
        using CancellationTokenSource patience = new(Patience.Limit);
        while (true)
        {
            FeedProgress progress = await cluster.Client.GetFeedProgressAsync("simulated", patience.Token);
            if (reached(progress))
            {
                return progress;
            }
        }
    }

    private async Task AssertStoreIsTheMarketAsync(PnlCluster cluster)
    {
        for (int i = 0; i < _market.Tokens.Count; i++)
        {
            if (Bars(i) is { Length: > 0 } bars)
            {
                await CleanBuild.AssertStoredAsync(cluster.Store.Inner, _market.Tokens[i].Id, bars);
            }
        }
    }

    /// <summary>What the market has of a token since the feed began, up to now.</summary>
    private Bar[] Bars(int token)
    {
        int end = BarTime.LastClosedSlot(_clock.GetUtcNow()) + 1;
        int[] slots = new int[end - _begin];
        long[] mantissas = new long[slots.Length];
        int count = _market.Read(token, _begin, end, slots, mantissas);
        return [.. Enumerable.Range(0, count).Select(i => new Bar(slots[i], new decimal(mantissas[i]) / (decimal)Math.Pow(10, _market.Tokens[token].Scale)))];
    }
}

using Pnl.Client;
using Pnl.Grains;
using Pnl.Tests.Cluster.Tokens;

namespace Pnl.Tests.Cluster.Leaderboards;

/// <summary>Leaderboards of all tokens of a silo; each test has one of its own.</summary>
public sealed class LeaderboardTests
{
    private static readonly int[] Ages = [0, 0, 0, 1, 5, 400]; // bars between the last bar and now: some rates are stale

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_leaderboard_is_what_the_tokens_say_also_after_late_bars_corrections_and_time_alone(int silos)
    {
        await using PnlCluster cluster = new() { Silos = silos };
        await cluster.InitializeAsync();
        string[] tokens = await LoadAsync(cluster, 36);
        await Boards.AssertRecomputedAsync(cluster.Client, tokens);

        // Late bars, corrections and new labels, in whatever order, while somebody looks on.
        using CancellationTokenSource enough = new();
        Task watch = AssertNeverBackAsync(cluster.Client, enough.Token);
        await Task.WhenAll(tokens.Select(async (token, i) =>
        {
            int last = RegularBars.Last - Ages[i % Ages.Length];
            await cluster.IngestAsync(token, new Bar(last - 3, 55m + i), new Bar(last - 40_000, 60m + i));
            await cluster.IngestAsync(token, new Bar(last, 101m + i % 7));
            await cluster.Client.RegisterTokenAsync(token, new() { Symbol = $"S{i}" }, Cancellation);
        }));
        await Boards.AssertRecomputedAsync(cluster.Client, tokens);
        await enough.CancelAsync();
        await watch;
        Assert.All(
            (await cluster.Client.GetLeaderboardAsync(new() { IncludeAll = true }, Cancellation)).Items,
            item => Assert.Equal($"S{Array.IndexOf(tokens, item.Token)}", item.Symbol));

        // Nobody tells that time passes.
        for (int i = 0; i < 4; i++)
        {
            cluster.Clock.Advance(TimeSpan.FromSeconds(239));
            await Boards.AssertRecomputedAsync(cluster.Client, tokens);
        }

        Assert.Equal(0, (await cluster.Client.GetLeaderboardAsync(new(), Cancellation)).Tokens);
    }

    [Fact]
    public async Task After_a_restart_the_leaderboard_comes_back_by_itself_and_never_goes_back()
    {
        using TemporaryFolder folder = new();
        string[] tokens;
        Leaderboard before;
        await using (PnlCluster cluster = new() { Folder = folder.Path })
        {
            await cluster.InitializeAsync();
            tokens = await LoadAsync(cluster, 36);
            await Boards.SettledAsync(cluster.Client, tokens);
            before = await cluster.Client.GetLeaderboardAsync(new(), Cancellation);
        }

        await using PnlCluster again = new() { Folder = folder.Path };
        await again.InitializeAsync();
        Leaderboard first = await again.Client.GetLeaderboardAsync(new(), Cancellation);
        Assert.Equal((before.Revision, before.AsOf, before.Known), (first.Revision, first.AsOf, first.Known));

        // It may lack one that this query does not count (stale, part of the window): all that count are there, and it is not complete.
        Assert.True(!first.Complete || first.Tokens == before.Tokens, $"{first.Tokens} of {before.Tokens}");
        await Boards.SettledAsync(again.Client, tokens);
        Leaderboard after = await again.Client.GetLeaderboardAsync(new(), Cancellation);
        Assert.Equal(before.Items, after.Items);
        await Boards.AssertRecomputedAsync(again.Client, tokens);
    }

    [Fact]
    public async Task Shards_that_are_lost_gather_anew_what_they_held_while_tokens_change_and_nothing_goes_back()
    {
        await using PnlCluster cluster = new();
        await cluster.InitializeAsync();
        string[] tokens = await LoadAsync(cluster, 24);
        await Boards.SettledAsync(cluster.Client, tokens);
        using CancellationTokenSource enough = new();
        Task watch = AssertNeverBackAsync(cluster.Client, enough.Token);
        for (int round = 1; round <= 3; round++)
        {
            Task changes = Task.WhenAll(tokens.Select((token, i) => cluster.IngestAsync(token, new Bar(RegularBars.Last - 7, 70m + round + i))));
            await Task.WhenAll(Enumerable.Range(0, StandingShards.Count).Select(shard => cluster.Orleans.DeactivateAsync(cluster.Orleans.Client.GetGrain<IStandingsGrain>(shard))));
            await changes;
        }

        await Boards.AssertRecomputedAsync(cluster.Client, tokens);
        await enough.CancelAsync();
        await watch;
    }

    [Fact]
    public async Task A_change_that_was_acknowledged_and_never_told_is_found()
    {
        await using PnlCluster cluster = new();
        await cluster.InitializeAsync();
        string[] tokens = await LoadAsync(cluster, 3);
        await Boards.SettledAsync(cluster.Client, tokens);

        // Written behind the grains' backs: as by a silo that died right after the acknowledgement.
        await cluster.Orleans.DeactivateAsync(cluster.Token(tokens[0]));
        Pnl.Rates.StoredToken stored = (await cluster.Store.Inner.LoadAsync(tokens[0], Cancellation))!;
        TokenHistory history = TokenHistory.Restore(stored.Months, stored.Tail, stored.Coverage);
        await cluster.Store.Inner.WriteAsync(new(tokens[0], stored.Key, stored.Revision, stored.Revision + 1, stored.Registration with { Symbol = "FOUND" }, history, []));
        Task found = Boards.SettledAsync(cluster.Client, tokens);
        while (await Task.WhenAny(found, Task.Delay(20, Cancellation)) != found)
        {
            cluster.Clock.Advance(TimeSpan.FromMinutes(5)); // by when the shards look at the store
        }

        await found;
        await Boards.AssertRecomputedAsync(cluster.Client, tokens);
        Assert.Contains((await cluster.Client.GetLeaderboardAsync(new() { IncludeAll = true }, Cancellation)).Items, item => item.Symbol == "FOUND");
    }

    [Theory]
    [InlineData("2h", Measure.Return, 10)]
    [InlineData("24h", (Measure)17, 10)]
    [InlineData("24h", Measure.Return, 0)]
    [InlineData("24h", Measure.Return, 1001)]
    public async Task A_ranking_that_there_is_not_is_refused(string window, Measure by, int limit)
    {
        await using PnlCluster cluster = new();
        await cluster.InitializeAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => cluster.Client.GetLeaderboardAsync(new() { Window = window, By = by, Limit = limit }, Cancellation));
    }

    /// <summary>Tokens of all ages, some without bars, some with equal figures.</summary>
    private static async Task<string[]> LoadAsync(PnlCluster cluster, int count)
    {
        string[] tokens = [.. Enumerable.Range(0, count).Select(i => $"rank-{i * 7 % count}")];
        await Task.WhenAll(tokens.Select(async (token, i) =>
        {
            await cluster.Client.RegisterTokenAsync(token, new(), Cancellation);
            if (i % 9 != 8)
            {
                int last = RegularBars.Last - Ages[i % Ages.Length];
                int length = (int[])[1, 2, 40, 400, 9000] is var lengths ? lengths[i % lengths.Length] : 0;
                await cluster.IngestAsync(token, [.. Enumerable.Range(0, length).Select(n => RegularBars.At(last - n) with { Rate = 100m + (n * (i % 4 + 1)) % 13 + i % 3 })]);
            }
        }));
        return tokens;
    }

    /// <summary>Looks at a leaderboard again and again, and fails if it says less than it has said.</summary>
    private static async Task AssertNeverBackAsync(IPnlClient client, CancellationToken enough)
    {
        Leaderboard last = await client.GetLeaderboardAsync(new(), Cancellation);
        while (!enough.IsCancellationRequested)
        {
            Leaderboard next = await client.GetLeaderboardAsync(new(), Cancellation);
            Assert.True(next.Revision >= last.Revision && next.AsOf >= last.AsOf && next.Known >= last.Known, $"{last} became {next}");
            last = next;
        }
    }
}

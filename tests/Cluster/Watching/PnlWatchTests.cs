using System.Text.Json;
using Pnl.Client;
using Pnl.Grains;
using Pnl.Tests.Cluster.Tokens;

namespace Pnl.Tests.Cluster.Watching;

/// <summary>Whoever follows tokens sees their newest state after each change, and never an older one.</summary>
public sealed class PnlWatchTests(PnlCluster cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task First_comes_how_the_tokens_stand_and_then_each_change_as_an_answer_would_tell_it()
    {
        (string one, string other) = (await cluster.NewTokenAsync("one"), await cluster.NewTokenAsync("other"));
        Bar[] bars = RegularBars.UpToNow(30);
        await cluster.IngestAsync(one, bars[..10]);
        using PnlWatch<TokenPnl> watch = await WatchAsync((one, 0), (other, 0));

        TokenPnl[] first = [await NextAsync(watch), await NextAsync(watch)];
        Assert.Equal([one, other], first.Select(pnl => pnl.Token).Order(StringComparer.Ordinal).OrderBy(token => token == other));
        Assert.Empty(first.Single(pnl => pnl.Token == other).Windows);

        // New bars by call and by stream, a late one and a correction.
        await cluster.IngestAsync(one, bars[10]);
        await AssertNextAsync(watch, one);
        await cluster.PublishAsync(other, bars[29..]);
        Assert.Equal(BarTime.Close(bars[29].Slot), (await AssertNextAsync(watch, other)).AsOf);
        await cluster.IngestAsync(other, bars[3]);
        await AssertNextAsync(watch, other);
        await cluster.IngestAsync(one, bars[10] with { Rate = 1000m });
        Assert.Equal(1000m, (await AssertNextAsync(watch, one)).Rate);

        // What changes nothing is not told: the next thing told is the change behind it.
        await cluster.IngestAsync(one, bars[10] with { Rate = 1000m });
        await cluster.IngestAsync(other, bars[4]);
        await AssertNextAsync(watch, other);
    }

    [Fact]
    public async Task Who_comes_back_gets_the_newest_of_what_changed_meanwhile_and_nothing_else()
    {
        (string changed, string same) = (await cluster.NewTokenAsync("changed"), await cluster.NewTokenAsync("same"));
        Bar[] bars = RegularBars.UpToNow(30);
        await cluster.IngestAsync(changed, bars[..10]);
        (long changedSeen, long sameSeen) = (await RevisionAsync(changed), await RevisionAsync(same));
        await cluster.IngestAsync(changed, bars[10]);
        await cluster.IngestAsync(changed, bars[11..13]);

        using PnlWatch<TokenPnl> watch = await WatchAsync((changed, changedSeen), (same, sameSeen));
        Assert.Equal(changedSeen + 3, (await AssertNextAsync(watch, changed)).Revision);
        await cluster.IngestAsync(same, bars[0]);
        await AssertNextAsync(watch, same);

        // Seen in a store that is no more: what there is now is news.
        using PnlWatch<TokenPnl> later = await WatchAsync((changed, changedSeen + 1000));
        await AssertNextAsync(later, changed);
    }

    [Fact]
    public async Task Who_reads_slowly_gets_the_newest_state_and_is_told_how_many_were_left_out()
    {
        string token = await cluster.NewTokenAsync("fast");
        Bar[] bars = RegularBars.UpToNow(8);
        using PnlWatch<TokenPnl> fast = await WatchAsync((token, 0)), slow = await WatchAsync((token, 0));
        await NextAsync(fast);
        await NextAsync(slow);
        foreach (Bar bar in bars)
        {
            await cluster.IngestAsync(token, bar);
            await AssertNextAsync(fast, token);
        }

        PnlUpdate<TokenPnl> update = await slow.NextAsync(Cancellation);
        Assert.Equal((await RevisionAsync(token), bars.Length - 1), (update.Pnl.Revision, update.Skipped));
        await cluster.IngestAsync(token, bars[0] with { Rate = 5 });
        Assert.Equal(0, (await slow.NextAsync(Cancellation)).Skipped);
    }

    [Fact]
    public async Task A_shard_that_is_lost_loses_no_change()
    {
        await using PnlCluster own = new(); // since its clock is moved
        await own.InitializeAsync();
        string[] tokens = [.. await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => own.NewTokenAsync("kept")))];
        using PnlWatch<TokenPnl> watch = await own.Client.WatchPnlAsync(tokens.ToDictionary(token => token, _ => 0L), Cancellation);
        foreach (string _ in tokens)
        {
            await NextAsync(watch);
        }

        foreach (Bar bar in RegularBars.UpToNow(3))
        {
            Task changes = Task.WhenAll(tokens.Select(token => own.IngestAsync(token, bar)));
            Task lost = Task.WhenAll(Enumerable.Range(0, StandingShards.Count).Select(shard => own.Orleans.DeactivateAsync(own.Orleans.Client.GetGrain<IStandingsGrain>(shard))));
            while (await Task.WhenAny(lost, Task.Delay(10, Cancellation)) != lost)
            {
                own.Clock.Advance(TimeSpan.FromSeconds(5)); // lets the calls end that wait for changes
            }

            await changes;
            Dictionary<string, long> told = [];
            while (told.Count < tokens.Length)
            {
                TokenPnl pnl = await NextAsync(watch);
                told.Add(pnl.Token, pnl.Revision); // each once
            }

            foreach (string token in tokens)
            {
                Assert.Equal((await own.Client.GetTokenAsync(token, Cancellation)).Revision, told[token]);
            }
        }
    }

    [Fact]
    public async Task A_token_that_nobody_registered_is_refused_and_the_others_of_the_call_are_followed_by_nobody()
    {
        string token = await cluster.NewTokenAsync("known");
        Assert.Equal("nobody", (await Assert.ThrowsAsync<TokenUnknownException>(() => WatchAsync((token, 0), ("nobody", 0)))).Token);
        using PnlWatch<TokenPnl> watch = await WatchAsync((token, 0));
        await AssertNextAsync(watch, token);
    }

    [Fact]
    public async Task Who_follows_a_token_that_is_deleted_is_told_and_of_one_that_comes_after_it_too()
    {
        (string gone, string stays) = (await cluster.NewTokenAsync("gone"), await cluster.NewTokenAsync("stays"));
        Bar[] bars = RegularBars.UpToNow(30);
        await cluster.IngestAsync(gone, bars);
        using PnlWatch<TokenPnl> watch = await WatchAsync((gone, 0), (stays, 0));
        await NextAsync(watch);
        await NextAsync(watch);

        // Bars alone first: what was told of them is not the last word.
        await cluster.Client.DeleteRatesAsync(gone, BarTime.Open(bars[10].Slot), BarTime.Open(bars[^1].Slot + 1), Cancellation);
        Assert.Equal(bars[9].Rate, (await AssertNextAsync(watch, gone)).Rate);
        TokenRemoval removal = await cluster.Client.DeleteTokenAsync(gone, cancellation: Cancellation);
        PnlUpdate<TokenPnl> told = await UpdateAsync(watch);
        Assert.Equal((gone, removal.Revision, true), (told.Id, told.Revision, told.IsDeleted));
        Assert.Equal((gone, null, null, false), (told.Pnl.Token, told.Pnl.Rate, told.Pnl.AsOf, told.Pnl.Complete));
        await cluster.IngestAsync(stays, bars[0]);
        Assert.False((await AssertUpdateAsync(watch, stays)).IsDeleted); // the other is followed on

        // Who comes back, behind it or before it, and who comes for the first time.
        using PnlWatch<TokenPnl> behind = await WatchAsync((gone, removal.Revision), (stays, 1)), before = await WatchAsync((gone, removal.Revision - 1));
        await AssertUpdateAsync(behind, stays);
        Assert.True((await UpdateAsync(before)).IsDeleted);
        await Assert.ThrowsAsync<TokenUnknownException>(() => WatchAsync((gone, 0)));

        // By another activation as well.
        await cluster.Orleans.DeactivateAsync(cluster.Token(gone));
        await cluster.Client.RegisterTokenAsync(gone, new() { Quote = "eur" }, Cancellation);
        await cluster.IngestAsync(gone, bars[20] with { Rate = 5m });
        foreach (PnlWatch<TokenPnl> each in (PnlWatch<TokenPnl>[])[watch, behind, before])
        {
            PnlUpdate<TokenPnl> anew;
            do
            {
                anew = await UpdateAsync(each); // that it is registered may be told by itself
                Assert.Equal((gone, false, "eur"), (anew.Id, anew.IsDeleted, anew.Pnl.Quote));
            }
            while (anew.Pnl.Rate is null);

            Assert.Equal(Json(await cluster.Client.GetPnlAsync(gone, Cancellation)), Json(anew.Pnl));
        }
    }

    private static async Task<PnlUpdate<TokenPnl>> UpdateAsync(PnlWatch<TokenPnl> watch) => await watch.NextAsync(Cancellation).AsTask().WaitAsync(Patience.Limit, Cancellation);

    private async Task<PnlUpdate<TokenPnl>> AssertUpdateAsync(PnlWatch<TokenPnl> watch, string token)
    {
        PnlUpdate<TokenPnl> told = await UpdateAsync(watch);
        Assert.Equal(Json(await cluster.Client.GetPnlAsync(token, Cancellation)), Json(told.Pnl));
        return told;
    }

    private Task<PnlWatch<TokenPnl>> WatchAsync(params (string Token, long Seen)[] tokens) =>
        cluster.Client.WatchPnlAsync(tokens.ToDictionary(token => token.Token, token => token.Seen), Cancellation);

    private async Task<long> RevisionAsync(string token) => (await cluster.Client.GetTokenAsync(token, Cancellation)).Revision;

    /// <summary>The next state, which must be the token's answer of now.</summary>
    private async Task<TokenPnl> AssertNextAsync(PnlWatch<TokenPnl> watch, string token)
    {
        TokenPnl told = await NextAsync(watch);
        Assert.Equal(Json(await cluster.Client.GetPnlAsync(token, Cancellation)), Json(told));
        return told;
    }

    private static async Task<TokenPnl> NextAsync(PnlWatch<TokenPnl> watch) => (await watch.NextAsync(Cancellation).AsTask().WaitAsync(Patience.Limit, Cancellation)).Pnl;

    private static string Json(TokenPnl pnl) => JsonSerializer.Serialize(pnl);
}

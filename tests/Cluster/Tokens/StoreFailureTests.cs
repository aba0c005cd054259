using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Tokens;

public sealed class StoreFailureTests(PnlCluster cluster)
{
    private static readonly Bar[] Bars = RegularBars.UpToNow(6);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_store_that_fails_once_makes_the_stream_try_again_and_no_bar_is_lost_or_taken_twice(bool whenItIsDurableAlready)
    {
        string id = await cluster.NewTokenAsync("failing");
        WatchedToken watch = cluster.Store.Watch(id);
        int writes = 0, loads = watch.Loads;
        Task FailThird(TokenWrite write) => ++writes == 3 ? throw new IOException("the disk is full") : Task.CompletedTask;
        if (whenItIsDurableAlready)
        {
            watch.AfterWrite = FailThird;
        }
        else
        {
            watch.BeforeWrite = FailThird;
        }

        await cluster.PublishAsync(id, Bars);
        await cluster.DrainAsync(id);

        await CleanBuild.AssertStoredAsync(cluster.Store.Inner, id, Bars);
        Assert.Equal(1 + Bars.Length, (await cluster.Client.GetTokenAsync(id, TestContext.Current.CancellationToken)).Revision);

        // A new activation has read what is stored. Calls that meet the old one on its way out may begin two, of which one gives way.
        Assert.InRange(watch.Loads, loads + 1, loads + 2);
    }

    [Fact]
    public async Task A_call_whose_bars_cannot_be_stored_says_so_and_the_answers_stay_as_they_were()
    {
        string id = await cluster.NewTokenAsync("failing");
        await cluster.IngestAsync(id, Bars[..3]);
        string before = await Answers.OfAsync(cluster.Client, id);
        WatchedToken watch = cluster.Store.Watch(id);

        watch.BeforeWrite = _ => throw new IOException("the disk is full");
        IOException failure = await Assert.ThrowsAsync<IOException>(() => cluster.IngestAsync(id, Bars));
        Assert.Contains("the disk is full", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, await Answers.OfAsync(cluster.Client, id));
        await Assert.ThrowsAsync<IOException>(() => cluster.Client.RegisterTokenAsync(id, new() { Name = "Another" }, TestContext.Current.CancellationToken));
        Assert.Equal(before, await Answers.OfAsync(cluster.Client, id));

        watch.BeforeWrite = _ => Task.CompletedTask;
        Assert.Equal((3, 3), await cluster.IngestAsync(id, Bars) is var result ? (result.Accepted, result.Unchanged) : default);
        await CleanBuild.AssertStoredAsync(cluster.Store.Inner, id, Bars);
    }

    [Fact]
    public async Task A_token_that_was_written_behind_the_grains_back_makes_it_let_go_and_the_next_call_sees_what_is_stored()
    {
        string id = await cluster.NewTokenAsync("contested");
        await cluster.IngestAsync(id, Bars[..2]);
        StoredToken stored = (await cluster.Store.Inner.LoadAsync(id, TestContext.Current.CancellationToken))!;
        HistoryChange other = TokenHistory.Restore(stored.Months, stored.Tail, stored.Coverage).With(Bars.AsSpan(2, 2), default, SegmentSet.Empty, TokenHistory.Stagger(id));
        await cluster.Store.Inner.WriteAsync(new(id, stored.Key, stored.Revision, stored.Revision + 40, stored.Registration, other.History, other.Sealed));

        await Assert.ThrowsAsync<StoreConflictException>(() => cluster.Token(id).Ingest(Batches.Of([Bars[5]]))); // the client would try again

        TokenInfo seen = await cluster.Client.GetTokenAsync(id, TestContext.Current.CancellationToken);
        Assert.Equal((stored.Revision + 40, 4), (seen.Revision, seen.Bars));
        await cluster.IngestAsync(id, Bars);
        await CleanBuild.AssertStoredAsync(cluster.Store.Inner, id, Bars);
    }

    [Fact]
    public async Task A_month_that_was_rewritten_behind_the_grains_back_makes_it_let_go_before_it_writes_anything()
    {
        string id = await cluster.NewTokenAsync("contested");
        Bar[] bars = RegularBars.UpToNow(900, step: 30); // some three months
        await cluster.IngestAsync(id, bars);
        await cluster.Orleans.DeactivateAsync(cluster.Token(id)); // no month is in the cache of the next
        await cluster.Client.GetTokenAsync(id, TestContext.Current.CancellationToken);
        StoredToken stored = (await cluster.Store.Inner.LoadAsync(id, TestContext.Current.CancellationToken))!;
        TokenHistory history = TokenHistory.Restore(stored.Months, stored.Tail, stored.Coverage);
        Bar corrected = bars[10] with { Rate = 4_711m };
        SegmentSet months = new();
        foreach (int month in stored.Months.Select(month => month.Month))
        {
            months.Add(month, await cluster.Store.Inner.ReadMonthAsync(stored.Key, month, TestContext.Current.CancellationToken));
        }

        HistoryChange other = history.With([corrected], default, months, TokenHistory.Stagger(id));
        await cluster.Store.Inner.WriteAsync(new(id, stored.Key, stored.Revision, stored.Revision + 40, stored.Registration, other.History, other.Sealed));

        BarBatch late = Batches.Of([bars[12] with { Rate = 815m }]); // of the same month
        await Assert.ThrowsAsync<StoreConflictException>(() => cluster.Token(id).Ingest(late)); // the client would try again
        Assert.Equal(1, (await cluster.Token(id).Ingest(late))!.Corrected);

        bars[10] = corrected;
        bars[12] = bars[12] with { Rate = 815m };
        await CleanBuild.AssertStoredAsync(cluster.Store.Inner, id, bars);
    }
}

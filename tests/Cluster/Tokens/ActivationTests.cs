namespace Pnl.Tests.Cluster.Tokens;

public sealed class ActivationTests(PnlCluster cluster)
{
    [Fact]
    public async Task A_token_that_was_put_to_sleep_answers_as_before()
    {
        string id = await cluster.NewTokenAsync("sleeper");
        await cluster.IngestAsync(id, RegularBars.UpToNow(500, step: 50));
        string before = await Answers.OfAsync(cluster.Client, id);
        int loads = cluster.Store.Watch(id).Loads;

        await cluster.Orleans.DeactivateAsync(cluster.Token(id));

        Assert.Equal(before, await Answers.OfAsync(cluster.Client, id));
        Assert.Equal(loads + 1, cluster.Store.Watch(id).Loads);
    }

    [Fact]
    public async Task Windows_of_five_years_read_only_the_months_at_their_edges_and_only_once()
    {
        string id = await cluster.NewTokenAsync("old");
        await cluster.IngestAsync(id, RegularBars.UpToNow(5 * 365 * 24, step: 12));
        string before = await Answers.OfAsync(cluster.Client, id);
        await cluster.Orleans.DeactivateAsync(cluster.Token(id));
        WatchedToken watch = cluster.Store.Watch(id);
        int read = watch.MonthsRead.Count;

        await cluster.Client.GetTokenAsync(id, TestContext.Current.CancellationToken);
        Assert.Equal(read, watch.MonthsRead.Count);

        await cluster.Client.GetPnlAsync(id, TestContext.Current.CancellationToken);
        int[] months = [.. watch.MonthsRead.Skip(read)];
        int now = BarTime.MonthOf(RegularBars.Last);
        // 30 days, 90 days, a year and the life begin within a month; the year to date begins where a month does.
        Assert.Empty(months.Except([now, now - 1, now - 3, now - 12, now - 60]));
        Assert.Equal(months.Distinct(), months);

        await cluster.Client.GetPnlAsync(id, TestContext.Current.CancellationToken);
        Assert.Equal(read + months.Length, watch.MonthsRead.Count);
        Assert.Equal(before, await Answers.OfAsync(cluster.Client, id));
    }
}

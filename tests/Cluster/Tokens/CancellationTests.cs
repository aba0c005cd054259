using Pnl.Grains;

namespace Pnl.Tests.Cluster.Tokens;

/// <summary>Who gives up waiting ends the work, not only the wait.</summary>
public sealed class CancellationTests(PnlCluster cluster)
{
    private const int Months = 40;

    [Theory]
    [InlineData("series")]
    [InlineData("rates")]
    [InlineData("coverage")]
    public async Task A_token_reads_no_more_months_for_a_caller_who_has_gone(string asked)
    {
        CancellationToken end = TestContext.Current.CancellationToken;
        string id = await cluster.NewTokenAsync($"cancelled-{asked}");
        await cluster.IngestAsync(id, [.. Enumerable.Range(0, Months * 2).Select(i => new Bar(BarTime.FirstSlotOfMonth(600 + i / 2) + 17 + i % 2 * 9, 1m + i))]);
        await cluster.Orleans.DeactivateAsync(cluster.Token(id));
        WatchedToken watch = cluster.Store.Watch(id);
        int before = watch.MonthsRead.Count;
        TaskCompletionSource reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        watch.AfterRead = (_, cancellation) =>
        {
            if (!cancellation.CanBeCanceled)
            {
                return Task.CompletedTask; // the token reads for itself, to tell how it stands
            }

            reading.TrySetResult();
            return Task.Delay(Patience.Limit, cancellation); // until the token hears of it
        };
        using CancellationTokenSource caller = CancellationTokenSource.CreateLinkedTokenSource(end);
        Task call = asked switch
        {
            "series" => cluster.Token(id).GetSeries(new(), caller.Token),
            "rates" => cluster.Token(id).GetRates(new(), caller.Token),
            _ => cluster.Token(id).GetCoverage(10, caller.Token),
        };
        await reading.Task.WaitAsync(Patience.Limit, end);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Patience.Limit, end));
        watch.AfterRead = (_, _) => Task.CompletedTask;

        Assert.InRange(watch.MonthsRead.Count - before, 1, Months - 2); // the open days are no sealed month
        Assert.Equal(Months * 2, (await cluster.Client.GetSeriesAsync(id, new(), end)).Time.Length);
    }
}

using Pnl.Grains;
using Pnl.Rates;
using Pnl.Rates.Simulation;
using Pnl.Tests.Cluster.Backfills;

namespace Pnl.Tests.Cluster.Feeds;

/// <summary>What a lost event leaves is seen with the next one, and closed from the source.</summary>
public sealed class HealingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hole_that_lost_events_left_is_fetched_and_nothing_else()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync();
        SimulatedToken token = past.Listed[0];
        int first = BarTime.SlotAt(SimulatedPast.Now) - 100, last = first + 50;
        await RegisterAsync(past, token);

        foreach (Bar bar in past.Bars(token, first, last).Where(bar => bar.Slot < first + 10 || bar.Slot >= first + 30))
        {
            await PublishAsync(past, token, bar, coveredFrom: bar.Slot < first + 30 ? first : first + 30);
        }

        await WholeAsync(past, token, first, last);
        await CleanBuild.AssertStoredAsync(past.Cluster.Store.Inner, token.Id, past.Bars(token, first, last));
    }

    [Fact]
    public async Task A_source_that_is_silent_is_asked_again_later_and_until_then_the_answer_is_not_complete()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync();
        SimulatedToken token = past.Listed[0];
        int first = BarTime.SlotAt(SimulatedPast.Now) - 100;
        await RegisterAsync(past, token);
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool silent = true;
        past.Source.BeforePage = (_, _) =>
        {
            asked.TrySetResult();
            return silent ? throw new SourceException("source.down", "nobody answers", isTransient: false) : Task.CompletedTask;
        };

        Bar[] bars = [.. past.Bars(token, first, first + 40).Where(bar => bar.Slot < first + 10 || bar.Slot >= first + 30)];
        foreach (Bar bar in bars)
        {
            await PublishAsync(past, token, bar, coveredFrom: bar.Slot < first + 30 ? first : first + 30);
        }

        await asked.Task.WaitAsync(Patience.Limit, Cancellation);
        Assert.False((await past.Cluster.Client.GetPnlAsync(token.Id, Cancellation)).Complete);
        using Measured measured = new(past.Cluster);
        Assert.Equal(1, measured.Now("pnl.gaps.open"));

        silent = false;
        using CancellationTokenSource whole = new();
        Task clock = AdvanceAsync(past, whole.Token);
        await WholeAsync(past, token, first, first + 40);
        await measured.BecomesAsync("pnl.gaps.open", 0); // by the turn after the one that made it whole
        await whole.CancelAsync();
        await clock;
        await CleanBuild.AssertStoredAsync(past.Cluster.Store.Inner, token.Id, past.Bars(token, first, first + 40));
    }

    private static Task<RegisterResult> RegisterAsync(SimulatedPast past, SimulatedToken token) => past.Cluster.Client.RegisterTokenAsync(
        token.Id, new() { Quote = token.Quote, Sources = new() { ["simulated"] = token.Symbol } }, Cancellation);

    private static Task PublishAsync(SimulatedPast past, SimulatedToken token, Bar bar, int coveredFrom) =>
        past.Cluster.Stream(token.Id).OnNextAsync(new(BarTime.OpenSeconds(bar.Slot), bar.Rate, BarTime.OpenSeconds(coveredFrom)));

    /// <summary>Waits until nothing is missing of a range, which can only be asked for.</summary>
    private static async Task WholeAsync(SimulatedPast past, SimulatedToken token, int from, int to)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience.Limit);
        while (await past.Cluster.Token(token.Id).GetUnread(BarTime.Open(from), BarTime.Open(to)) is not [])
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private static async Task AdvanceAsync(SimulatedPast past, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            past.Clock.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(Task.Delay(5, until));
        }
    }
}

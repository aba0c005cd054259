using Pnl.Client;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Rates.Simulation;

namespace Pnl.Tests.Cluster.Backfills;

/// <summary>The life of backfills, over the past of a simulated market.</summary>
public sealed class BackfillTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backfill_fetches_every_token_once_and_the_landing_makes_the_same_store_again()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync();
        BackfillStatus started = await past.BackfillAsync();
        Assert.Equal(BackfillPhase.Running, started.Phase);
        Assert.Equal(BarTime.Open(BarTime.SlotAt(SimulatedPast.Now)), started.To);

        BackfillStatus ended = await past.EndAsync(started.Id);
        long bars = past.Listed.Sum(token => (long)past.Bars(token).Length);
        Assert.Equal(BackfillPhase.Completed, ended.Phase);
        Assert.Equal((past.Listed.Count, past.Listed.Count, 0), (ended.Tokens.Total, ended.Tokens.Done, ended.Tokens.Failed));
        Assert.Equal((bars, bars, 0, 0), (ended.Bars.Landed, ended.Bars.Imported, ended.Bars.Quarantined, ended.Retries));
        await past.AssertFetchedOnceAsync(past.Listed);

        // The slots without a trade are absent at the source, and nothing is left to be fetched.
        SimulatedToken token = past.Listed[0];
        TokenCoverage coverage = await past.Cluster.Client.GetCoverageAsync(token.Id, cancellation: Cancellation);
        Assert.Equal([new TimeRange(SimulatedPast.From, BarTime.Open(BarTime.SlotAt(SimulatedPast.Now)))], coverage.Coverage.Fetched);
        Bar[] held = past.Bars(token);
        Assert.Equal((held[^1].Slot - held[0].Slot + 1 - held.Length, 0), (coverage.Coverage.AbsentBars, coverage.Coverage.MissingBars));
        Assert.NotEqual(0, coverage.Coverage.AbsentBars);
        Assert.Equal((token.Id, token.Symbol), (coverage.Id, coverage.Sources["simulated"]));

        // What is fetched is not fetched again, from an earlier day on only what lies before.
        int requests = past.Source.Requests;
        BackfillStatus again = await past.EndAsync((await past.BackfillAsync()).Id);
        Assert.NotEqual(ended.Id, again.Id);
        Assert.Equal((BackfillPhase.Completed, 0, requests), (again.Phase, again.Bars.Landed, past.Source.Requests));
        await past.EndAsync((await past.BackfillAsync(past.Request() with { From = SimulatedPast.From.AddDays(-1), OldestFirst = true })).Id);
        Assert.Equal(requests + past.Listed.Count, past.Source.Requests);
        Assert.Equal(["b3", "b2", "b1"], await past.Cluster.Client.ListBackfillsAsync(Cancellation));

        using TemporaryFolder folder = new();
        await using SqliteSegmentStore rebuilt = SqliteSegmentStore.Open(folder.Path);
        await LandingRebuild.RunAsync(past.Cluster.Landing, rebuilt, null, Cancellation);
        foreach (SimulatedToken each in past.Listed)
        {
            await CleanBuild.AssertStoredAsync(rebuilt, each.Id, past.Bars(each, BarTime.SlotAt(SimulatedPast.From.AddDays(-1)), BarTime.SlotAt(SimulatedPast.Now)));
        }
    }

    [Fact]
    public async Task The_same_request_again_answers_the_running_one_and_another_begins_another()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync();
        Gate gate = new();
        past.Source.BeforePage = (_, _) => gate.PassAsync();
        BackfillStatus first = await past.BackfillAsync();
        await gate.Reached;
        Assert.Equal(first.Id, (await past.BackfillAsync()).Id);
        Assert.Equal(first.Id, (await past.BackfillAsync(past.Request([.. past.Request().Tokens!.Reverse()]))).Id);
        BackfillStatus other = await past.BackfillAsync(past.Request() with { OldestFirst = true });
        Assert.NotEqual(first.Id, other.Id);
        gate.Open();

        // Both want the same months: whoever comes second finds them fetched.
        Assert.Equal(BackfillPhase.Completed, (await past.EndAsync(first.Id)).Phase);
        Assert.Equal(BackfillPhase.Completed, (await past.EndAsync(other.Id)).Phase);
        await past.AssertFetchedOnceAsync(past.Listed);
    }

    [Fact]
    public async Task A_held_backfill_asks_for_nothing_more_until_it_is_let_go_on()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync();
        Gate gate = new(past.Listed.Count); // the month of every token is under way
        past.Source.BeforePage = (_, _) => gate.PassAsync();
        string id = (await past.BackfillAsync()).Id;
        await gate.Reached;

        // It is held at once, though months are under way.
        BackfillStatus held = (await past.Cluster.Client.ControlBackfillAsync(id, BackfillControl.Pause, Cancellation))!;
        Assert.Equal((BackfillPhase.Paused, null, null), (held.Phase, held.EndedAt, held.Eta));
        gate.Open();
        await past.StatusAsync(id, _ => past.Source.Pages.Keys.Select(page => page.Symbol).Distinct().Count() == past.Listed.Count && past.Source.Requests >= 5 * past.Listed.Count);
        await past.Cluster.Orleans.Client.GetGrain<IBackfillsGrain>(0).ContinueAll(); // as the silo does now and then
        Assert.Equal(BackfillPhase.Paused, (await past.Cluster.Client.GetBackfillAsync(id, Cancellation))!.Phase);
        int months = past.Source.Pages.Keys.Select(page => (page.Symbol, BarTime.MonthOf(page.FirstSlot))).Distinct().Count();
        Assert.Equal(past.Listed.Count, months);

        await past.Cluster.Client.ControlBackfillAsync(id, BackfillControl.Resume, Cancellation);
        BackfillStatus ended = await past.EndAsync(id);
        Assert.Equal((BackfillPhase.Completed, past.Listed.Count), (ended.Phase, ended.Tokens.Done));
        Assert.Equal(past.Listed.Sum(token => (long)past.Bars(token).Length), ended.Bars.Landed);
        await past.AssertFetchedOnceAsync(past.Listed);
    }

    [Fact]
    public async Task One_that_is_let_go_on_before_it_stood_still_goes_on_all_the_same()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync();
        Gate gate = new();
        past.Source.BeforePage = (_, _) => gate.PassAsync();
        string id = (await past.BackfillAsync()).Id;
        await gate.Reached;
        await past.Cluster.Client.ControlBackfillAsync(id, BackfillControl.Pause, Cancellation);
        await past.Cluster.Client.ControlBackfillAsync(id, BackfillControl.Resume, Cancellation);
        gate.Open();
        Assert.Equal(BackfillPhase.Completed, (await past.EndAsync(id)).Phase);
        await past.AssertFetchedOnceAsync(past.Listed);
    }

    [Fact]
    public async Task A_cancelled_backfill_keeps_what_is_done_and_does_not_go_on()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync();
        Gate gate = new();
        past.Source.BeforePage = (_, _) => gate.PassAsync();
        string id = (await past.BackfillAsync(past.Request(past.Listed[0].Id))).Id;
        await gate.Reached;
        BackfillStatus cancelled = (await past.Cluster.Client.ControlBackfillAsync(id, BackfillControl.Cancel, Cancellation))!;
        Assert.Equal((BackfillPhase.Cancelled, SimulatedPast.Now), (cancelled.Phase, cancelled.EndedAt));
        gate.Open();

        // The month under way is kept; no other is fetched.
        SimulatedToken token = past.Listed[0];
        Bar[] march = past.Bars(token, BarTime.FirstSlotOfMonth(BarTime.MonthOf(BarTime.SlotAt(SimulatedPast.Now))), BarTime.SlotAt(SimulatedPast.Now));
        await past.StatusAsync(id, status => status.Bars.Landed == march.Length);
        Assert.Equal(BackfillPhase.Cancelled, (await past.Cluster.Client.ControlBackfillAsync(id, BackfillControl.Resume, Cancellation))!.Phase);
        await past.Cluster.Orleans.Client.GetGrain<IBackfillsGrain>(0).ContinueAll();
        await CleanBuild.AssertStoredAsync(past.Cluster.Store.Inner, token.Id, march);
        Assert.Null(await past.Cluster.Client.ControlBackfillAsync("b99", BackfillControl.Cancel, Cancellation));

        // The same request is a new backfill then, and fetches the rest.
        BackfillStatus next = await past.EndAsync((await past.BackfillAsync(past.Request(token.Id))).Id);
        Assert.NotEqual(id, next.Id);
        await past.AssertFetchedOnceAsync(token);
    }

    [Fact]
    public async Task Tokens_that_cannot_be_fetched_are_told_with_their_code_and_stop_no_other()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync();
        SimulatedToken broken = past.Listed[1], vanished = past.Listed[2];
        int february = BarTime.FirstSlotOfMonth(BarTime.MonthOf(BarTime.SlotAt(SimulatedPast.From)) + 1);
        past.Source.BeforePage = (pair, range) =>
            pair.Symbol == vanished.Symbol ? throw new SourceException("symbol.unknown", "delisted", isTransient: false)
            : pair.Symbol == broken.Symbol && range.From >= february + 2000 && range.From < february + 3000 ? throw new InvalidDataException("a bug of the source")
            : Task.CompletedTask;
        string id = (await past.BackfillAsync(past.Request([.. past.Listed.Select(token => token.Id), "nobody"]))).Id;
        using CancellationTokenSource advancing = new();
        Task clock = RunClockAsync(past, advancing.Token); // what may pass is tried again, after seconds
        BackfillStatus ended = await past.EndAsync(id);
        await advancing.CancelAsync();
        await clock;

        Assert.Equal((BackfillPhase.CompletedWithFailures, past.Listed.Count + 1, past.Listed.Count - 2, 3), (ended.Phase, ended.Tokens.Total, ended.Tokens.Done, ended.Tokens.Failed));
        Assert.Equal(
            [(broken.Id, "internal"), ("nobody", "symbol.unknown"), (vanished.Id, "symbol.unknown")],
            ended.Failures.Select(failure => (failure.Token, failure.Code)).OrderBy(failure => failure.Token == vanished.Id).ThenBy(failure => failure.Token == "nobody"));
        await past.AssertFetchedOnceAsync([.. past.Listed.Except([broken, vanished])]);
    }

    [Fact]
    public async Task A_source_that_is_down_for_a_while_costs_retries_and_no_token()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync();
        int failures = 0;
        past.Source.BeforePage = (_, _) => Interlocked.Increment(ref failures) <= 12
            ? throw new SourceException("source.unavailable", "502", isTransient: true)
            : Task.CompletedTask;
        string id = (await past.BackfillAsync()).Id;
        using CancellationTokenSource advancing = new();
        Task clock = RunClockAsync(past, advancing.Token);
        BackfillStatus ended = await past.EndAsync(id);
        await advancing.CancelAsync();
        await clock;
        Assert.Equal((BackfillPhase.Completed, 12), (ended.Phase, ended.Retries));
        await past.AssertFetchedOnceAsync(past.Listed);
    }

    [Fact]
    public async Task A_restart_in_the_middle_goes_on_by_itself_and_fetches_no_finished_month_twice()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync();
        Gate gate = new();
        int pages = 0;
        past.Source.BeforePage = (_, _) => Interlocked.Increment(ref pages) > 50 ? gate.PassAsync() : Task.CompletedTask;
        string id = (await past.BackfillAsync()).Id;
        await gate.Reached;
        Task stopping = past.Cluster.DisposeAsync().AsTask();
        gate.Open(); // the months under way end while the silo stops
        await stopping;

        Gate next = new();
        past.Source.BeforePage = (_, _) => next.PassAsync();
        await past.StartClusterAsync();
        List<(string Symbol, int FirstSlot)> finished = [];
        foreach (SimulatedToken token in past.Listed)
        {
            Coverage coverage = (await past.Cluster.Store.Inner.LoadAsync(token.Id, Cancellation))!.Coverage;
            finished.AddRange(past.Source.Pages.Keys.Where(page => page.Symbol == token.Symbol && coverage.Within(new(page.FirstSlot, page.FirstSlot + 1)).Any()));
        }

        Assert.NotEmpty(finished);
        next.Open();
        BackfillStatus ended = await past.EndAsync(id);
        Assert.Equal((BackfillPhase.Completed, past.Listed.Count, 0), (ended.Phase, ended.Tokens.Done, ended.Tokens.Failed));
        await past.AssertFetchedAsync(past.Listed);
        Assert.All(finished, page => Assert.Equal(1, past.Source.Pages[page]));
    }

    [Fact]
    public async Task What_is_fetched_again_from_the_start_of_a_token_is_counted_once()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync();
        SimulatedToken half = past.Listed[0];
        Gate gate = new();
        int pages = 0;
        past.Source.BeforePage = (pair, _) => pair.Symbol == half.Symbol && Interlocked.Increment(ref pages) == 2 ? gate.PassAsync() : Task.CompletedTask;
        string id = (await past.BackfillAsync(past.Request() with { Again = true })).Id;
        await gate.Reached;
        long landed = (await past.StatusAsync(id, status => status.Tokens.Done == past.Listed.Count - 1)).Bars.Landed;
        await past.Cluster.Client.ControlBackfillAsync(id, BackfillControl.Pause, Cancellation);
        gate.Open();
        await past.StatusAsync(id, status => status.Bars.Landed > landed); // the month under way ends, and the token does not
        await past.Cluster.Client.ControlBackfillAsync(id, BackfillControl.Resume, Cancellation);

        BackfillStatus ended = await past.EndAsync(id);
        long bars = past.Listed.Sum(token => (long)past.Bars(token).Length);
        Assert.Equal((BackfillPhase.Completed, bars, bars), (ended.Phase, ended.Bars.Landed, ended.Bars.Imported));
        Assert.Contains(past.Source.Pages, page => page.Key.Symbol == half.Symbol && page.Value > 1);
        await past.AssertFetchedAsync(past.Listed);
    }

    [Fact]
    public async Task Bars_that_arrive_live_meanwhile_are_kept_and_what_the_source_knows_better_is_corrected()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync();
        SimulatedToken token = past.Listed[0];
        Gate gate = new();
        past.Source.BeforePage = (_, _) => gate.PassAsync();
        string id = (await past.BackfillAsync(past.Request(token.Id))).Id;
        await gate.Reached;

        int present = BarTime.SlotAt(SimulatedPast.Now);
        past.Clock.Advance(TimeSpan.FromMinutes(15));
        Bar[] live = past.Bars(token, present, present + 3);
        Bar wrong = past.Bars(token, present - 500, present - 400)[0] with { Rate = 0.123m };
        await past.Cluster.PublishAsync(token.Id, [.. live, wrong]);
        await past.Cluster.DrainAsync(token.Id);
        gate.Open();
        await past.EndAsync(id);
        await CleanBuild.AssertStoredAsync(past.Cluster.Store.Inner, token.Id, [.. past.Bars(token), .. live]);
    }

    [Fact]
    public async Task Of_slots_that_the_source_does_not_know_yet_nothing_is_said()
    {
        await using SimulatedPast past = await SimulatedPast.StartAsync();
        SimulatedToken token = past.Listed[0];
        int present = BarTime.SlotAt(SimulatedPast.Now);
        string id = (await past.BackfillAsync(past.Request(token.Id))).Id;
        await past.EndAsync(id);

        // The source's own clock is behind ours by two bars.
        past.Clock.Advance(TimeSpan.FromMinutes(60));
        past.Source.Present = present + 10;
        BackfillStatus ended = await past.EndAsync((await past.BackfillAsync(past.Request(token.Id))).Id);
        Assert.Equal((BackfillPhase.Completed, 0), (ended.Phase, ended.Tokens.Failed));
        TokenCoverage coverage = await past.Cluster.Client.GetCoverageAsync(token.Id, cancellation: Cancellation);
        Assert.Equal([new TimeRange(SimulatedPast.From, BarTime.Open(present + 10))], coverage.Coverage.Fetched);
    }

    private static async Task RunClockAsync(SimulatedPast past, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            past.Clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.WhenAny(Task.Delay(5, until));
        }
    }
}

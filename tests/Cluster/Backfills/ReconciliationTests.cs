using Microsoft.Extensions.Time.Testing;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Rates.Simulation;
using Pnl.Tests.Cluster.Feeds;

namespace Pnl.Tests.Cluster.Backfills;

/// <summary>Live bars that lack and differ, compared day by day with the history of their source.</summary>
public sealed class ReconciliationTests : IAsyncLifetime
{
    private const string Source = "simulated";

    private static readonly DateTimeOffset Day = new(2026, 6, 15, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(PnlCluster.Noon);
    private SimulatedMarket _market = new(new() { Tokens = 6 });
    private WatchedCandleSource _history = null!;
    private PnlCluster? _cluster;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private PnlCluster Cluster => _cluster!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Each_day_is_compared_once_a_while_after_its_end_and_the_landing_has_what_the_store_has()
    {
        await StartAsync(new FlawedSource(new SimulatedSource(_market)));
        await CheckAsync();

        // Half a day comes live. Nothing is compared before its time.
        _clock.Advance(Day.AddDays(1).AddMinutes(2) - _clock.GetUtcNow());
        await LiveAsync(Day.AddDays(1));
        await CheckAsync();
        Assert.Empty(await Cluster.Client.ListBackfillsAsync(Cancellation));
        Assert.All(Traded(Day), token => Assert.NotEqual(Market(token, Day), Stored(token, Day)));

        _clock.Advance(Day.AddDays(1).AddMinutes(30) - _clock.GetUtcNow());
        BackfillStatus first = await EndAsync(1);
        Assert.Equal((BackfillKind.Reconciliation, BackfillPhase.Completed, Day, Day.AddDays(1), Source), (first.Kind, first.Phase, first.From, first.To, first.Source));
        Bar[] all = [.. Traded(Day).SelectMany(token => Market(token, Day))];
        (int wrong, int lost) = (all.Count(bar => FlawedSource.IsWrong(bar.Slot)), all.Count(bar => FlawedSource.IsLost(bar.Slot)));
        Assert.True(wrong > 0 && lost > 0);
        Assert.Equal((Traded(Day).Length, Traded(Day).Length, 0), (first.Tokens.Total, first.Tokens.Done, first.Tokens.Failed));
        Assert.Equal((all.Length, wrong, wrong + lost, 0), (first.Bars.Landed, first.Bars.Corrected, first.Bars.Imported, first.Bars.Quarantined));

        // That day is as the source has it, the others as they came.
        await LiveAsync(Day.AddDays(1).AddMinutes(30));
        int began = BarTime.SlotAt(PnlCluster.Noon) - Cluster.HistoryBars;
        foreach (SimulatedToken token in Traded(Day))
        {
            Bar[] came = Market(token, BarTime.Open(began), Day.AddDays(1).AddMinutes(30));
            SlotRange day = new(BarTime.SlotAt(Day), BarTime.SlotAt(Day.AddDays(1)));
            await CleanBuild.AssertStoredAsync(
                Cluster.Store.Inner, token.Id,
                [.. FlawedSource.Live(came.Where(bar => bar.Slot < day.From || bar.Slot >= day.To)), .. came.Where(bar => bar.Slot >= day.From && bar.Slot < day.To)]);
        }

        await AssertRebuiltAsync(Day);

        // The day is done, and the next one has its time.
        await CheckAsync();
        await CheckAsync();
        Assert.Equal([first.Id], await Cluster.Client.ListBackfillsAsync(Cancellation));
        _clock.Advance(Day.AddDays(2).AddMinutes(2) - _clock.GetUtcNow());
        await LiveAsync(Day.AddDays(2));
        _clock.Advance(TimeSpan.FromMinutes(28));
        BackfillStatus second = await EndAsync(2);
        Assert.Equal((Day.AddDays(1), BackfillPhase.Completed), (second.From, second.Phase));
        Assert.All(Traded(Day.AddDays(1)), token => Assert.Equal(Market(token, Day.AddDays(1)), Stored(token, Day.AddDays(1))));
    }

    [Fact]
    public async Task After_a_pause_the_newest_days_are_compared_one_after_another()
    {
        await StartAsync();
        await RegisterAsync();
        await CheckAsync();
        await Cluster.DisposeAsync();

        _clock.Advance(Day.AddDays(10).AddHours(1) - _clock.GetUtcNow());
        await StartAsync(mostDays: 3);
        for (int day = 7; day < 10; day++)
        {
            BackfillStatus status = await EndAsync(day - 6);
            Assert.Equal((Day.AddDays(day), BackfillPhase.Completed, Traded(Day).Length), (status.From, status.Phase, status.Tokens.Done));
            Assert.Equal(Traded(Day).Sum(token => Market(token, Day.AddDays(day)).Length), status.Bars.Imported - status.Bars.Corrected);
            _clock.Advance(TimeSpan.FromSeconds(30));
        }

        await CheckAsync();
        await CheckAsync();
        Assert.Equal(["b3", "b2", "b1"], await Cluster.Client.ListBackfillsAsync(Cancellation));
        await AssertRebuiltAsync(Day.AddDays(7), days: 3);
    }

    [Fact]
    public async Task A_restart_in_the_middle_goes_on_behind_the_tokens_that_are_done_and_counts_each_once()
    {
        _market = new(new() { Tokens = 60 });
        await StartAsync();
        await RegisterAsync();
        await CheckAsync();
        Gate gate = new();
        int pages = 0;
        _history.BeforePage = (_, _) =>
        {
            _clock.Advance(TimeSpan.FromSeconds(2)); // so that it is saved how far it is
            return Interlocked.Increment(ref pages) > 25 ? gate.PassAsync() : Task.CompletedTask;
        };
        _clock.Advance(Day.AddDays(1).AddMinutes(30) - _clock.GetUtcNow());
        await gate.Reached;
        Task stopping = Cluster.DisposeAsync().AsTask();
        gate.Open();
        await stopping;
        int before = _history.Requests;

        _history.BeforePage = (_, _) => Task.CompletedTask;
        await StartAsync();
        BackfillStatus ended = await EndAsync(1);
        Assert.Equal((BackfillPhase.Completed, Traded(Day).Length, Traded(Day).Length, 0), (ended.Phase, ended.Tokens.Total, ended.Tokens.Done, ended.Tokens.Failed));
        Assert.Equal(Traded(Day).Sum(token => Market(token, Day).Length), ended.Bars.Landed);
        Assert.InRange(_history.Requests, Traded(Day).Length, before + Traded(Day).Length - 1); // some that were done are not asked for again
        Assert.All(Traded(Day), token => Assert.Equal(Market(token, Day), Stored(token, Day)));
        await AssertRebuiltAsync(Day);
    }

    [Fact]
    public async Task A_source_that_is_down_is_asked_again_an_hour_later_and_the_day_is_not_given_up()
    {
        await StartAsync();
        await RegisterAsync();
        await CheckAsync();
        _history.BeforeList = () => throw new SourceException("source.refused", "403", isTransient: false);
        _clock.Advance(Day.AddDays(1).AddMinutes(30) - _clock.GetUtcNow());
        BackfillStatus down = await EndAsync(1);
        Assert.Equal((BackfillPhase.Failed, "source.refused"), (down.Phase, Assert.Single(down.Failures).Code));

        _history.BeforeList = () => Task.CompletedTask;
        await CheckAsync();
        _clock.Advance(TimeSpan.FromMinutes(59));
        await CheckAsync();
        Assert.Equal([down.Id], await Cluster.Client.ListBackfillsAsync(Cancellation));
        _clock.Advance(TimeSpan.FromMinutes(1));
        BackfillStatus up = await EndAsync(2);
        Assert.Equal((BackfillPhase.Completed, Day), (up.Phase, up.From));
    }

    [Fact]
    public async Task Only_tokens_of_the_source_are_compared_and_one_without_a_pair_is_told()
    {
        await StartAsync();
        SimulatedToken[] traded = Traded(Day);
        await RegisterAsync(traded[0]);
        await Cluster.Client.RegisterTokenAsync(traded[1].Id, new() { Symbol = traded[1].Symbol, Quote = traded[1].Quote }, Cancellation); // somebody's own bars
        await Cluster.Client.RegisterTokenAsync("gone", new() { Sources = new() { [Source] = "GONE" } }, Cancellation);
        await Cluster.Client.RegisterTokenAsync("over", new() { Sources = new() { [Source] = "OVER" }, Delisted = Day }, Cancellation);
        Bar own = Market(traded[1], Day)[0] with { Rate = 1234.5m };
        await Cluster.IngestAsync(traded[1].Id, own);
        await CheckAsync();
        _clock.Advance(Day.AddDays(1).AddMinutes(30) - _clock.GetUtcNow());
        BackfillStatus ended = await EndAsync(1);
        Assert.Equal((BackfillPhase.CompletedWithFailures, 2, 1, 1), (ended.Phase, ended.Tokens.Total, ended.Tokens.Done, ended.Tokens.Failed));
        Assert.Equal(("gone", "symbol.unknown"), (ended.Failures[0].Token, ended.Failures[0].Code));
        Assert.Equal([own], Stored(traded[1], Day));
        Assert.Equal(Market(traded[0], Day), Stored(traded[0], Day));
    }

    private async Task StartAsync(IRateSource? live = null, int mostDays = 7)
    {
        _history ??= new(new SimulatedCandleSource(_market, _clock));
        _cluster = new() { Folder = _folder.Path, Clock = _clock, Source = live, CandleSources = [_history], Reconcile = new() { Source = Source, MostDays = mostDays } };
        await _cluster.InitializeAsync();
    }

    /// <summary>As the silo asks now and then.</summary>
    private Task CheckAsync() => Cluster.Orleans.Client.GetGrain<IReconciliationGrain>(Source).Check();

    private async Task RegisterAsync(params SimulatedToken[] tokens)
    {
        foreach (SimulatedToken token in tokens.Length > 0 ? tokens : Traded(Day))
        {
            await Cluster.Client.RegisterTokenAsync(token.Id, new() { Symbol = token.Symbol, Quote = token.Quote, Sources = new() { [Source] = token.Symbol } }, Cancellation);
        }
    }

    /// <summary>Waits until the n-th backfill there ever was has ended, which can only be asked for.</summary>
    private async Task<BackfillStatus> EndAsync(int number)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience.Limit);
        while (true)
        {
            if (await Cluster.Client.GetBackfillAsync($"b{number}", patience.Token) is { EndedAt: not null } status)
            {
                return status;
            }

            await Task.Delay(10, patience.Token);
        }
    }

    /// <summary>Waits until the feed's bars before a time are stored.</summary>
    private async Task LiveAsync(DateTimeOffset to)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience.Limit);
        foreach (SimulatedToken token in Traded(to.AddDays(-1)))
        {
            DateTimeOffset last = BarTime.Open(FlawedSource.Live(Market(token, to.AddDays(-1), to)).Last().Slot);
            while (!(await Cluster.Client.ListTokensAsync(token.Id, cancellation: patience.Token)).Any(listed => listed.Id == token.Id && listed.LastBar == last)) // the feed may not have registered it yet
            {
                await Task.Delay(10, patience.Token);
            }
        }
    }

    private SimulatedToken[] Traded(DateTimeOffset day) =>
        [.. _market.Tokens.Where(token => token.ListedSlot < BarTime.SlotAt(day) && !(token.DelistedSlot <= BarTime.SlotAt(day.AddDays(1)))).OrderBy(token => token.Id, StringComparer.Ordinal)];

    private Bar[] Market(SimulatedToken token, DateTimeOffset day) => Market(token, day, day.AddDays(1));

    private Bar[] Market(SimulatedToken token, DateTimeOffset from, DateTimeOffset to)
    {
        List<Bar> bars = [];
        for (int slot = BarTime.SlotAt(from); slot < BarTime.SlotAt(to); slot++)
        {
            if (_market.TryRead(token.Index, slot, out Bar bar))
            {
                bars.Add(bar);
            }
        }

        return [.. bars];
    }

    private Bar[] Stored(SimulatedToken token, DateTimeOffset day)
    {
        RateCandles rates = Cluster.Token(token.Id).GetRates(new() { From = day, To = day.AddDays(1), Interval = Interval.FiveMinutes }).Result!;
        return [.. rates.Time.Zip(rates.Close, (time, rate) => new Bar(BarTime.SlotAtSeconds(time), rate))];
    }

    /// <summary>Asserts that the landing alone makes the same bars of some days.</summary>
    private async Task AssertRebuiltAsync(DateTimeOffset from, int days = 1)
    {
        using TemporaryFolder folder = new();
        await using SqliteSegmentStore rebuilt = SqliteSegmentStore.Open(folder.Path);
        await LandingRebuild.RunAsync(Cluster.Landing, rebuilt, null, Cancellation);
        foreach (SimulatedToken token in Traded(from))
        {
            await CleanBuild.AssertStoredAsync(rebuilt, token.Id, Market(token, from, from.AddDays(days)));
        }
    }
}

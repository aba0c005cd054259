using System.Collections.Concurrent;
using Orleans;
using Orleans.Hosting;
using Pnl.Client;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Backfills;

/// <summary>Backfills of tokens that have several listings, and of rows that cannot be taken.</summary>
public sealed class ListingTests : IAsyncLifetime
{
    private static readonly DateTimeOffset From = new(2026, 6, 10, 0, 0, 0, TimeSpan.Zero), Renamed = From.AddDays(2), To = From.AddDays(4);

    private readonly ConcurrentQueue<HistoryBatch> _handed = new();
    private PnlCluster _cluster = null!;
    private ListedSource _source = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _cluster?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Each_listing_is_fetched_within_its_bounds_and_told_with_its_bars()
    {
        await StartAsync(new("NEW-USD", "abc", "usd"), new("OLD-USD", "abc", "usd"));
        TokenListing[] listings = [new("files", "NEW-USD", "usd", From: Renamed), new("files", "OLD-USD", "usd", To: Renamed)];
        await _cluster.Client.RegisterTokenAsync("abc", new() { Listings = listings, Listed = From.AddHours(6) }, Cancellation);

        BackfillStatus ended = await BackfillAsync("abc");

        Assert.Equal((BackfillPhase.Completed, 1, 0), (ended.Phase, ended.Tokens.Done, ended.Tokens.Empty));
        Assert.Equal(
            [("NEW-USD", Slots(Renamed, To)), ("OLD-USD", Slots(From.AddHours(6), Renamed))], // nothing of before it was listed
            _source.Asked.Select(asked => (asked.Symbol, asked.Range)));
        Assert.Equal(listings, _handed.Select(batch => batch.Listing));
        Assert.Equal(listings, (await _cluster.Client.GetTokenAsync("abc", Cancellation)).Listings);
        Assert.Equal(["OLD-USD", "NEW-USD"], (await LandedAsync("abc")).Select(candles => candles.Symbol));
    }

    [Fact]
    public async Task A_coarser_listing_is_fetched_and_landed_as_what_it_is()
    {
        await StartAsync(new SourcePair("ABC-USD", "abc", "usd", Interval: Interval.Day));

        BackfillStatus ended = await BackfillAsync("abc");

        Assert.Equal((BackfillPhase.Completed, 4L), (ended.Phase, ended.Bars.Landed));
        HistoryBatch batch = Assert.Single(_handed);
        Assert.Equal(new TokenListing("files", "ABC-USD", "usd", Interval.Day), batch.Listing);
        Assert.Equal(Enumerable.Range(1, 4).Select(day => BarTime.SlotAt(From.AddDays(day)) - 1), batch.Slots.ToArray());
        Assert.Equal([batch.Listing!], (await _cluster.Client.GetTokenAsync("abc", Cancellation)).Listings);
        Assert.Equal((Interval.Day, "usd"), (await LandedAsync("abc")).Select(candles => (candles.Interval, candles.Quote)).Single());
    }

    [Fact]
    public async Task A_pair_in_another_quote_brings_no_bar_until_it_is_named_with_it()
    {
        await StartAsync(new SourcePair("ABC-EUR", "abc", "eur"));
        await _cluster.Client.RegisterTokenAsync("qabc", new() { Quote = "usd", Sources = new() { ["files"] = "ABC-EUR" } }, Cancellation);

        BackfillStatus refused = await BackfillAsync("qabc");

        Assert.Equal((BackfillPhase.CompletedWithFailures, "quote.mismatch"), (refused.Phase, Assert.Single(refused.Failures).Code));
        Assert.Equal((0, 0L), (_source.Asked.Count, (await _cluster.Client.GetTokenAsync("qabc", Cancellation)).Bars));

        TokenListing named = new("files", "ABC-EUR", "eur");
        await _cluster.Client.RegisterTokenAsync("qabc", new() { Sources = [], Listings = [named] }, Cancellation);
        Assert.Equal(BackfillPhase.Completed, (await BackfillAsync("qabc")).Phase);
        Assert.Equal(named, Assert.Single(_handed).Listing);
    }

    [Fact]
    public async Task Rows_that_were_set_aside_leave_their_slots_not_covered_and_can_be_seen()
    {
        await StartAsync(new SourcePair("ABC-USD", "abc", "usd"));
        int zero = BarTime.SlotAt(From) + 100, repeated = zero + 50, beside = zero + 70;
        _source.Rate = (_, slot) => slot == zero || slot == repeated || slot == zero + 1 ? null : slot;
        _source.Aside = (_, range) =>
        [
            .. new QuarantinedRow[]
            {
                new(BarTime.OpenSeconds(repeated), "time.repeated", "one"), new(BarTime.OpenSeconds(repeated), "time.repeated", "other"), new(BarTime.OpenSeconds(zero), "rate.zero", new string('0', 300)),
                new(BarTime.OpenSeconds(beside) + 60, "time.unaligned", "beside a candle"), new(null, "time.malformed", "?"),
            }.Where(row => row.TimeSeconds is not { } at ? range.Length > 1 : range.From <= BarTime.SlotAtSeconds(at) && BarTime.SlotAtSeconds(at) < range.To),
        ];

        BackfillStatus ended = await BackfillAsync("abc");

        Assert.Equal((BackfillPhase.Completed, 5L), (ended.Phase, ended.Bars.Quarantined));
        Assert.Equal([zero, repeated], Assert.Single(_handed).SetAside!);
        SetAsideRows rows = await _cluster.Client.GetSetAsideAsync("abc", 0, 100, Cancellation);
        Assert.Equal((5L, (long?)5L), (rows.Total, await _cluster.Client.CountSetAsideAsync("abc", Cancellation)));
        Assert.Equal(
            ["time.malformed", "rate.zero", "time.repeated", "time.repeated", "time.unaligned"], rows.Rows.Select(row => row.Reason));
        Assert.Equal((new string('0', 200), "files", (DateTimeOffset?)BarTime.Open(zero)), (rows.Rows[1].Text, rows.Rows[1].Source, rows.Rows[1].Time));
        Assert.Equal(["other", "beside a candle"], (await _cluster.Client.GetSetAsideAsync("abc", 3, 100, Cancellation)).Rows.Select(row => row.Text));

        // The source mends one of them: fetched again, it is no row set aside any more.
        _source.Rate = (_, slot) => slot == zero ? slot + 1m : slot == repeated ? null : slot;
        var aside = _source.Aside;
        _source.Aside = (pair, range) => [.. aside(pair, range).Where(row => row.Code == "time.repeated")];
        BackfillStatus again = await BackfillAsync("abc", again: true);
        Assert.Equal((2L, 2L), (again.Bars.Quarantined, (await _cluster.Client.GetSetAsideAsync("abc", 0, 100, Cancellation)).Total));
        await Assert.ThrowsAsync<TokenUnknownException>(() => _cluster.Client.GetSetAsideAsync("nobody", 0, 1, Cancellation));
    }

    [Fact]
    public async Task Again_fetches_what_was_fetched_and_without_it_the_end_says_that_there_was_nothing_to_fetch()
    {
        await StartAsync(new SourcePair("ABC-USD", "abc", "usd"));
        await BackfillAsync("abc");
        BackfillStatus nothing = await BackfillAsync("abc");
        Assert.Equal((BackfillPhase.Completed, 1, 1, 0L), (nothing.Phase, nothing.Tokens.Done, nothing.Tokens.Empty, nothing.Bars.Landed));
        Assert.Contains("fetched before", Assert.Single(nothing.Empty).Detail, StringComparison.Ordinal);
        Assert.Single(_source.Asked);

        _source.Rate = (_, slot) => slot % 100 == 0 ? null : slot % 100 == 1 ? slot + 0.5m : slot;
        BackfillStatus again = await BackfillAsync("abc", again: true);
        int[] slots = [.. Enumerable.Range(BarTime.SlotAt(From), Slots(From, To).Length)];
        Assert.Equal(((long)slots.Count(slot => slot % 100 != 0), (long)slots.Count(slot => slot % 100 == 1)), (again.Bars.Landed, again.Bars.Corrected));
        Assert.Equal(slots.Length, (await _cluster.Client.GetTokenAsync("abc", Cancellation)).Bars); // what the source lacks now is kept
    }

    [Fact]
    public async Task A_pair_without_any_candle_says_so()
    {
        await StartAsync(new SourcePair("ABC-USD", "abc", "usd"));
        _source.Rate = (_, _) => null;

        BackfillStatus asked = await BackfillAsync("abc");
        BackfillStatus unasked = await BackfillAsync("abc", from: null, again: false);

        Assert.Equal(("abc", "history.none"), (Assert.Single(asked.Empty).Token, asked.Empty[0].Code));
        Assert.Contains("has no candles from", asked.Empty[0].Detail, StringComparison.Ordinal);
        Assert.Contains("has no candles before", Assert.Single(unasked.Empty).Detail, StringComparison.Ordinal);
    }

    private static SlotRange Slots(DateTimeOffset from, DateTimeOffset to) => new(BarTime.SlotAt(from), BarTime.SlotAt(to));

    private async Task StartAsync(params SourcePair[] pairs)
    {
        _source = new(pairs);
        _cluster = new()
        {
            CandleSources = [_source],
            Configure = silo => silo.AddIncomingGrainCallFilter(async call =>
            {
                if (call.MethodName == nameof(ITokenGrain.IngestHistory) && call.Request.GetArgument(0) is HistoryBatch batch && batch.CoveredFrom < batch.CoveredTo)
                {
                    _handed.Enqueue(batch);
                }

                await call.Invoke();
            }),
        };
        await _cluster.InitializeAsync();
    }

    private Task<BackfillStatus> BackfillAsync(string token, bool again = false) => BackfillAsync(token, From, again);

    private async Task<BackfillStatus> BackfillAsync(string token, DateTimeOffset? from, bool again = false)
    {
        BackfillStatus status = await _cluster.Client.StartBackfillAsync(new() { Source = "files", Tokens = [token], From = from, To = To, Again = again }, Cancellation);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (status.EndedAt is null)
        {
            await Task.Delay(10, patience.Token); // it can only be asked for
            status = (await _cluster.Client.GetBackfillAsync(status.Id, patience.Token))!;
        }

        return status;
    }

    private async Task<List<LandedCandles>> LandedAsync(string token)
    {
        List<LandedCandles> landed = [];
        await foreach (LandingKey key in _cluster.Landing.ListAsync(token, Cancellation))
        {
            landed.Add(await _cluster.Landing.ReadAsync(key, Cancellation));
        }

        return landed;
    }
}

using Orleans.Runtime;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Tokens;

public sealed class ListingsTests(PnlCluster cluster)
{
    private static readonly int Now = BarTime.SlotAt(PnlCluster.Noon), First = Now - 400;

    private static readonly TokenListing
        Deep = new("bitfinex", "tXUSD", "usd"), Daily = new("files", "X-USD", "usd", Interval.Day);

    private ITokenGrain Token(string id) => cluster.Token(id);

    private static HistoryBatch Bars(TokenListing listing, int from, long[] rates, bool isCovered = true, int step = 1) => new()
    {
        Slots = Enumerable.Range(0, rates.Length).Select(i => from + i * step).ToArray(),
        Mantissas = rates,
        Scale = 2,
        CoveredFrom = isCovered ? listing.Interval.PeriodStart(from) : 0,
        CoveredTo = isCovered ? from + (rates.Length - 1) * step + 1 : 0,
        Listing = listing,
    };

    private async Task<string> NewAsync(params TokenListing[] listings)
    {
        string id = $"listed-{Guid.NewGuid():n}"[..20];
        await Token(id).Register(new() { Quote = "usd", Listings = listings });
        return id;
    }

    private async Task<decimal[]> RatesAsync(string id) => (await Token(id).GetRates(new() { Interval = Interval.FiveMinutes }))!.Close;

    [Fact]
    public async Task Bars_of_callers_come_first_and_a_hole_of_theirs_falls_through()
    {
        string id = await NewAsync(Deep);
        await Token(id).IngestHistory(Bars(Deep, First, [100, 200, 300, 400]));
        IngestResult? sent = await Token(id).Ingest(new() { Time = new[] { BarTime.OpenSeconds(First + 1) }, Rate = new[] { 2.5m } });

        Assert.Equal((0, 1), (sent!.Accepted, sent.Corrected));
        Assert.Equal([1m, 2.5m, 3m, 4m], await RatesAsync(id));
        TokenCoverage coverage = (await Token(id).GetCoverage(100, TestContext.Current.CancellationToken))!;
        Assert.Equal(["bitfinex", "api", "bitfinex"], coverage.Life.Select(range => range.Source));
        Assert.Equal([1L, 1L, 2L], coverage.Life.Select(range => range.Bars));
        Assert.Equal([("bitfinex", 4L), ("api", 1L)], coverage.Listings.Concat(coverage.FormerListings).Select(state => (state.Source, state.Bars)));
    }

    [Fact]
    public async Task Another_order_makes_the_life_anew_of_what_is_kept_and_survives_a_new_activation()
    {
        string id = await NewAsync(Deep, Daily);
        int day = BarTime.FirstSlotOfDay(BarTime.DayOf(First) - 3);
        await Token(id).IngestHistory(Bars(Daily, day + 287, [1000, 1100, 1200], step: 288));
        await Token(id).IngestHistory(Bars(Deep, day + 288, [500, 600]));

        Assert.Equal([10m, 5m, 6m, 12m], await RatesAsync(id));
        TokenPnl pnl = (await Token(id).GetPnl())!;
        Assert.Equal(Interval.Day, pnl.Windows["inception"].Interval);
        Assert.True((await Token(id).GetUnreadOf(Deep, BarTime.Open(day), BarTime.Open(day + 288)))!.Length == 1);
        Assert.Empty((await Token(id).GetUnreadOf(Daily, BarTime.Open(day), BarTime.Open(day + 3 * 288)))!);

        TokenListing later = Deep with { From = BarTime.Open(day + 289) };
        await Token(id).Register(new() { Listings = [later, Daily] });
        Assert.Equal([10m, 6m, 12m], await RatesAsync(id));

        string before = await Answers.OfAsync(cluster.Client, id);
        await ForgetAsync();
        Assert.Equal(before, await Answers.OfAsync(cluster.Client, id));
        await Token(id).Register(new() { Listings = [Deep, Daily] });
        Assert.Equal([10m, 5m, 6m, 12m], await RatesAsync(id));
    }

    [Fact]
    public async Task A_listing_in_another_quote_is_converted_as_of_each_close_and_follows_what_is_corrected()
    {
        string stable = $"stable-{Guid.NewGuid():n}"[..20];
        await Token(stable).Register(new() { Quote = "usd", StalenessSeconds = 900 });
        TokenListing tether = new("binance", "XUSDT", stable);
        string id = await NewAsync(tether);
        await Token(stable).Ingest(new() { Time = Times(First, 3), Rate = new[] { 0.99m, 1m, 1.01m } });
        await Token(stable).Ingest(new() { Time = Times(First + 8, 1), Rate = new[] { 1.5m } });
        await Token(id).IngestHistory(Bars(tether, First, [10000, 20000, 30000, 40000, 50000, 60000, 70000, 80000, 90000]));

        // Later than 15 minutes after its last rate the stablecoin's is stale, and there is no bar.
        Assert.Equal([99m, 200m, 303m, 404m, 505m, 606m, 1350m], await RatesAsync(id));
        Assert.False((await Token(id).GetPnl())!.Complete);

        await Token(stable).Ingest(new() { Time = Times(First + 1, 1), Rate = new[] { 1.1m } });
        await Token(stable).Ingest(new() { Time = Times(First + 6, 1), Rate = new[] { 2m } });
        Assert.False((await Token(id).GetPnl())!.Complete);
        await UntilAsync(async () => (await Token(id).GetPnl())!.Complete);
        Assert.Equal([99m, 220m, 303m, 404m, 505m, 606m, 1400m, 1600m, 1350m], await RatesAsync(id));
    }

    [Fact]
    public async Task Bars_without_a_rate_yet_are_converted_once_the_rates_reach_them()
    {
        string stable = $"stable-{Guid.NewGuid():n}"[..20];
        await Token(stable).Register(new() { Quote = "usd", StalenessSeconds = 900 });
        TokenListing tether = new("binance", "XUSDT", stable);
        string id = await NewAsync(tether);
        await Token(stable).Ingest(new() { Time = Times(First, 1), Rate = new[] { 1m } });
        await Token(id).IngestHistory(Bars(tether, First, [100, 200]));
        await Token(id).IngestHistory(Bars(tether, First + 100, [300, 400]));
        Assert.Equal([1m, 2m], await RatesAsync(id));

        await Token(stable).Ingest(new() { Time = Times(First + 100, 2), Rate = new[] { 2m, 3m } });
        await UntilAsync(async () => (await RatesAsync(id)).Length == 4);
        Assert.Equal([1m, 2m, 6m, 12m], await RatesAsync(id));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_listing_that_would_be_converted_by_the_tokens_own_rates_is_refused_with_the_way(int length)
    {
        string[] ids = [.. Enumerable.Range(0, length).Select(i => $"circle{i}-{Guid.NewGuid():n}"[..20])];
        TokenListing[] by = [.. ids.Select((_, i) => new TokenListing("binance", $"C{i}", ids[(i + 1) % length]))];
        foreach (string id in ids)
        {
            await Token(id).Register(new() { Quote = "usd" });
        }

        for (int i = 0; i < length - 1; i++)
        {
            Assert.Null((await Token(ids[i]).Register(new() { Listings = [by[i]] })).Circle);
        }

        RegisterResult refused = await Token(ids[^1]).Register(new() { Listings = [Deep, by[^1]] });

        Assert.Equal(string.Join(", ", Enumerable.Range(0, length).Select(i => (length - 1 + i) % length).Select(i => $"'{ids[i]}' is converted by '{ids[(i + 1) % length]}'")), refused.Circle);
        Assert.Empty((await Token(ids[^1]).Get())!.Listings);
        Assert.Null((await Token(ids[^1]).Register(new() { Listings = [Deep] })).Circle);
    }

    [Fact]
    public async Task Tokens_that_nobody_stopped_from_being_converted_by_each_other_take_none_of_these_bars_and_say_why()
    {
        string one = $"one-{Guid.NewGuid():n}"[..20], two = $"two-{Guid.NewGuid():n}"[..20];
        TokenListing oneByTwo = new("binance", "A", two), twoByOne = new("binance", "B", one);
        await Token(one).Register(new() { Quote = "usd", Listings = [Deep] });
        await Token(two).Register(new() { Quote = "usd", Listings = [Deep] });
        await Token(one).IngestHistory(Bars(Deep, First, [100]));
        await Token(two).IngestHistory(Bars(Deep, First, [300]));

        // Bars come of listings that nobody registered: nothing refused them.
        await Token(one).IngestHistory(Bars(oneByTwo, First, [700, 800]));
        Assert.Equal([1m, 24m], await RatesAsync(one));
        await Token(two).IngestHistory(Bars(twoByOne, First, [700, 800]));
        await Token(one).IngestHistory(Bars(oneByTwo, First + 2, [900]));

        Assert.Equal([1m], await RatesAsync(one));
        Assert.Equal([3m], await RatesAsync(two));
        ListingState said = Assert.Single((await Token(two).GetCoverage(10, TestContext.Current.CancellationToken))!.FormerListings, state => state.NotConverted is not null);
        Assert.Equal((twoByOne, $"'{two}' is converted by '{one}', '{one}' is converted by '{two}'"), (said.Listing, said.NotConverted));
    }

    [Fact]
    public async Task A_quote_that_no_token_says_anything_of_is_told()
    {
        string id = await NewAsync(Deep, new TokenListing("binance", "X", "nobody-has-it"));
        Assert.Equal([null, "no token says what 'nobody-has-it' is in usd"], (await Token(id).GetCoverage(10, TestContext.Current.CancellationToken))!.Listings.Select(state => state.NotConverted));
    }

    [Fact]
    public async Task A_restart_converts_again_only_what_was_converted_by_other_rates()
    {
        string stable = $"stable-{Guid.NewGuid():n}"[..20];
        await Token(stable).Register(new() { Quote = "usd", StalenessSeconds = 900 });
        TokenListing tether = new("binance", "XUSDT", stable);
        string id = await NewAsync(tether);
        await Token(stable).Ingest(new() { Time = Times(First, 2), Rate = new[] { 1m, 2m } });
        await Token(id).IngestHistory(Bars(tether, First, [100, 200]));
        await UntilAsync(async () => (await Token(id).GetPnl())!.Complete);
        long revision = (await Token(id).GetPnl())!.Revision;

        // Neither activation knows what the other has seen of it, and a bar behind those that are converted changes none of them.
        await ForgetAsync();
        await Token(stable).Ingest(new() { Time = Times(First + 50, 1), Rate = new[] { 5m } });
        await ForgetAsync();
        TokenPnl same = (await Token(id).GetPnl())!;
        Assert.Equal((true, revision), (same.Complete, same.Revision));

        await Token(stable).Ingest(new() { Time = Times(First + 1, 1), Rate = new[] { 3m } });
        await ForgetAsync();
        await UntilAsync(async () => (await RatesAsync(id)) is [1m, 6m]);
        Assert.True((await Token(id).GetPnl())!.Revision > revision);
    }

    [Fact]
    public async Task A_listings_row_that_was_written_without_its_token_comes_in_with_the_same_bars_again()
    {
        string id = await NewAsync(Deep);
        await Token(id).IngestHistory(Bars(Deep, First, [100, 200]));
        HistoryBatch more = Bars(Deep, First + 2, [300]);
        cluster.Store.Watch(id).BeforeWrite = _ => throw new IOException("the disk is gone"); // behind the listing's row
        await Assert.ThrowsAnyAsync<Exception>(() => Token(id).IngestHistory(more));
        cluster.Store.Watch(id).BeforeWrite = _ => Task.CompletedTask;
        await ForgetAsync();

        Assert.Equal([1m, 2m], await RatesAsync(id));
        IngestResult? again = await Token(id).IngestHistory(more);
        Assert.Equal(1, again!.Accepted);
        Assert.Equal([1m, 2m, 3m], await RatesAsync(id));
    }

    [Fact]
    public async Task Bars_from_before_the_token_was_listed_are_refused_and_those_that_it_has_go_when_that_becomes_known()
    {
        string id = await NewAsync(Deep);
        await Token(id).IngestHistory(Bars(Deep, First, [100, 200, 300]));
        await Token(id).Register(new() { Listed = BarTime.Open(First + 1) });
        Assert.Equal([2m, 3m], await RatesAsync(id));

        IngestResult? sent = await Token(id).Ingest(new() { Time = Times(First, 2), Rate = new[] { 7m, 8m } });
        Assert.Equal("time.notListed", Assert.Single(sent!.Rejected).Code);
        Assert.Equal([8m, 3m], await RatesAsync(id));
    }

    /// <summary>Lets every activation go, so that the next call reads what is stored.</summary>
    private async Task ForgetAsync()
    {
        IManagementGrain management = cluster.Orleans.Client.GetGrain<IManagementGrain>(0);
        await management.ForceActivationCollection(TimeSpan.Zero, TestContext.Current.CancellationToken);
    }

    private static long[] Times(int from, int count) => [.. Enumerable.Range(from, count).Select(BarTime.OpenSeconds)];

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while (!await isSo())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}

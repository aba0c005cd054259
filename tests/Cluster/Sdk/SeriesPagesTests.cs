using CsCheck;
using Pnl.Client;
using Pnl.Grains;
using Pnl.Tests.Cluster.Tokens;

namespace Pnl.Tests.Cluster.Sdk;

/// <summary>A series that is read a page at a time is the one that one answer would be.</summary>
public sealed class SeriesPagesTests(PnlCluster cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_put_together_are_the_one_answer_whatever_the_range_interval_quantity_and_size()
    {
        Gen<(Bar[] Bars, SeriesQuery Query)> any =
            from bars in RandomBars.OneToken
            from interval in Gen.Enum<Interval>()
            from limit in Gen.OneOf(Gen.Int[1, 9], Gen.Int[50, 500], Gen.Const(SeriesQuery.MaxLimit))
            from quantity in Gen.OneOf(Gen.Const(1m), Gen.Const(0.3333333333333333333333333333m), Gen.Const(-7m))
            from bounds in Gen.Long[-40_000_000, 400_000].Nullable().Array[2]
            let now = PnlCluster.Noon.ToUnixTimeSeconds()
            let times = Array.ConvertAll(bounds, bound => bound is { } at ? DateTimeOffset.FromUnixTimeSeconds(now + at / 4) : (DateTimeOffset?)null)
            select (bars, new SeriesQuery { From = times[0], To = times[1], Interval = interval, Limit = limit, Quantity = quantity });
        int paged = 0;
        await any.SampleAsync(async sample =>
        {
            string token = await cluster.NewTokenAsync("paged");
            await cluster.IngestAsync(token, sample.Bars);
            SeriesQuery whole = sample.Query with { Limit = SeriesQuery.MaxLimit };
            List<PnlSeries> pages = await PagesAsync(cluster.Client.StreamSeriesAsync(token, sample.Query, Cancellation));
            PnlSeries series = await cluster.Client.GetSeriesAsync(token, whole, Cancellation);
            Assert.All(pages, page => Assert.InRange(page.Time.Length, 1, sample.Query.Limit));
            Assert.Equal(series.Time, pages.SelectMany(page => page.Time));
            Assert.Equal(series.Rate, pages.SelectMany(page => page.Rate));
            Assert.Equal(series.Pnl.Nearest, pages.SelectMany(page => page.Pnl.Nearest));
            Assert.Equal(series.CumulativePnl.Nearest, pages.SelectMany(page => page.CumulativePnl.Nearest));
            Assert.Equal(Exact(series.Pnl), pages.SelectMany(page => Exact(page.Pnl)));
            Assert.Equal(Exact(series.CumulativePnl), pages.SelectMany(page => Exact(page.CumulativePnl)));

            List<RateCandles> candles = await PagesAsync(cluster.Client.StreamRatesAsync(token, sample.Query, Cancellation));
            RateCandles rates = await cluster.Client.GetRatesAsync(token, whole, Cancellation);
            Assert.Equal(rates.Time, candles.SelectMany(page => page.Time));
            Assert.Equal(rates.Open, candles.SelectMany(page => page.Open));
            Assert.Equal(rates.High, candles.SelectMany(page => page.High));
            Assert.Equal(rates.Low, candles.SelectMany(page => page.Low));
            Assert.Equal(rates.Close, candles.SelectMany(page => page.Close));
            Interlocked.Add(ref paged, pages.Count > 1 ? 1 : 0);
        }, iter: 40, threads: 2);
        Assert.True(paged > 0, "no series had more than one page");
    }

    private static Amount[] Exact(MoneyColumn money) => [.. Enumerable.Range(0, money.Length).Select(i => money[i])];

    [Fact]
    public async Task What_changes_behind_the_reading_is_read_and_new_bars_at_the_end_are_not()
    {
        string token = await cluster.NewTokenAsync("read");
        Bar[] bars = RegularBars.UpToNow(30);
        await cluster.IngestAsync(token, bars[..25]);
        await using IAsyncEnumerator<PnlSeries> pages = Pages(token);
        Assert.Equal(bars[..10].Select(bar => bar.Rate), await NextAsync(pages));

        await cluster.IngestAsync(token, bars[12] with { Rate = 55m });
        await cluster.IngestAsync(token, bars[25..]);
        decimal[] second = await NextAsync(pages);
        Assert.Equal(bars[10..20].Select((bar, i) => i == 2 ? 55m : bar.Rate), second);
        Assert.Equal(bars[20..25].Select(bar => bar.Rate), await NextAsync(pages));
        Assert.Equal(bars[24].Rate - bars[0].Rate, pages.Current.CumulativePnl[^1]);
        Assert.Equal((await cluster.Client.GetTokenAsync(token, Cancellation)).Revision, pages.Current.Revision);
        Assert.False(await pages.MoveNextAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_changes_within_what_was_read_ends_it_and_says_from_when_on(bool late)
    {
        string token = await cluster.NewTokenAsync("changed");
        Bar[] bars = RegularBars.UpToNow(40);
        await cluster.IngestAsync(token, [.. bars[..7], .. bars[8..]]);
        await using IAsyncEnumerator<PnlSeries> pages = Pages(token);
        await NextAsync(pages);
        await NextAsync(pages);
        await cluster.IngestAsync(token, late ? bars[7] : bars[8] with { Rate = 55m });
        SeriesChangedException changed = await Assert.ThrowsAsync<SeriesChangedException>(() => pages.MoveNextAsync().AsTask());
        Assert.Equal((token, BarTime.Open(bars[late ? 7 : 8].Slot)), (changed.Token, changed.ChangedFrom));

        // Read again from there it goes on.
        List<PnlSeries> again = await PagesAsync(cluster.Client.StreamSeriesAsync(token, new() { From = changed.ChangedFrom, Limit = 10 }, Cancellation));
        Assert.Equal(late ? bars[7].Rate : 55m, again[0].Rate[0]);
        Assert.Equal(bars[^1].Rate, again[^1].Rate[^1]);
    }

    [Fact]
    public async Task A_token_without_bars_has_no_page_and_one_that_nobody_registered_is_unknown()
    {
        string token = await cluster.NewTokenAsync("empty");
        Assert.Empty(await PagesAsync(cluster.Client.StreamSeriesAsync(token, new(), Cancellation)));
        Assert.Equal("nobody", (await Assert.ThrowsAsync<TokenUnknownException>(() => PagesAsync(cluster.Client.StreamSeriesAsync("nobody", new(), Cancellation)))).Token);
    }

    [Fact]
    public void What_makes_no_sense_is_refused_at_once()
    {
        Assert.Contains("GetSeriesAsync", Assert.Throws<ArgumentException>(() => cluster.Client.StreamSeriesAsync("a", new() { MaxPoints = 100 }, Cancellation)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => cluster.Client.StreamRatesAsync("a", new() { Limit = 0 }, Cancellation));
    }

    [Fact]
    public async Task A_keeper_of_answers_learns_from_when_on_they_are_no_longer_good()
    {
        string token = await cluster.NewTokenAsync("kept");
        Bar[] bars = RegularBars.UpToNow(10);
        long seen = (await cluster.IngestAsync(token, bars[..9])).Revision;
        Assert.Null(await cluster.Client.GetChangedFromAsync(token, seen, Cancellation));
        await cluster.IngestAsync(token, bars[9]);
        Assert.Equal(BarTime.Open(bars[9].Slot), await cluster.Client.GetChangedFromAsync(token, seen, Cancellation));
        await cluster.IngestAsync(token, bars[4] with { Rate = 5m });
        Assert.Equal(BarTime.Open(bars[4].Slot), await cluster.Client.GetChangedFromAsync(token, seen, Cancellation));
        await cluster.Orleans.DeactivateAsync(cluster.Token(token));
        Assert.Equal(DateTimeOffset.UnixEpoch, await cluster.Client.GetChangedFromAsync(token, seen, Cancellation));
    }

    private IAsyncEnumerator<PnlSeries> Pages(string token) => cluster.Client.StreamSeriesAsync(token, new() { Limit = 10 }, Cancellation).GetAsyncEnumerator(Cancellation);

    private static async Task<decimal[]> NextAsync(IAsyncEnumerator<PnlSeries> pages)
    {
        Assert.True(await pages.MoveNextAsync(), "there are no more pages");
        return pages.Current.Rate;
    }

    private static async Task<List<TPage>> PagesAsync<TPage>(IAsyncEnumerable<TPage> pages)
    {
        List<TPage> all = [];
        await foreach (TPage page in pages)
        {
            all.Add(page);
        }

        return all;
    }
}

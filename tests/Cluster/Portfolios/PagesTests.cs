using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Portfolios;

/// <summary>Pages of a portfolio's series and lots go together, or the next one is refused.</summary>
public sealed class PagesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_of_a_series_is_refused_once_what_was_read_before_it_has_changed_and_not_for_what_comes_behind()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.PutAsync("mine", shorts: true);
        await books.PostAsync("mine", Books.Trade("a", EntryKind.Buy, "ltc", 2m, 80m, Books.First + 5), Books.Trade("b", EntryKind.Buy, "mona", 9m, 1m, Books.First + 20, "eur"), Books.Trade("z", EntryKind.Buy, "ltc", 1m, 80m, Books.Last - 5));
        PortfolioSeries first = await FirstAsync();
        int next = BarTime.SlotAt(first.Next!.Value);

        // What comes behind the pages that were read: new bars, late ones and entries, of tokens that are held, and any of one that is not.
        await NextAsync(first);
        books.Cluster.Clock.Advance(TimeSpan.FromMinutes(5));
        await books.Cluster.IngestAsync("ltc", new Bar(Books.Last + 1, 81m));
        await books.Cluster.IngestAsync("ltc", new Bar(next, 81m));
        string other = await books.Cluster.NewTokenAsync("other");
        await books.Cluster.IngestAsync(other, new Bar(Books.First + 30, 1m));
        await books.PostAsync("mine", Books.Trade("c", EntryKind.Sell, "ltc", 1m, 80m, next));
        PortfolioSeries second = await NextAsync(first);
        Assert.Equal(first.Next, DateTimeOffset.FromUnixTimeSeconds(second.Time[0]));

        // The last bar, and the last moment of an entry, by which a point before is valued.
        (Func<Task> Change, DateTimeOffset? From)[] changes =
        [
            (() => books.Cluster.IngestAsync("ltc", new Bar(next - 1, 99m)), BarTime.Open(next - 1)),
            (() => books.Cluster.IngestAsync("eur", new Bar(Books.First + 40, 1.3m)), BarTime.Open(Books.First + 40)), // by which mona is converted
            (() => books.PostAsync("mine", Books.Trade("d", EntryKind.Buy, "ltc", 1m, 80m, 0) with { Time = BarTime.Open(next) }), BarTime.Open(next - 1)),
            (() => books.Client.CorrectEntryAsync("mine", Books.Trade("z", EntryKind.Buy, "ltc", 1m, 80m, Books.First + 60), Cancellation), BarTime.Open(Books.First + 61)), // it was behind
            (() => books.Client.DeleteEntryAsync("mine", "a", Cancellation), BarTime.Open(Books.First + 6)),
            (() => books.PutAsync("mine", CostBasis.Avco, shorts: true), DateTimeOffset.UnixEpoch),
            (() => books.Client.DeleteRatesAsync("ltc", BarTime.Open(Books.First), BarTime.Open(Books.First + 3), Cancellation), BarTime.Open(Books.First)),
            (() => books.Client.DeleteTokenAsync("mona", force: true, Cancellation), null), // all of it
        ];
        foreach ((Func<Task> change, DateTimeOffset? from) in changes)
        {
            first = await FirstAsync();
            await NextAsync(first);
            await change();
            SeriesChangedException changed = await Assert.ThrowsAsync<SeriesChangedException>(() => NextAsync(first));
            Assert.Equal("mine", changed.Portfolio);
            Assert.Equal(from ?? changed.ChangedFrom, changed.ChangedFrom);
            await NextAsync(await FirstAsync());
        }

        // Another activation does not know, and says so.
        first = await FirstAsync();
        await books.Cluster.Orleans.DeactivateAsync(books.Cluster.Orleans.Client.GetGrain<IPortfolioGrain>(PortfolioOwner.Key(PortfolioOwner.Local, "mine")));
        await NextAsync(first); // nothing has changed since
        await books.PostAsync("mine", Books.Trade("e", EntryKind.Buy, "ltc", 1m, 80m, next + 9));
        await books.Cluster.Orleans.DeactivateAsync(books.Cluster.Orleans.Client.GetGrain<IPortfolioGrain>(PortfolioOwner.Key(PortfolioOwner.Local, "mine")));
        Assert.Equal(DateTimeOffset.UnixEpoch, (await Assert.ThrowsAsync<SeriesChangedException>(() => NextAsync(first))).ChangedFrom);

        Task<PortfolioSeries> FirstAsync() => SeriesAsync(new() { Interval = Interval.Hour, Limit = 20 });
        Task<PortfolioSeries> NextAsync(PortfolioSeries before) => SeriesAsync(new()
        {
            Interval = Interval.Hour, Limit = 5, From = before.Next, RangeFrom = DateTimeOffset.UnixEpoch, SeenRevision = before.Revision,
        });
        Task<PortfolioSeries> SeriesAsync(PortfolioSeriesQuery query) => books.Client.GetPortfolioSeriesAsync("mine", query, Cancellation);
    }

    [Fact]
    public async Task A_page_of_lots_is_refused_once_lots_have_changed_and_not_for_a_new_bar()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.PutAsync("mine");
        await books.PostAsync("mine", [.. Enumerable.Range(0, 6).Select(i => Books.Trade($"e{i}", EntryKind.Buy, "mona", 1m, 1m, Books.First + 10 * i, "eur"))]);
        LotsPage first = await FirstAsync();
        books.Cluster.Clock.Advance(TimeSpan.FromMinutes(5));
        await books.Cluster.IngestAsync("mona", new Bar(Books.Last + 1, 2m));
        await books.Cluster.IngestAsync("eur", new Bar(Books.Last + 1, 1.2m));
        Assert.Equal(["e3", "e4", "e5"], (await NextAsync(first)).Items.Select(lot => lot.OpenedBy));

        foreach (Func<Task> change in (Func<Task>[])
        [
            () => books.PostAsync("mine", Books.Trade("s", EntryKind.Sell, "mona", 1m, 1m, Books.Last, "eur")),
            () => books.Cluster.IngestAsync("eur", new Bar(Books.First + 20, 1.5m)), // what a lot had cost
            () => books.Client.DeleteEntryAsync("mine", "s", Cancellation),
        ])
        {
            first = await FirstAsync();
            await NextAsync(first);
            await change();
            Assert.Equal("mine", (await Assert.ThrowsAsync<SeriesChangedException>(() => NextAsync(first))).Portfolio);
        }

        Task<LotsPage> FirstAsync() => books.Client.GetLotsAsync("mine", new(null, 0, 3), Cancellation);
        Task<LotsPage> NextAsync(LotsPage before) => books.Client.GetLotsAsync("mine", new(null, 3, 3) { SeenRevision = before.Revision }, Cancellation);
    }
}

using Pnl.Rates;

namespace Pnl.Tests.Cluster.Portfolios;

/// <summary>What the store of portfolios keeps, and what it refuses.</summary>
public sealed class PortfolioStoreTests
{
    private static readonly PortfolioTerms Terms = new("usd", CostBasis.Avco, AllowShorts: true, TrackCash: false);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_come_back_digit_for_digit_and_tick_for_tick()
    {
        using TemporaryFolder folder = new();
        LedgerEntry[] entries =
        [
            new("a", new DateTimeOffset(2024, 2, 29, 23, 59, 59, TimeSpan.Zero).AddTicks(1234567), EntryKind.Buy, "btc", 0.0000000000000000000000000001m, 7.9228162514264337593543950335m, "eur", [new(-0.5m, "usd"), new(1m, "btc")], "'; DROP TABLE portfolio; -- \"\n\u00e9"),
            new("A", DateTimeOffset.UnixEpoch, EntryKind.Redenomination, "x", 1000m, null, null, [], null),
            new("a!~", DateTimeOffset.UnixEpoch, EntryKind.Fee, "x", 1m, null, null, default, null),
        ];
        await using (SqliteDatabase database = SqliteDatabase.Open(folder.Path))
        {
            SqlitePortfolioStore store = new(database);
            await store.WriteAsync(new("mine", null, 0, new(1, Terms, -5, null), entries, []));
        }

        await using SqliteDatabase again = SqliteDatabase.Open(folder.Path);
        StoredPortfolio stored = (await new SqlitePortfolioStore(again).LoadAsync("mine", Cancellation))!;
        Assert.Equal(new(1, Terms, -5, null), stored.Head);
        Assert.Equal(entries.OrderBy(entry => entry.Id, StringComparer.Ordinal), stored.Entries.OrderBy(entry => entry.Id, StringComparer.Ordinal));
        Assert.Null(await new SqlitePortfolioStore(again).LoadAsync("MINE", Cancellation));
    }

    [Fact]
    public async Task A_write_upon_a_revision_that_is_no_more_is_refused_and_leaves_nothing()
    {
        using TemporaryFolder folder = new();
        await using SqliteDatabase database = SqliteDatabase.Open(folder.Path);
        SqlitePortfolioStore store = new(database);
        LedgerEntry entry = new("a", DateTimeOffset.UnixEpoch, EntryKind.Buy, "btc", 1m, 1m, "usd", [], null);
        long number = await store.WriteAsync(new("mine", null, 0, new(1, Terms, 0, null), [entry], []));
        await store.WriteAsync(new("mine", number, 1, new(2, Terms, 0, 300), [entry with { Id = "b" }], ["a"]));

        await Assert.ThrowsAsync<StoreConflictException>(() => store.WriteAsync(new("mine", number, 1, new(2, Terms, 0, null), [entry with { Id = "c" }], ["b"])));
        await Assert.ThrowsAsync<StoreConflictException>(() => store.WriteAsync(new("mine", null, 0, new(1, Terms, 0, null), [entry with { Id = "c" }], [])));

        StoredPortfolio stored = (await store.LoadAsync("mine", Cancellation))!;
        Assert.Equal((2L, 300L, "b"), (stored.Head.Revision, stored.Head.AsOf, Assert.Single(stored.Entries).Id));
    }

    [Fact]
    public async Task A_deletion_takes_the_ledger_with_it_and_one_upon_a_revision_that_is_no_more_is_refused()
    {
        using TemporaryFolder folder = new();
        await using SqliteDatabase database = SqliteDatabase.Open(folder.Path);
        SqlitePortfolioStore store = new(database);
        LedgerEntry entry = new("a", DateTimeOffset.UnixEpoch, EntryKind.Buy, "btc", 1m, 1m, "usd", [], null);
        long number = await store.WriteAsync(new("mine", null, 0, new(1, Terms, 0, null), [entry], []));
        await Assert.ThrowsAsync<StoreConflictException>(() => store.DeleteAsync("mine", number, 2, 9));
        await Assert.ThrowsAsync<StoreConflictException>(() => store.DeleteAsync("other", number, 1, 9));
        Assert.Equal(0, await store.DeletedAtAsync("mine", Cancellation));
        Assert.Single((await store.LoadAsync("mine", Cancellation))!.Entries);

        await store.DeleteAsync("mine", number, 1, 9);
        Assert.Null(await store.LoadAsync("mine", Cancellation));
        Assert.Equal((9, 0), (await store.DeletedAtAsync("mine", Cancellation), await store.DeletedAtAsync("other", Cancellation)));

        // The number may be another portfolio's now, and a late write of the deleted one must not get into it.
        long next = await store.WriteAsync(new("other", null, 0, new(1, Terms, 0, null), [], []));
        Assert.Equal(number, next);
        await Assert.ThrowsAsync<StoreConflictException>(() => store.WriteAsync(new("mine", number, 1, new(2, Terms, 0, null), [entry], [])));
        Assert.Empty((await store.LoadAsync("other", Cancellation))!.Entries);
    }
}

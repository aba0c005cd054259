using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>What every store of portfolios keeps, and what it refuses.</summary>
public abstract class PortfolioStoreContract
{
    private static readonly PortfolioTerms Terms = new("usd", CostBasis.Avco, AllowShorts: true, TrackCash: false);
    private static readonly LedgerEntry Entry = new("a", DateTimeOffset.UnixEpoch, EntryKind.Buy, "btc", 1m, 1m, "usd", [], null);

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens a store over what the test's stores have kept, as another process would.</summary>
    protected abstract Task<IPortfolioStore> OpenAsync();

    [Fact]
    public async Task Entries_come_back_digit_for_digit_and_tick_for_tick()
    {
        LedgerEntry[] entries =
        [
            new("a", new DateTimeOffset(2024, 2, 29, 23, 59, 59, TimeSpan.Zero).AddTicks(1234567), EntryKind.Buy, "btc", 0.0000000000000000000000000001m, 7.9228162514264337593543950335m, "eur", [new(-0.5m, "usd"), new(1m, "btc")], "'; DROP TABLE portfolio; -- \"\n\u00e9"),
            new("A", DateTimeOffset.UnixEpoch, EntryKind.Redenomination, "x", 1000m, null, null, [], null),
            new("a!~/\\#?%'", DateTimeOffset.UnixEpoch, EntryKind.Fee, "x", 1m, null, null, default, null),
            new(new string('~', EntryCheck.MaxIdLength), DateTimeOffset.UnixEpoch, EntryKind.Fee, "x", 1m, null, null, [], new string('n', EntryCheck.MaxNoteLength)),
        ];
        await (await OpenAsync()).WriteAsync(new("mine", null, 0, new(1, Terms, -5, null), entries, []));

        IPortfolioStore again = await OpenAsync();
        StoredPortfolio stored = (await again.LoadAsync("mine", Cancellation))!;
        Assert.Equal(new(1, Terms, -5, null), stored.Head);
        AssertEntries(entries, stored);
        Assert.Null(await again.LoadAsync("min", Cancellation));
        Assert.Null(await again.LoadAsync("mine2", Cancellation));
    }

    [Fact]
    public async Task Portfolios_that_depend_on_a_token_are_counted_by_entry_currency_fee_and_base()
    {
        IPortfolioStore store = await OpenAsync();
        await WriteAsync("of", Terms, Entry with { Token = "zeta" });
        await WriteAsync("priced", Terms, Entry, Entry with { Id = "b", Currency = "zeta" });
        await WriteAsync("paid", Terms, Entry with { Fees = [new(1m, "zeta")] });
        PortfolioKey key = await WriteAsync("based", Terms with { BaseCurrency = "zeta" });
        await WriteAsync("not", Terms, Entry with { Id = "zeta", Note = "\"token\":\"zeta\"", Token = "zeta2" }, Entry with { Id = "c", Token = "a-zeta" });
        Assert.Equal((4, 0), (await store.CountOfAsync("zeta", Cancellation), await store.CountOfAsync("eta", Cancellation)));

        await store.DeleteAsync("based", key, 1, 1);
        Assert.Equal(3, await (await OpenAsync()).CountOfAsync("zeta", Cancellation));

        Task<PortfolioKey> WriteAsync(string id, PortfolioTerms terms, params LedgerEntry[] entries) => store.WriteAsync(new(id, null, 0, new(1, terms, 0, null), entries, []));
    }

    [Fact]
    public async Task A_write_upon_a_revision_that_is_no_more_is_refused_and_leaves_nothing()
    {
        IPortfolioStore store = await OpenAsync();
        PortfolioKey first = await store.WriteAsync(new("mine", null, 0, new(1, Terms, 0, null), [Entry], []));
        await store.WriteAsync(new("mine", first, 1, new(2, Terms, 0, 300), [Entry with { Id = "b" }], ["a"]));

        await Assert.ThrowsAsync<StoreConflictException>(() => store.WriteAsync(new("mine", first, 1, new(2, Terms, 0, null), [Entry with { Id = "c" }], ["b"])));
        await Assert.ThrowsAsync<StoreConflictException>(() => store.WriteAsync(new("mine", null, 0, new(1, Terms, 0, null), [Entry with { Id = "c" }], [])));

        StoredPortfolio stored = (await store.LoadAsync("mine", Cancellation))!;
        Assert.Equal((2L, 300L, "b"), (stored.Head.Revision, stored.Head.AsOf, Assert.Single(stored.Entries).Id));
    }

    [Fact]
    public async Task Of_many_writers_upon_the_same_revision_one_comes_first()
    {
        IPortfolioStore store = await OpenAsync(), other = await OpenAsync();
        await store.WriteAsync(new("mine", null, 0, new(1, Terms, 0, null), [], []));
        PortfolioKey[] keys = [(await store.LoadAsync("mine", Cancellation))!.Key, (await other.LoadAsync("mine", Cancellation))!.Key];
        bool[] won = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            try
            {
                await (i % 2 == 0 ? store : other).WriteAsync(new("mine", keys[i % 2], 1, new(2, Terms, i, null), [Entry with { Id = $"of-{i}" }], []));
                return true;
            }
            catch (StoreConflictException)
            {
                return false;
            }
        }));

        int winner = Array.IndexOf(won, true);
        Assert.Equal(1, won.Count(one => one));
        StoredPortfolio stored = (await other.LoadAsync("mine", Cancellation))!;
        Assert.Equal((2L, (long)winner, $"of-{winner}"), (stored.Head.Revision, stored.Head.Base, Assert.Single(stored.Entries).Id));
    }

    [Fact]
    public async Task Ten_thousand_entries_at_once_are_all_there_and_each_can_be_corrected_deleted_and_added_again()
    {
        IPortfolioStore store = await OpenAsync();
        Random random = new(7);
        Dictionary<string, LedgerEntry> ledger = Enumerable.Range(0, 10_000)
            .Select(i => Entry with { Id = $"entry-{i}", Quantity = new decimal(random.Next(), random.Next(), 0, false, 9), Note = Convert.ToHexString(BitConverter.GetBytes(random.NextInt64())) })
            .ToDictionary(entry => entry.Id);
        long revision = 1;
        PortfolioKey key = await store.WriteAsync(new("mine", null, 0, new(revision, Terms, 0, null), ledger.Values, []));
        AssertEntries(ledger.Values, (await (await OpenAsync()).LoadAsync("mine", Cancellation))!);
        for (int i = 0; i < 12; i++)
        {
            // A few, or many: either may touch what either has written.
            string[] ids = [.. Enumerable.Range(0, i % 3 == 2 ? 300 : 2).Select(_ => $"entry-{random.Next(i % 4 == 0 ? 40 : 10_020)}").Distinct()];
            LedgerEntry[] put = [.. ids.Where((_, n) => n % 2 == 0).Select(id => Entry with { Id = id, Quantity = i + 2 })];
            string[] deleted = [.. ids.Where((_, n) => n % 2 == 1)];
            key = await store.WriteAsync(new("mine", key, revision, new(revision + 1, Terms, 0, null), put, deleted));
            revision++;
            foreach (LedgerEntry entry in put)
            {
                ledger[entry.Id] = entry;
            }

            foreach (string id in deleted)
            {
                ledger.Remove(id);
            }
        }

        AssertEntries(ledger.Values, (await (await OpenAsync()).LoadAsync("mine", Cancellation))!);
    }

    [Fact]
    public async Task A_deletion_takes_the_ledger_with_it_and_one_upon_a_revision_that_is_no_more_is_refused()
    {
        IPortfolioStore store = await OpenAsync(), other = await OpenAsync();
        PortfolioKey key = await store.WriteAsync(new("mine", null, 0, new(1, Terms, 0, null), [Entry], []));
        await Assert.ThrowsAsync<StoreConflictException>(() => store.DeleteAsync("mine", key, 2, 9));
        await Assert.ThrowsAsync<StoreConflictException>(() => store.DeleteAsync("other", key, 1, 9));
        Assert.Equal(0, await store.DeletedAtAsync("mine", Cancellation));
        Assert.Single((await store.LoadAsync("mine", Cancellation))!.Entries);

        await other.DeleteAsync("mine", (await other.LoadAsync("mine", Cancellation))!.Key, 1, 9);
        Assert.Null(await store.LoadAsync("mine", Cancellation));
        Assert.Equal((9, 0), (await store.DeletedAtAsync("mine", Cancellation), await store.DeletedAtAsync("other", Cancellation)));

        // What the deleted one still writes gets neither into another nor into the next of its id.
        await store.WriteAsync(new("other", null, 0, new(1, Terms, 0, null), [], []));
        await Assert.ThrowsAsync<StoreConflictException>(() => store.WriteAsync(new("mine", key, 1, new(2, Terms, 0, null), [Entry], [])));
        Assert.Empty((await store.LoadAsync("other", Cancellation))!.Entries);
        PortfolioKey again = await store.WriteAsync(new("mine", null, 0, new(1, Terms, 9, null), [Entry with { Id = "b" }], []));
        await Assert.ThrowsAsync<StoreConflictException>(() => other.WriteAsync(new("mine", null, 0, new(1, Terms, 0, null), [], [])));
        await store.WriteAsync(new("mine", again, 1, new(2, Terms, 9, null), [Entry with { Id = "c" }], []));
        AssertEntries([Entry with { Id = "b" }, Entry with { Id = "c" }], (await other.LoadAsync("mine", Cancellation))!);
    }

    [Fact]
    public async Task Portfolios_are_listed_in_the_order_of_their_ids_without_those_that_were_deleted()
    {
        IPortfolioStore store = await OpenAsync(), other = await OpenAsync();
        Assert.Empty(await store.ListAsync(null, 10, Cancellation));
        string[] ids = ["b", "a-b", "a.b", "a_b", "a", "ab", "1", "zz"];
        Dictionary<string, PortfolioKey> keys = [];
        foreach (string id in ids)
        {
            keys[id] = await store.WriteAsync(new(id, null, 0, new(1, Terms with { BaseCurrency = "of-" + id }, 0, null), [Entry], []));
        }

        await store.DeleteAsync("a.b", keys["a.b"], 1, 1);
        await store.DeleteAsync("1", keys["1"], 1, 1);
        string[] left = [.. ids.Except(["a.b", "1"]).Order(StringComparer.Ordinal)];
        Assert.Equal(left.Select(id => new ListedPortfolio(id, Terms with { BaseCurrency = "of-" + id })), await other.ListAsync(null, 100, Cancellation));
        Assert.Equal(["a", "a-b"], (await other.ListAsync(null, 2, Cancellation)).Select(portfolio => portfolio.Portfolio));
        Assert.Equal(["a_b", "ab"], (await other.ListAsync("a-b", 2, Cancellation)).Select(portfolio => portfolio.Portfolio));
        Assert.Empty(await other.ListAsync("zz", 2, Cancellation));
    }

    private static void AssertEntries(IEnumerable<LedgerEntry> entries, StoredPortfolio stored) =>
        Assert.Equal(entries.OrderBy(entry => entry.Id, StringComparer.Ordinal), stored.Entries.OrderBy(entry => entry.Id, StringComparer.Ordinal));
}

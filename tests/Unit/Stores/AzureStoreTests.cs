using Azure;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Pnl.Rates;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Unit.Stores;

/// <summary>Portfolios in Azure Tables, against Azurite.</summary>
public sealed class AzurePortfolioStoreTests(Azurite azurite) : PortfolioStoreContract, IClassFixture<Azurite>
{
    private readonly string _prefix = OwnTables.NewPrefix();

    protected override async Task<IPortfolioStore> OpenAsync() => await AzurePortfolioStore.OpenAsync(OwnTables.Of(azurite, _prefix), OwnTables.NewWriter());

    [Fact]
    public async Task A_change_whose_answer_is_lost_is_stored_once_and_not_taken_for_another_writers()
    {
        FaultyLine line = new();
        AzurePortfolioStore store = await AzurePortfolioStore.OpenAsync(OwnTables.Of(azurite, _prefix, line), OwnTables.NewWriter());
        PortfolioTerms terms = new("usd", CostBasis.Fifo, false, false);
        LedgerEntry entry = new("a", DateTimeOffset.UnixEpoch, EntryKind.Buy, "btc", 1m, 1m, "usd", [], null);
        line.LoseNextAnswers(1);
        PortfolioKey key = await store.WriteAsync(new("mine", null, 0, new(1, terms, 0, null), [entry], []));
        line.LoseNextAnswers(2);
        await store.WriteAsync(new("mine", key, 1, new(2, terms, 0, null), [entry with { Id = "b" }], []));
        Assert.Equal(3, line.Lost);
        StoredPortfolio stored = (await store.LoadAsync("mine", Cancellation))!;
        Assert.Equal((2L, 2), (stored.Head.Revision, stored.Entries.Count));
    }

    [Fact]
    public async Task A_change_too_large_for_one_transaction_is_refused_by_that_reason_and_leaves_nothing()
    {
        IPortfolioStore store = await OpenAsync();
        Random random = new(1);
        byte[] noise = new byte[512];
        LedgerEntry[] entries =
        [
            .. Enumerable.Range(0, 10_000).Select(i =>
            {
                random.NextBytes(noise);
                return new LedgerEntry($"e{i}", DateTimeOffset.UnixEpoch, EntryKind.Fee, "x", 1m, null, null, [], Convert.ToHexString(noise));
            }),
        ];
        string message = (await Assert.ThrowsAsync<IOException>(() => store.WriteAsync(new("mine", null, 0, new(1, new("usd", CostBasis.Fifo, false, false), 0, null), entries, [])))).Message;
        Assert.Contains("10000 entries is too large", message, StringComparison.Ordinal);
        Assert.Null(await store.LoadAsync("mine", Cancellation));
    }
}

/// <summary>Bars in Azure Tables, against Azurite.</summary>
public sealed class AzureSegmentStoreTests(Azurite azurite) : SegmentStoreContract, IClassFixture<Azurite>, IAsyncDisposable
{
    private readonly string _prefix = OwnTables.NewPrefix();
    private readonly List<AzureSegmentStore> _opened = [];

    protected override async Task<ISegmentStore> OpenAsync() => await OpenAsync(null);

    public async ValueTask DisposeAsync()
    {
        foreach (AzureSegmentStore store in _opened)
        {
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_the_service_is_too_busy_for_or_whose_answer_is_lost_is_written_once_and_reported_as_it_was()
    {
        FaultyLine line = new();
        AzureSegmentStore store = await OpenAsync(line);
        OwnedToken[] tokens = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => OwnedToken.NewAsync(store, $"t{i:d3}")));
        for (int round = 0; round < 3; round++)
        {
            line.LoseNextAnswers(40);
            line.RefuseNextRequests(40);
            line.FailNextTransactions(10);
            Bar[] bars = Bars(800 * (round + 1)); // whole days among them, which are sealed
            await Task.WhenAll(tokens.Select(token => token.TakeAsync(bars)));
            Assert.Equal((40 * (round + 1), 40 * (round + 1), 10 * (round + 1)), (line.Lost, line.Refused, line.Failed));
            foreach (OwnedToken token in tokens[..20])
            {
                await AssertCleanAsync(store, token, bars);
            }
        }

        Assert.Equal(tokens.Select(token => (token.Id, token.Revision)), (await store.StatesAsync(Cancellation)).OrderBy(state => state.Token).Select(state => (state.Token, state.Revision)));
    }

    [Fact]
    public async Task Rows_written_at_the_same_time_share_transactions()
    {
        AzureSegmentStore store = await OpenAsync(null);
        OwnedToken[] tokens = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => OwnedToken.NewAsync(store, $"t{i:d3}")));
        long before = store.Transactions.Tokens;
        await Task.WhenAll(tokens.Select(token => token.TakeAsync(Bars(3))));
        Assert.InRange(store.Transactions.Tokens - before, 1, 400); // 128 partitions, of which each is written while more comes in
        await AssertCleanAsync(store, tokens[500], Bars(3));
    }

    [Fact]
    public async Task Months_that_nothing_names_any_more_are_swept_and_those_that_a_reader_may_still_go_by_are_not()
    {
        AzureSegmentStore store = await OpenAsync(null), other = await OpenAsync(null);
        OwnedToken token = await OwnedToken.NewAsync(store, "btc");
        Bar[] bars = Bars(20_000);
        await token.TakeAsync(bars[..4_000]);
        OwnedToken late = await OwnedToken.LoadAsync(other, "btc"), reader = await OwnedToken.LoadAsync(other, "btc");
        await token.TakeAsync(bars[4_000..12_000]);
        await Assert.ThrowsAsync<StoreConflictException>(() => late.TakeAsync(bars[4_000..10_000])); // leaves rows that nobody will ever name
        foreach (MonthSummary month in reader.History.Months)
        {
            await other.ReadMonthAsync(reader.Key, month.Month, Cancellation); // one rewriting later it still reads what it knows
        }

        await token.TakeAsync(bars[12_000..16_000]);
        await token.TakeAsync(bars[16_000..]);
        await store.SweepAsync("btc");
        await AssertCleanAsync(other, token, bars);
        StoreConflictException conflict = await Assert.ThrowsAsync<StoreConflictException>(async () => await other.ReadMonthAsync(reader.Key, reader.History.Months[0].Month, Cancellation));
        Assert.Contains("btc", conflict.Message, StringComparison.Ordinal);

        // The rows of the newest two generations: months, of which most are the same in both, and two indexes.
        TableClient months = new TableServiceClient(azurite.ConnectionString).GetTableClient(_prefix + "months");
        List<string> rows = [];
        await foreach (TableEntity row in months.QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            rows.Add(row.RowKey);
        }

        Assert.Equal(2, rows.Count(row => row.StartsWith('i')));
        Assert.InRange(rows.Count - 2, token.History.Months.Length, token.History.Months.Length + 1);
    }

    [Fact]
    public async Task A_loser_does_not_leave_its_name_in_the_directory()
    {
        ISegmentStore store = await OpenAsync(), other = await OpenAsync();
        await OwnedToken.NewAsync(store, "btc", "Bitcoin");
        OwnedToken late = await OwnedToken.LoadAsync(other, "btc");
        await (await OwnedToken.LoadAsync(store, "btc")).TakeAsync(Bars(1));
        await Assert.ThrowsAsync<StoreConflictException>(() => late.RenameAsync("Other"));
        await Assert.ThrowsAsync<StoreConflictException>(() => OwnedToken.NewAsync(other, "btc", "New"));
        Assert.Equal(["btc"], await store.ListAsync("bitcoin", null, 10, Cancellation));
        Assert.Empty(await store.ListAsync("new", null, 10, Cancellation));
        Assert.Empty(await store.ListAsync("other", null, 10, Cancellation));
    }

    [Fact]
    public async Task Tokens_of_an_earlier_release_are_made_anew_where_they_are_loaded_and_all_of_them_at_last()
    {
        AzureSegmentStore store = await OpenAsync(null), other = await OpenAsync(null);
        Bar[] bars = [.. Enumerable.Range(1, 60).SelectMany(month => Enumerable.Range(0, 5).Select(i => new Bar(BarTime.FirstSlotOfMonth(month) + i, 100m + month % 7 + i / 8m)))];
        List<OwnedToken> tokens = [];
        foreach (string id in (string[])["btc", "eth", "few", "none"])
        {
            OwnedToken token = await OwnedToken.NewAsync(store, id);
            if (id != "none")
            {
                await token.TakeAsync(id == "few" ? bars[..3] : bars, new(0, 500));
            }

            await DowngradeAsync(store, token);
            tokens.Add(token);
        }

        // Two at once, of which one renews it; whoever had it before has it no more.
        StoredToken?[] loaded = await Task.WhenAll(store.LoadAsync("btc", Cancellation).AsTask(), other.LoadAsync("btc", Cancellation).AsTask());
        Assert.All(loaded, token => Assert.Equal(tokens[0].Revision + 1, token!.Revision));
        await Assert.ThrowsAsync<StoreConflictException>(() => tokens[0].TakeAsync([bars[7] with { Rate = 3m }]));
        await AssertRenewedAsync(tokens[0], 1);

        // All that are left, by two processes, of which one gives up in the middle.
        using CancellationTokenSource left = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.RenewAsync(new Told(_ => left.Cancel()), left.Token));
        List<StoreRenewal> told = [];
        await Task.WhenAll(store.RenewAsync(new Told(told.Add), Cancellation), other.RenewAsync(null, Cancellation));
        Assert.Equal(1, told[^1].Done);
        foreach (OwnedToken token in tokens)
        {
            await AssertRenewedAsync(token, 1);
        }

        // Once; and the owner goes on.
        told.Clear();
        await store.RenewAsync(new Told(told.Add), Cancellation);
        Assert.Equal(0, told[^1].Renewed);
        OwnedToken owner = await OwnedToken.LoadAsync(other, "eth");
        await owner.TakeAsync([bars[7] with { Rate = 3m }]);
        bars[7] = bars[7] with { Rate = 3m };
        await AssertCleanAsync(store, owner, bars);

        async Task AssertRenewedAsync(OwnedToken token, int revisions)
        {
            StoredToken stored = (await other.LoadAsync(token.Id, Cancellation))!;
            Assert.Equal(token.Revision + revisions, stored.Revision);
            Assert.Equal(token.History.Months, stored.Months);
            Assert.Equal(token.History.Coverage, stored.Coverage);
            Assert.Equal(token.History.Tail?.Bytes.ToArray(), stored.Tail?.Bytes.ToArray());
            foreach (MonthSummary month in stored.Months)
            {
                Assert.Equal(month.Summary, (await other.ReadMonthAsync(stored.Key, month.Month, Cancellation)).Summary());
            }

            TableEntity row = await Row("tokens").SingleAsync(each => each.RowKey == token.Id, Cancellation);
            Assert.Equal(2, row.GetInt32("Format"));
        }
    }

    private AsyncPageable<TableEntity> Row(string table) => new TableClient(azurite.ConnectionString, _prefix + table).QueryAsync<TableEntity>(cancellationToken: Cancellation);

    /// <summary>Puts the rows of a token back into the form of the release before.</summary>
    private async Task DowngradeAsync(AzureSegmentStore store, OwnedToken token)
    {
        StoredToken stored = (await store.LoadAsync(token.Id, Cancellation))!;
        TableClient tokens = new(azurite.ConnectionString, _prefix + "tokens"), months = new(azurite.ConnectionString, _prefix + "months");
        TableEntity row = await Row("tokens").SingleAsync(each => each.RowKey == token.Id, Cancellation);
        foreach (string name in (string[])["Format", "Sum", "StateSum"])
        {
            row.Remove(name);
        }

        if (stored.Tail is { } tail)
        {
            row["Tail"] = FirstVersion.Of(tail);
        }

        List<TableEntity> rows = await Row("months").Where(each => each.PartitionKey == token.Id).ToListAsync(Cancellation);
        foreach (TableEntity each in rows)
        {
            each.Remove("Sum");
            each.Remove("Sums");
            if (each.RowKey.StartsWith('i'))
            {
                byte[] index = each.GetBinary("Bars"), first = [];
                for (int i = 0; i < stored.Months.Length; i++)
                {
                    first = [.. first, .. index.AsSpan(i * (20 + MonthSummary.StoredLength), 20), .. FirstVersion.Of(stored.Months[i])];
                }

                each["Bars"] = first;
                each.Remove("Format");
            }
            else
            {
                each["Bars"] = FirstVersion.Of(Segment.Open(each.GetBinary("Bars"), "it"));
            }

            await months.UpdateEntityAsync(each, ETag.All, TableUpdateMode.Replace, Cancellation);
        }

        await tokens.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Replace, Cancellation);
    }

    private sealed class Told(Action<StoreRenewal> tell) : IProgress<StoreRenewal>
    {
        public void Report(StoreRenewal value) => tell(value);
    }

    private async Task<AzureSegmentStore> OpenAsync(FaultyLine? line)
    {
        AzureSegmentStore store = await AzureSegmentStore.OpenAsync(OwnTables.Of(azurite, _prefix, line), OwnTables.NewWriter());
        _opened.Add(store);
        return store;
    }
}

/// <summary>Tables that no other test has.</summary>
internal static class OwnTables
{
    private static ulong _writers;

    public static string NewPrefix() => $"t{Guid.NewGuid():n}"[..20];

    public static ulong NewWriter() => Interlocked.Add(ref _writers, 1UL << 40);

    public static AzureTables Of(Azurite azurite, string prefix, FaultyLine? line = null)
    {
        TableClientOptions options = AzureTables.Patient(new TableClientOptions());
        if (line is not null)
        {
            options.Transport = new HttpClientTransport(line);
        }

        return new(new TableServiceClient(azurite.ConnectionString, options), prefix, TimeProvider.System);
    }
}

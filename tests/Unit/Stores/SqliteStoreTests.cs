using Microsoft.Data.Sqlite;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>Bars in SQLite.</summary>
public sealed class SqliteSegmentStoreTests : SegmentStoreContract, IAsyncDisposable
{
    private readonly OneDatabase _database = new();

    protected override Task<ISegmentStore> OpenAsync() => Task.FromResult<ISegmentStore>(new SqliteSegmentStore(_database.Shared()));

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_letter_of_any_bytes_is_not_taken_for_damaged()
    {
        ISegmentStore store = await OpenAsync();
        await store.WriteDeadLetterAsync(new(DateTimeOffset.UnixEpoch, "btc", "event.malformed", "event 1: \0\0x"));
        await store.WriteDeadLetterAsync(new(DateTimeOffset.UnixEpoch, "btc", "event.malformed", "event 2: \ud800"));

        IReadOnlyList<DeadLetter> letters = await store.DeadLettersAsync(null, 10, TestContext.Current.CancellationToken);

        Assert.All(letters, letter => Assert.Equal("event.malformed", letter.Reason));
        Assert.Equal(["event 2: ", "event 1: "], letters.Select(letter => letter.Payload[..9]));
    }

    [Fact]
    public async Task Months_of_an_earlier_release_are_read_and_made_anew_once_from_wherever_it_was_left()
    {
        // 300 months of a few bars each, as the release before kept them.
        ISegmentStore store = await OpenAsync();
        OwnedToken token = await OwnedToken.NewAsync(store, "btc"), other = await OwnedToken.NewAsync(store, "eth");
        Bar[] bars = [.. Enumerable.Range(1, 300).SelectMany(month => Enumerable.Range(0, 5).Select(i => new Bar(BarTime.FirstSlotOfMonth(month) + i, 100m + month % 7 + i / 8m)))];
        await token.TakeAsync(bars);
        await other.TakeAsync(bars[..40]);
        List<byte[]> written = await RowsAsync();
        await DowngradeAsync(store, token, other);

        // Read as they are.
        await AssertReadAsync(token);
        await AssertReadAsync(other);

        // Left in the middle, as by a process that dies between two transactions.
        using CancellationTokenSource left = new();
        List<StoreRenewal> told = [];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.RenewAsync(new Told(renewal =>
        {
            told.Add(renewal);
            left.Cancel();
        }), left.Token));
        Assert.Equal(64, Assert.Single(told).Renewed);
        Assert.Equal(64, (await RowsAsync()).Count(row => row[0] == 2));
        await AssertReadAsync(token);

        // Who owns a token goes on meanwhile; then another process does the rest.
        OwnedToken owner = await OwnedToken.LoadAsync(store, "btc");
        await owner.TakeAsync([bars[^8] with { Rate = 7.5m }]);
        await owner.TakeAsync([bars[^8]]);
        ISegmentStore next = await OpenAsync();
        told.Clear();
        await next.RenewAsync(new Told(told.Add), Cancellation);
        Assert.Equal(1, told[^1].Done);
        Assert.Equal(written, await RowsAsync());
        await AssertReadAsync(token);

        // Once.
        told.Clear();
        await (await OpenAsync()).RenewAsync(new Told(told.Add), Cancellation);
        Assert.Empty(told);

        async Task AssertReadAsync(OwnedToken expected)
        {
            StoredToken stored = (await store.LoadAsync(expected.Id, Cancellation))!;
            Assert.Equal(expected.History.Months, stored.Months);
            foreach (MonthSummary month in stored.Months)
            {
                Assert.Equal(month.Summary, (await store.ReadMonthAsync(stored.Key, month.Month, Cancellation)).Summary());
            }
        }
    }

    [Fact]
    public async Task A_new_store_has_nothing_to_make_anew()
    {
        List<StoreRenewal> told = [];
        await (await OpenAsync()).RenewAsync(new Told(told.Add), Cancellation);
        Assert.Equal([new(0, 1)], told);
    }

    /// <summary>Puts months and open days back into the form of the release before.</summary>
    private async Task DowngradeAsync(ISegmentStore store, params OwnedToken[] tokens)
    {
        List<(long Key, byte[] Summary, byte[] Bars)> months = [];
        for (int number = 1; number <= tokens.Length; number++)
        {
            foreach (MonthSummary month in tokens[number - 1].History.Months)
            {
                Segment segment = await store.ReadMonthAsync(tokens[number - 1].Key, month.Month, Cancellation);
                months.Add((((long)number << 14) | (uint)month.Month, FirstVersion.Of(month), FirstVersion.Of(segment)));
            }
        }

        await _database.Shared().WriteAsync(
            connection =>
            {
                foreach ((long key, byte[] summary, byte[] bars) in months)
                {
                    Assert.Equal(1, Run(connection, "UPDATE month SET summary = $summary, bars = $bars WHERE key = $key", ("$key", key), ("$summary", summary), ("$bars", bars)));
                }

                foreach (OwnedToken token in tokens)
                {
                    Run(connection, "UPDATE token SET tail = $tail WHERE id = $id", ("$id", token.Id), ("$tail", FirstVersion.Of(token.History.Tail!)));
                }

                Run(connection, "DROP TABLE renewal; CREATE TABLE renewal (form INTEGER PRIMARY KEY, month INTEGER NOT NULL); ALTER TABLE token DROP COLUMN sum; ALTER TABLE token DROP COLUMN registration_sum");
            },
            0);
        await OpenAsync(); // gives the rows their checksums
    }

    private static int Run(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // only constants of this class
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteNonQuery();
    }

    /// <summary>The months' rows, each its summary and its bars.</summary>
    private Task<List<byte[]>> RowsAsync()
    {
        List<byte[]> rows = [];
        using SqliteConnection connection = _database.Shared().OpenReader();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT summary, bars FROM month ORDER BY key";
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            rows.Add([.. row.GetFieldValue<byte[]>(0), .. row.GetFieldValue<byte[]>(1)]);
        }

        return Task.FromResult(rows);
    }

    private sealed class Told(Action<StoreRenewal> tell) : IProgress<StoreRenewal>
    {
        public void Report(StoreRenewal value) => tell(value);
    }
}

/// <summary>Portfolios in SQLite.</summary>
public sealed class SqlitePortfolioStoreTests : PortfolioStoreContract, IAsyncDisposable
{
    private readonly OneDatabase _database = new();

    protected override Task<IPortfolioStore> OpenAsync() => Task.FromResult<IPortfolioStore>(new SqlitePortfolioStore(_database.Shared()));

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}

/// <summary>A database in a folder of its own. One process has it: all that the test opens share it.</summary>
internal sealed class OneDatabase : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-store-");
    private SqliteDatabase? _database;

    public SqliteDatabase Shared() => _database ??= SqliteDatabase.Open(_folder.FullName);

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }
}

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>What takes long tells how far it is, and ends when it is asked to.</summary>
public sealed class ProgressTests
{
    [Fact]
    public void Lines_come_from_two_seconds_on_and_at_most_one_every_two()
    {
        FakeTimeProvider time = new();
        List<string> written = [];
        ProgressLines lines = new(time, written.Add);
        for (int i = 0; i <= 50; i++)
        {
            lines.Tell($"step {i}");
            time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(["… 2 s: step 20", "… 4 s: step 40"], written);
    }

    [Fact]
    public void The_check_of_pages_tells_how_far_it_is_up_to_the_whole()
    {
        using SqliteConnection connection = Large();
        List<double> told = [];

        Assert.Empty(PageCheck.Run(connection, "integrity_check(20)", told.Add, TestContext.Current.CancellationToken));

        Assert.True(told.Count > 10, $"told {told.Count} times");
        Assert.Equal(told.Order(), told);
        Assert.InRange(told[^2], 0.3, 0.99);
        Assert.Equal(1, told[^1]);
    }

    [Fact]
    public void The_check_of_pages_ends_when_asked_to()
    {
        using SqliteConnection connection = Large();
        using CancellationTokenSource end = new();

        Assert.ThrowsAny<OperationCanceledException>(() => PageCheck.Run(connection, "quick_check(1)", _ => end.Cancel(), end.Token));

        Assert.Empty(PageCheck.Run(connection, "quick_check(1)", null, TestContext.Current.CancellationToken)); // and the connection is as before
    }

    [Fact]
    public async Task A_repair_tells_what_it_is_at_and_what_it_mended_stays_when_it_is_ended()
    {
        using DamagedStore store = await DamagedStore.NewAsync();
        store.Run("UPDATE month SET summary = zeroblob(149)");
        using CancellationTokenSource end = new();
        List<string> told = [];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => StoreRepair.RunAsync(
            store.Folder,
            null,
            deletes: false,
            at =>
            {
                told.Add(at);
                if (at.Contains("damaged month 3 of 6", StringComparison.Ordinal))
                {
                    end.Cancel();
                }
            },
            end.Token));

        Assert.Contains("token: reading", told);
        Assert.Contains(told, at => at.StartsWith("month 2025-01 of btc: damaged month", StringComparison.Ordinal));
        int left = StoreCheck.Run(store.Folder, null, TestContext.Current.CancellationToken).Damages.Count;
        Assert.InRange(left, 3, 4);
        Assert.Equal(left, (await StoreRepair.RunAsync(store.Folder, null, deletes: false, null, TestContext.Current.CancellationToken)).Count);
    }

    private static SqliteConnection Large()
    {
        SqliteConnection connection = new("Data Source=:memory:");
        connection.Open();
        SqliteDatabase.Run(connection, "CREATE TABLE filling (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO filling SELECT i, randomblob(900) FROM n");
        return connection;
    }
}

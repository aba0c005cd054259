using Microsoft.Data.Sqlite;
using Pnl.Rates;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Unit.Stores;

namespace Pnl.Tests.Acceptance.Durability;

/// <summary><c>pnl repair</c> as a process that is killed.</summary>
public sealed class RepairTests
{
    private const int Months = 240, FirstMonth = 400;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Killed at several points, each repair goes on where the one before was; what it has mended is whole.</summary>
    [Fact]
    public async Task A_repair_that_is_killed_loses_nothing_and_the_next_one_ends_it()
    {
        using DataFolder folder = new();
        Bar[] bars = [.. Enumerable.Range(0, Months).SelectMany(month => Enumerable.Range(0, 20).Select(i => new Bar(BarTime.FirstSlotOfMonth(FirstMonth + month) + (7 * i), 3m + (i / 16m) + month)))];
        await using (SqliteSegmentStore store = SqliteSegmentStore.Open(folder.Path))
        {
            OwnedToken token = await OwnedToken.NewAsync(store, "mended");
            await token.TakeAsync(bars);
        }

        long[] whole = await MonthsAsync(folder);
        using (SqliteConnection damaging = Connect(folder, SqliteOpenMode.ReadWrite))
        {
            SqliteDatabase.Run(damaging, "UPDATE month SET summary = zeroblob(149)");
        }

        int kills = 0;
        foreach (long left in (long[])[Months - 5, 190, 140, 90, 40])
        {
            using ProgramRun repair = ProgramRun.Start(Built.Tool, ["repair", folder.Path]);
            while (!repair.HasExited && Damaged(folder) > left)
            {
                await Task.Delay(1, Cancellation); // what it has mended can only be asked for
            }

            if (!repair.HasExited)
            {
                repair.Kill();
                long damaged = Damaged(folder);
                kills += damaged > 0 ? 1 : 0;
                Assert.Equal(damaged, StoreCheck.Run(folder.Path, null, Cancellation).Damages.Count(damage => damage is { Kind: "month", Name: "mended" }));
            }
        }

        (int code, string output) = await ProgramRun.ToEndAsync(Built.Tool, Limit, "repair", folder.Path);

        Assert.True(code == 0 && output.Contains("all is well now", StringComparison.Ordinal), output);
        Assert.True(kills >= 3, $"only {kills} times it was killed before its end");
        Assert.Empty(StoreCheck.Run(folder.Path, null, Cancellation).Damages);
        Assert.Equal(whole, await MonthsAsync(folder));
        TestContext.Current.TestOutputHelper!.WriteLine($"killed {kills} times");
    }

    /// <summary>The hashes of all months with their summaries.</summary>
    private static async Task<long[]> MonthsAsync(DataFolder folder)
    {
        await using SqliteSegmentStore store = SqliteSegmentStore.Open(folder.Path);
        StoredToken token = (await store.LoadAsync("mended", Cancellation))!;
        List<long> all = [];
        foreach (MonthSummary month in token.Months)
        {
            all.Add(HashCode.Combine(month, Convert.ToHexString((await store.ReadMonthAsync(token.Key, month.Month, Cancellation)).Bytes.Span)));
        }

        return [.. all];
    }

    private static long Damaged(DataFolder folder)
    {
        using SqliteConnection connection = Connect(folder, SqliteOpenMode.ReadOnly);
        return (long)SqliteDatabase.Scalar(connection, "SELECT count(*) FROM month WHERE summary = zeroblob(149)")!;
    }

    private static SqliteConnection Connect(DataFolder folder, SqliteOpenMode mode)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder.Path, "bars.db"), Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}

using Microsoft.Data.Sqlite;
using Pnl.Grains;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Cluster.Golden;

/// <summary>
/// What a later release has written in a way of its own is refused by name, nothing is written over it, and all else is
/// answered: a rollback loses nothing.
/// </summary>
public sealed class LaterReleaseTests
{
    private const string Member = "$.tomorrow";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_of_a_later_release_is_left_as_it_is()
    {
        string told = await RefusedAsync(
            $"UPDATE token SET registration = json_set(registration, '{Member}', 1) WHERE id = 'btc'",
            "SELECT registration || revision || hex(tail) FROM token WHERE id = 'btc'",
            cluster => cluster.Client.GetPnlAsync("btc", Cancellation),
            cluster => cluster.Client.RegisterTokenAsync("btc", new() { Name = "another" }, Cancellation),
            cluster => cluster.IngestAsync("btc", Tokens.RegularBars.UpToNow(1)));
        Assert.Contains("the registration of btc was written by a later release", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_days_of_a_later_release_are_left_as_they_are()
    {
        string told = await RefusedAsync(
            "UPDATE token SET tail = $tail WHERE id = 'eur'", "SELECT revision || hex(tail) FROM token WHERE id = 'eur'",
            cluster => cluster.Client.GetPnlAsync("eur", Cancellation), cluster => cluster.IngestAsync("eur", Tokens.RegularBars.UpToNow(1)));
        Assert.Contains("open days of eur: version 3 is a later release's", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ledger_of_a_later_release_is_left_as_it_is()
    {
        string told = await RefusedAsync(
            $"UPDATE ledger_entry SET entry = json_set(entry, '{Member}', 1) WHERE id = 'e003' AND portfolio = 1",
            "SELECT group_concat(entry) || max(revision) FROM ledger_entry JOIN portfolio ON number = portfolio WHERE portfolio.id = 'mine'",
            cluster => cluster.Client.GetPortfolioPnlAsync("mine", new(null), Cancellation),
            cluster => cluster.Client.DeleteEntryAsync("mine", "e000", Cancellation));
        Assert.Contains("an entry of the portfolio mine was written by a later release", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("api-keys/0/apiKeys", "ApiKeyList")]
    [InlineData("backfills/0/backfills", "BackfillList")]
    [InlineData("backfill/b1/backfill", "BackfillState")]
    [InlineData("reconciliation/simulated/reconciliation", "ReconciliationState")]
    public async Task State_of_a_grain_of_a_later_release_is_left_as_it_is(string key, string type)
    {
        string told = await RefusedAsync(
            $"UPDATE grain_state SET state = json_set(state, '{Member}', 1) WHERE key = '{key}'", $"SELECT state || etag FROM grain_state WHERE key = '{key}'",
            key.Split('/')[0] switch
            {
                "api-keys" => cluster => cluster.Orleans.Client.GetGrain<IApiKeysGrain>(0).Revoke("key2"),
                "backfills" => cluster => cluster.Client.StartBackfillAsync(new() { Source = "simulated", From = PnlCluster.Noon.AddHours(-1) }, Cancellation),
                "backfill" => cluster => cluster.Orleans.Client.GetGrain<IBackfillCoordinatorGrain>("b1").Resume(),
                _ => cluster => cluster.Orleans.Client.GetGrain<IReconciliationGrain>("simulated").Check(),
            });
        Assert.Contains(type, told, StringComparison.Ordinal);
        Assert.Contains("was written by a later release", told, StringComparison.Ordinal);
    }

    /// <summary>Changes what is kept, has calls refused, and asserts that nothing was written over it and all else is read; what the refusals told.</summary>
    private static async Task<string> RefusedAsync(string change, string kept, params Func<PnlCluster, Task>[] calls)
    {
        using TemporaryFolder folder = new();
        File.Copy(GoldenFiles.Path("1", "bars.db"), folder.File("bars.db"));
        string before;
        using (SqliteConnection database = new($"Data Source={folder.File("bars.db")};Pooling=false"))
        {
            database.Open();
            Assert.Equal(1, Run(database, change, command => command.Parameters.AddWithValue("$tail", OfVersion3(database)), command => command.ExecuteNonQuery()));
            before = Run(database, kept, _ => { }, command => (string)command.ExecuteScalar()!);
        }

        string told = "";
        await using (PnlCluster cluster = await KeptCluster.StartAsync(folder.Path))
        {
            foreach (Func<PnlCluster, Task> call in calls)
            {
                told += await Assert.ThrowsAnyAsync<Exception>(() => call(cluster));
            }

            Assert.NotNull((await cluster.Client.GetPnlAsync("tiny", Cancellation)).Rate);
            Assert.Contains(await cluster.Client.ListTokensAsync(cancellation: Cancellation), token => token.Id == "tiny");
        }

        using SqliteConnection after = new($"Data Source={folder.File("bars.db")};Pooling=false");
        after.Open();
        Assert.Equal(before, Run(after, kept, _ => { }, command => (string)command.ExecuteScalar()!));
        return told;
    }

    private static T Run<T>(SqliteConnection database, string sql, Action<SqliteCommand> prepare, Func<SqliteCommand, T> run)
    {
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = sql;
        prepare(command);
        return run(command);
    }

    /// <summary>The open days with the version byte of a release to come, and a checksum that holds.</summary>
    private static byte[] OfVersion3(SqliteConnection database)
    {
        byte[] bytes = Run(database, "SELECT tail FROM token WHERE id = 'eur'", _ => { }, command => (byte[])command.ExecuteScalar()!);
        bytes[0] = 3;
        System.IO.Hashing.Crc32.Hash(bytes.AsSpan(0, bytes.Length - 4), bytes.AsSpan(bytes.Length - 4));
        return bytes;
    }
}

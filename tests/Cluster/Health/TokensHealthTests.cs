using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Pnl.Gateway;
using Pnl.Grains;
using Pnl.Tests.Cluster.Tokens;

namespace Pnl.Tests.Cluster.Health;

/// <summary>Ready is who can answer for a token, or has none.</summary>
public sealed class TokensHealthTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_no_token_can_be_read_it_is_not_ready_and_without_tokens_it_is_at_once()
    {
        using TemporaryFolder folder = new();
        string[] tokens = ["aaa", "bbb", "ccc"];
        await using (PnlCluster filled = new() { Folder = folder.Path })
        {
            await filled.InitializeAsync();
            foreach (string token in tokens)
            {
                await filled.Client.RegisterTokenAsync(token, new(), Cancellation);
                await filled.IngestAsync(token, RegularBars.UpToNow(500));
            }
        }

        string database = Path.Combine(folder.Path, "bars.db");
        await RunAsync(database, "CREATE TABLE well AS SELECT * FROM token; UPDATE token SET coverage = x'ffffffff', tail = x'ffffffff'");
        await using PnlCluster cluster = new() { Folder = folder.Path };
        await cluster.InitializeAsync();
        TokensHealth health = new(cluster.Client, cluster.Orleans.Client, TimeProvider.System);
        await AssertAsync(HealthStatus.Unhealthy, "none of 3 tokens can be read");

        // They are made good, and deleted: the count of a moment ago, by a clock that stands still, is not the answer.
        await RunAsync(database, "UPDATE token SET (coverage, tail) = (SELECT coverage, tail FROM well WHERE well.number = token.number); DROP TABLE well");
        await AssertAsync(HealthStatus.Healthy, "answers");
        foreach (string token in tokens)
        {
            await cluster.Client.DeleteTokenAsync(token, cancellation: Cancellation);
        }

        await AssertAsync(HealthStatus.Healthy, "answers; there is no token yet");

        async Task AssertAsync(HealthStatus status, string detail)
        {
            HealthCheckResult result = await health.CheckHealthAsync(new(), Cancellation);
            Assert.Equal((status, detail), (result.Status, result.Description));
        }
    }

    private static async Task RunAsync(string database, string sql)
    {
        await using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        await connection.OpenAsync(Cancellation);
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}

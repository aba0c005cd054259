using Microsoft.Data.Sqlite;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>Writes are committed many at once; one that cannot be carried out takes no other with it.</summary>
public sealed class RefusedWriteTests : IAsyncDisposable
{
    private const int Writes = 200;

    private readonly string _folder = Directory.CreateTempSubdirectory("pnl-refused-").FullName;

    [Fact]
    public async Task Those_beside_writes_that_throw_or_break_a_constraint_are_stored()
    {
        await using (SqliteDatabase database = SqliteDatabase.Open(_folder))
        {
            await database.WriteAsync(connection => Run(connection, "CREATE TABLE number (n INTEGER PRIMARY KEY)"), 0);
            using ManualResetEventSlim queued = new();
            Task first = database.WriteAsync(_ => queued.Wait(TestContext.Current.CancellationToken), 0); // the others wait for it and go together
            Task[] writes = [.. Enumerable.Range(0, Writes).Select(i => database.WriteAsync(connection =>
            {
                Run(connection, $"INSERT INTO number VALUES ({i})");
                if (i % 50 == 7)
                {
                    throw new InvalidOperationException("it is a seven");
                }

                if (i % 50 == 8)
                {
                    Run(connection, "INSERT INTO number VALUES (0)"); // stands there already
                }
            }, 0))];
            queued.Set();
            await first;
            for (int i = 0; i < Writes; i++)
            {
                if (i % 50 is 7 or 8)
                {
                    Exception? reason = (await Assert.ThrowsAsync<IOException>(() => writes[i])).InnerException;
                    Assert.True(i % 50 == 7 ? reason is InvalidOperationException : reason is SqliteException, $"{i}: {reason}");
                }
                else
                {
                    await writes[i];
                }
            }

            await database.ProbeAsync();
        }

        await using SqliteDatabase again = SqliteDatabase.Open(_folder);
        List<long> stored = [];
        await again.WriteAsync(connection =>
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "SELECT n FROM number ORDER BY n";
            using SqliteDataReader rows = command.ExecuteReader();
            while (rows.Read())
            {
                stored.Add(rows.GetInt64(0));
            }
        }, 0);
        Assert.Equal(Enumerable.Range(0, Writes).Where(i => i % 50 is not (7 or 8)).Select(i => (long)i), stored);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

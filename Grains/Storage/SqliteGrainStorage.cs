using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Orleans.Runtime;
using Orleans.Storage;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Keeps the state of grains of one machine as JSON in the database beside the bars, through the same writer: states of
/// many grains that are written together are one commit.
/// </summary>
internal sealed class SqliteGrainStorage : IGrainStorage, IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteConnection _reader;
    private readonly string[] _damagedNames;
    private readonly Lock _reading = new();

    public SqliteGrainStorage(SqliteDatabase database)
    {
        _database = database;
        database.Prepare("CREATE TABLE IF NOT EXISTS grain_state (key TEXT PRIMARY KEY, etag INTEGER NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;", SummedTable.State.Upgrade);
        _reader = database.OpenReader();
        _damagedNames = SummedTable.State.DamagedNames(_reader, "key");
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_reading)
        {
            using SqliteCommand command = _reader.CreateCommand();
            command.CommandText = "SELECT etag, state, sum, CAST(state AS BLOB) FROM grain_state WHERE key = $key";
            command.Parameters.AddWithValue("$key", Key(stateName, grainId));
            using SqliteDataReader row = command.ExecuteReader();
            if (row.Read())
            {
                bool holds = SummedTable.State.Of(Key(stateName, grainId), row.GetValue(0), row.GetValue(1)).Equals(row.GetValue(2));
                grainState.ETag = row.GetInt64(0).ToString(CultureInfo.InvariantCulture);
                grainState.State = holds ? StoredJson.Read<T>(row.GetString(1), $"the state of {grainId}") : InParts<T>(row.GetFieldValue<byte[]>(3), grainId);
                grainState.RecordExists = true;
            }
            else if (SummedTable.Near(_damagedNames, Key(stateName, grainId)) is { } damaged)
            {
                throw new StoreDamagedException($"the state of a grain that stands in the store as '{damaged}' is damaged, and may be that of {grainId}");
            }
            else
            {
                grainState.ETag = null;
                grainState.State = Activator.CreateInstance<T>();
                grainState.RecordExists = false;
            }
        }

        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        string state = JsonSerializer.Serialize(grainState.State, StoredJson.Options);
        long seen = Seen(grainState);
        bool written = false;
        await _database.WriteAsync(
            connection => written = Execute(
                connection,
                seen == 0
                    ? "INSERT INTO grain_state (key, etag, state, sum) VALUES ($key, 1, $state, $sum) ON CONFLICT (key) DO NOTHING"
                    : "UPDATE grain_state SET etag = etag + 1, state = $state, sum = $sum WHERE key = $key AND etag = $seen",
                Key(stateName, grainId), seen, state),
            state.Length);
        Check(written, grainId, seen);
        grainState.ETag = (seen + 1).ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        long seen = Seen(grainState);
        bool cleared = seen == 0;
        if (!cleared)
        {
            await _database.WriteAsync(
                connection => cleared = Execute(connection, "DELETE FROM grain_state WHERE key = $key AND etag = $seen", Key(stateName, grainId), seen, ""), 64);
        }

        Check(cleared, grainId, seen);
        grainState.ETag = null;
        grainState.State = Activator.CreateInstance<T>();
        grainState.RecordExists = false;
    }

    public void Dispose() => _reader.Dispose();

    private static T InParts<T>(byte[] damaged, GrainId grainId)
    {
        T state = Activator.CreateInstance<T>();
        (state as IKeptInParts ?? throw new StoreDamagedException($"the state of {grainId} is damaged: its checksum does not hold")).TakeDamaged(Encoding.UTF8.GetString(damaged));
        return state;
    }

    private static bool Execute(SqliteConnection connection, string sql, string key, long seen, string state)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$key", key);
        command.Parameters.AddWithValue("$seen", seen);
        command.Parameters.AddWithValue("$state", state);
        command.Parameters.AddWithValue("$sum", SummedTable.State.Of(key, seen + 1, state));
        return command.ExecuteNonQuery() == 1;
    }

    private static void Check(bool written, GrainId grainId, long seen)
    {
        if (!written)
        {
            throw new InconsistentStateException($"the state of {grainId} is no longer of version {seen}: another activation wrote it");
        }
    }

    private static long Seen<T>(IGrainState<T> state) => state.ETag is { } etag ? long.Parse(etag, CultureInfo.InvariantCulture) : 0;

    private static string Key(string stateName, GrainId grainId) => $"{grainId}/{stateName}";
}

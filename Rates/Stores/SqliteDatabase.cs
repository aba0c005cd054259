using System.Globalization;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Pnl.Rates;

/// <summary>
/// One SQLite file of a folder, for all that one machine keeps. All writes go through one thread, which commits whatever
/// has gathered in one transaction: a tick of 10,000 tokens costs one fsync, not 10,000. The log is flushed at every
/// commit (synchronous=FULL), so a completed write survives kill -9 and a power cut.
/// </summary>
public sealed class SqliteDatabase : IAsyncDisposable
{
    private const int SchemaVersion = 3; // every row has a checksum (docs/decisions/0031); 2 before, 1 before docs/decisions/0026
    private const int MostWritesACommit = 4096;
    private const long MostBytesACommit = 32 << 20;

    private readonly string _connectionString, _path;
    private readonly FileStream _lock;
    private readonly SqliteConnection _writing;
    private readonly Channel<Pending> _queue = Channel.CreateUnbounded<Pending>(new() { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _writer;

    private SqliteDatabase(string connectionString, FileStream folderLock, SqliteConnection writing)
    {
        (_connectionString, _lock, _writing, _path) = (connectionString, folderLock, writing, writing.DataSource);
        _writer = new Thread(WriteLoop) { IsBackground = true, Name = "database writer" };
        _writer.Start();
    }

    /// <summary>Opens the database of a folder, and makes it if it is not there.</summary>
    /// <exception cref="IOException">Another process has the folder open, or it cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file is of a later version, or no database.</exception>
    public static SqliteDatabase Open(string folder)
    {
        Directory.CreateDirectory(folder);
        FileStream folderLock;
        try
        {
            folderLock = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"the data folder {folder} is in use by another process (its file 'lock' is held); stop that, or choose another with Pnl:DataDirectory", e);
        }

        string connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(folder, "bars.db"),
            Pooling = false,
        }.ToString();
        SqliteConnection connection = new(connectionString);
        try
        {
            connection.Open();
            Run(connection, "PRAGMA page_size=1024; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=32768; PRAGMA busy_timeout=10000; PRAGMA cache_size=-16000; PRAGMA journal_size_limit=134217728;");
            CheckVersion(connection, folder);
            return new(connectionString, folderLock, connection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            folderLock.Dispose();
            throw new InvalidDataException($"the data folder {folder} holds a bars.db that cannot be opened: {e.Message}", e);
        }
        catch
        {
            connection.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Makes tables that are not there; before the first write.</summary>
    public void Prepare(string sql) => Prepare(sql, []);

    /// <summary>The same, and brings tables of earlier releases to the form of this one, all or nothing.</summary>
    internal void Prepare(string sql, params Action<SqliteConnection>[] upgrades)
    {
        using SqliteConnection connection = new(_connectionString);
        connection.Open();
        Run(connection, $"PRAGMA busy_timeout=10000; BEGIN IMMEDIATE; {sql}");
        foreach (Action<SqliteConnection> upgrade in upgrades)
        {
            upgrade(connection);
        }

        Run(connection, "COMMIT");
    }

    /// <summary>Whether an exception says that the file is damaged.</summary>
    internal static bool IsDamage(SqliteException e) => e.SqliteErrorCode is 11 or 26; // SQLITE_CORRUPT, SQLITE_NOTADB

    /// <summary>A connection for reading; the caller's to close.</summary>
    public SqliteConnection OpenReader()
    {
        SqliteConnection connection = new(_connectionString);
        connection.Open();
        Run(connection, "PRAGMA query_only=ON; PRAGMA busy_timeout=10000; PRAGMA cache_size=-2000;");
        return connection;
    }

    /// <summary>
    /// Writes; completes when it is durable. The action runs on the writer's thread, within a transaction that it shares
    /// with others: it must be short, and what it throws fails them all.
    /// </summary>
    /// <param name="write">Writes with the connection given.</param>
    /// <param name="bytes">About how much that is.</param>
    /// <exception cref="IOException">Nothing was stored.</exception>
    public Task WriteAsync(Action<SqliteConnection> write, long bytes)
    {
        Pending pending = new(write, bytes);
        return _queue.Writer.TryWrite(pending)
            ? pending.Durable.Task
            : Task.FromException(new ObjectDisposedException(nameof(SqliteDatabase), "the database is closed"));
    }

    /// <summary>Writes what changes nothing; completes when that is durable where the folder is.</summary>
    /// <exception cref="IOException">It cannot be written, or the file is no longer there.</exception>
    public Task ProbeAsync() => File.Exists(_path)
        ? WriteAsync(connection => Run(connection, $"PRAGMA user_version = {SchemaVersion.ToString(CultureInfo.InvariantCulture)}"), 1024)
        : Task.FromException(new IOException($"{_path} is no longer there"));

    /// <summary>Writes what has been handed in, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _ended.Task;
        await _lock.DisposeAsync();
    }

    internal static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static void CheckVersion(SqliteConnection connection, string folder)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        long version = (long)command.ExecuteScalar()!;
        if (version > SchemaVersion)
        {
            throw new InvalidDataException($"the data folder {folder} was written by a later release (schema {version}, this one knows {SchemaVersion})");
        }

        Run(connection, $"PRAGMA user_version = {SchemaVersion.ToString(CultureInfo.InvariantCulture)}");
    }

    private void WriteLoop()
    {
        List<Pending> batch = [];
        using (_writing)
        {
            while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                batch.Clear();
                for (long bytes = 0; batch.Count < MostWritesACommit && bytes < MostBytesACommit && _queue.Reader.TryRead(out Pending? pending);)
                {
                    batch.Add(pending);
                    bytes += pending.Bytes;
                }

                Commit(batch);
            }

            // Moves the log into the file, so that the next start has nothing to recover.
            Run(_writing, "PRAGMA wal_checkpoint(TRUNCATE)");
        }

        _ended.SetResult();
    }

    private void Commit(List<Pending> batch)
    {
        try
        {
            Run(_writing, "BEGIN IMMEDIATE");
            foreach (Pending pending in batch)
            {
                pending.Write(_writing);
            }

            Run(_writing, "COMMIT");
        }
        catch (Exception e)
        {
            // Nothing of the batch is stored; each of its writers learns so and lets go of its state.
            try
            {
                Run(_writing, "ROLLBACK");
            }
            catch (SqliteException)
            {
                // The failure has rolled back by itself.
            }

            foreach (Pending pending in batch)
            {
                pending.Durable.TrySetException(new IOException("the change could not be stored: " + e.Message, e));
            }

            return;
        }

        foreach (Pending pending in batch)
        {
            pending.Durable.TrySetResult();
        }
    }

    private sealed record Pending(Action<SqliteConnection> Write, long Bytes)
    {
        public TaskCompletionSource Durable { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

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
    private const int SchemaVersion = 2; // of segments and of summaries of months; 1 before docs/decisions/0026
    private const int MostWritesACommit = 4096;
    private const long MostBytesACommit = 32 << 20;
    private const long LeastRoom = 16 << 20; // below it the disk is as good as full
    private const string DiskFull = "the disk is full; it goes on when there is room";

    private readonly string _connectionString, _folder;
    private readonly DatabaseFile _file, _log;
    private readonly FileStream _lock;
    private readonly SqliteConnection _writing;
    private readonly Channel<Pending> _queue = Channel.CreateUnbounded<Pending>(new() { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _writer;
    private volatile string? _failed; // why the last commit failed

    private SqliteDatabase(string connectionString, FileStream folderLock, SqliteConnection writing)
    {
        (_connectionString, _lock, _writing) = (connectionString, folderLock, writing);
        string path = Path.GetFullPath(writing.DataSource);
        (_folder, _file, _log) = (Path.GetDirectoryName(path)!, new(path, mayShrink: false), new(path + "-wal", mayShrink: true));
        _writer = new Thread(WriteLoop) { IsBackground = true, Name = "database writer" };
        _writer.Start();
    }

    /// <summary>Opens the database of a folder, and makes it if it is not there.</summary>
    /// <exception cref="IOException">Another process has the folder open, or it cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file is of a later version, or no database.</exception>
    public static SqliteDatabase Open(string folder)
    {
        FileStream folderLock;
        try
        {
            Directory.CreateDirectory(folder);
            folderLock = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new IOException($"the data folder {folder} is in use by another process (its file 'lock' is held); stop that, or choose another with Pnl:DataDirectory", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the data folder {folder} cannot be written: {e.Message}; make room or allow it, or choose another with Pnl:DataDirectory", e);
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
            return new(new SqliteConnectionStringBuilder(connectionString) { Mode = SqliteOpenMode.ReadWrite }.ToString(), folderLock, connection);
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
    public void Prepare(string sql)
    {
        using SqliteConnection connection = new(_connectionString);
        connection.Open();
        Run(connection, $"PRAGMA busy_timeout=10000; BEGIN IMMEDIATE; {sql} COMMIT;");
    }

    /// <summary>Why nothing can be stored now, in words that name no path; null if it can, as far as is known.</summary>
    public string? Fault => Lost() ?? NoRoom() ?? _failed;

    /// <summary>A connection for reading; the caller's to close.</summary>
    /// <exception cref="IOException">The file is no longer there, or another is in its place.</exception>
    public SqliteConnection OpenReader()
    {
        SqliteConnection connection = new(_connectionString); // which makes no file where none is
        try
        {
            connection.Open();
            Run(connection, "PRAGMA query_only=ON; PRAGMA busy_timeout=10000; PRAGMA cache_size=-2000;");
            return Lost() is { } lost ? throw new IOException(lost) : connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new IOException("the database cannot be read: " + Words(e), e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
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
    public Task ProbeAsync() => (Lost() ?? NoRoom()) is { } fault
        ? Task.FromException(new IOException(fault))
        : WriteAsync(connection => Run(connection, $"PRAGMA user_version = {SchemaVersion.ToString(CultureInfo.InvariantCulture)}"), 1024);

    /// <summary>Writes what has been handed in, and closes.</summary>
    /// <exception cref="IOException">The files are not what they were, or the log could not be moved into the database.</exception>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        try
        {
            await _ended.Task;
        }
        finally
        {
            await _lock.DisposeAsync();
        }
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

    private static bool IsHeld(IOException e)
    {
        const int sharingViolation = unchecked((int)0x80070020), wouldBlock = 11, wouldBlockOnMac = 35;
        return e.HResult is sharingViolation or wouldBlock or wouldBlockOnMac;
    }

    /// <summary>What became of the files; null if they are what was opened.</summary>
    private string? Lost() => (_file.Fate(), _log.Fate()) switch
    {
        (FileFate.Removed, _) => "the data folder is gone, or the database was removed from it; put it back, or restart to begin with what is there",
        (FileFate.Replaced, _) => "another database is in the place of the one that was opened; put that back, or restart to serve the other",
        (FileFate.CutShort, _) => "the database was cut short; restore it from a backup",
        (_, FileFate.Removed or FileFate.Replaced) => "the log beside the database was removed; restart, which moves what it holds into the database",
        (_, FileFate.CutShort) => "the log beside the database was cut short; restart, and send again what was acknowledged last",
        _ => null,
    };

    private string? NoRoom()
    {
        try
        {
            return new DriveInfo(_folder).AvailableFreeSpace < LeastRoom ? DiskFull : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // the system does not tell; a write will
        }
    }

    private static string Words(SqliteException e) => e.SqliteErrorCode switch
    {
        13 => DiskFull,
        8 => "it is read-only",
        10 => "the disk fails",
        11 or 26 => "the database is damaged",
        14 => "it cannot be opened",
        _ => e.Message,
    };

    private void WriteLoop()
    {
        try
        {
            Write();
            _ended.SetResult();
        }
        catch (Exception e)
        {
            _ended.SetException(e is IOException ? e : new IOException("the database could not be closed: " + e.Message, e));
        }
    }

    private void Write()
    {
        List<Pending> batch = [];
        string? lost;
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
            lost = Lost();
            try
            {
                Run(_writing, "PRAGMA wal_checkpoint(TRUNCATE)");
            }
            catch (SqliteException e)
            {
                lost ??= $"the log could not be moved into the database ({Words(e)}); nothing that was acknowledged is lost, and the next start does it";
            }
        }

        if (lost is not null)
        {
            throw new IOException(lost);
        }
    }

    private void Commit(List<Pending> batch)
    {
        if (Lost() is { } lost)
        {
            Fail(batch, lost, null);
            return;
        }

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

            Fail(batch, e is SqliteException refused ? Words(refused) : e.Message, e);
            return;
        }

        // What went into a file that nobody will find again is not stored.
        if (Lost() is { } gone)
        {
            Fail(batch, gone, null);
            return;
        }

        _failed = null;
        foreach (Pending pending in batch)
        {
            pending.Durable.TrySetResult();
        }
    }

    private void Fail(List<Pending> batch, string reason, Exception? e)
    {
        _failed = e is SqliteException ? reason : null; // the rest is looked up, or is no fault of the disk
        foreach (Pending pending in batch)
        {
            pending.Durable.TrySetException(new IOException("the change could not be stored: " + reason, e));
        }
    }

    private sealed record Pending(Action<SqliteConnection> Write, long Bytes)
    {
        public TaskCompletionSource Durable { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

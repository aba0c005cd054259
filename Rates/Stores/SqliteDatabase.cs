using System.Globalization;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Pnl.Rates;

/// <summary>
/// One SQLite file of a folder, for all that one machine keeps. All writes go through one thread, which commits whatever
/// has gathered in one transaction: a tick of 10,000 tokens costs one fsync, not 10,000. The log is flushed at every
/// commit (synchronous=FULL), so a completed write survives kill -9 and a power cut.
/// </summary>
public sealed class SqliteDatabase : IAsyncDisposable
{
    internal const string FileName = "bars.db";
    internal const int SchemaVersion = 3; // every row has a checksum (docs/decisions/0031); 2 before, 1 before docs/decisions/0026
    private const int DefaultPagesALog = 32768; // then they are moved into the file
    private const int MostWritesACommit = 4096;
    private const long MostBytesACommit = 32 << 20;
    private const long LeastRoom = 16 << 20; // below it the disk is as good as full
    private const string DiskFull = "the disk is full; it goes on when there is room";

    private readonly string _connectionString, _folder, _path;
    private readonly DatabaseFile _file, _log;
    private readonly FileStream _lock;
    private readonly SqliteConnection _writing;
    private readonly Channel<Pending> _queue = Channel.CreateUnbounded<Pending>(new() { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _writer;
    private volatile string? _failed; // why the last commit failed
    private readonly int _pagesALog;
    private readonly List<uint> _generations; // of the log: docs/decisions/0030-backup.md
    private ulong? _salt;
    private bool _begins; // the log may be emptied by the next write, which then begins a generation
    private bool _begun; // and has, which is yet to be said beside the file

    private SqliteDatabase(string connectionString, FileStream folderLock, SqliteConnection writing, StoreIdentity identity, uint[] generations, int pagesALog)
    {
        (_connectionString, _lock, _writing, Identity, _generations, _pagesALog) = (connectionString, folderLock, writing, identity, [.. generations], pagesALog);
        _path = Path.GetFullPath(writing.DataSource);
        (_folder, _file, _log) = (Path.GetDirectoryName(_path)!, new(_path, mayShrink: false), new(_path + "-wal", mayShrink: true));
        _salt = LogContent.SaltOf(_path + "-wal");
        _writer = new Thread(WriteLoop) { IsBackground = true, Name = "database writer" };
        _writer.Start();
    }

    /// <summary>Which store it is, and which of its lives.</summary>
    public StoreIdentity Identity { get; }

    /// <summary>Why nothing can be stored now, in words that name no path; null if it can, as far as is known.</summary>
    public string? Fault => Lost() ?? NoRoom() ?? _failed;

    /// <summary>Where the file is.</summary>
    internal string FilePath => _path;

    /// <summary>Opens the database of a folder, and makes it if it is not there.</summary>
    /// <exception cref="IOException">Another process has the folder open, or it cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file is of a later version, no database, or not the one that was last open here.</exception>
    public static SqliteDatabase Open(string folder) => Open(folder, DefaultPagesALog);

    /// <summary>The same, with a log of so many pages.</summary>
    internal static SqliteDatabase Open(string folder, int pagesALog)
    {
        FileStream folderLock = Lock(folder);
        string path = Path.Combine(folder, FileName);
        SqliteConnection? connection = null;
        try
        {
            StoreRestore.Finish(folder);
            bool isUnknown = LogGenerations.Check(path);
            string connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();
            connection = new(connectionString);
            connection.Open();
            KeepLog(connection);
            CheckContent(connection, path, isUnknown, null, CancellationToken.None);
            Run(connection, "PRAGMA page_size=1024; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA busy_timeout=10000; PRAGMA cache_size=-16000; PRAGMA journal_size_limit=134217728;");
            (StoreIdentity identity, uint[] generations) = Begin(connection, path, isUnknown);
            return new(new SqliteConnectionStringBuilder(connectionString) { Mode = SqliteOpenMode.ReadWrite }.ToString(), folderLock, connection, identity, generations, pagesALog);
        }
        catch (SqliteException e)
        {
            connection?.Dispose();
            folderLock.Dispose();
            throw new InvalidDataException($"the data folder {folder} holds a {FileName} that cannot be opened: {e.Message}", e);
        }
        catch
        {
            connection?.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Takes a folder, until what is returned is closed.</summary>
    /// <exception cref="IOException">Another process has it, or it cannot be written.</exception>
    internal static FileStream Lock(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new IOException($"the data folder {folder} is in use by another process (its file 'lock' is held); stop that, or choose another with Pnl:DataDirectory", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the data folder {folder} cannot be written: {e.Message}; make room or allow it, or choose another with Pnl:DataDirectory", e);
        }
    }

    /// <summary>Makes tables that are not there; before the first write.</summary>
    public void Prepare(string sql) => Prepare(sql, []);

    /// <summary>The same, and brings tables of earlier releases to the form of this one, all or nothing.</summary>
    internal void Prepare(string sql, params Action<SqliteConnection>[] upgrades)
    {
        using SqliteConnection connection = new(_connectionString);
        connection.Open();
        KeepLog(connection);
        Run(connection, $"PRAGMA busy_timeout=10000; PRAGMA wal_autocheckpoint=0; BEGIN IMMEDIATE; {sql}");
        foreach (Action<SqliteConnection> upgrade in upgrades)
        {
            upgrade(connection);
        }

        Run(connection, "COMMIT");
    }

    /// <summary>Whether an exception says that the file is damaged.</summary>
    internal static bool IsDamage(SqliteException e) => e.SqliteErrorCode is 11 or 26; // SQLITE_CORRUPT, SQLITE_NOTADB

    /// <summary>A connection for reading; the caller's to close.</summary>
    /// <exception cref="IOException">The file is no longer there, or another is in its place.</exception>
    public SqliteConnection OpenReader()
    {
        SqliteConnection connection = new(_connectionString); // which makes no file where none is
        try
        {
            connection.Open();
            KeepLog(connection);
            Run(connection, "PRAGMA query_only=ON; PRAGMA busy_timeout=10000; PRAGMA cache_size=-2000;");
            _ = Scalar(connection, "SELECT count(*) FROM sqlite_schema"); // opens the log, too: from here on nothing is left to open
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

    internal static object? Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>Refuses what is no store of ours, or a later release's.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="path">Its file, for the message.</param>
    /// <param name="whole">Whether all of it is looked at.</param>
    /// <exception cref="InvalidDataException">It is.</exception>
    internal static void CheckContent(SqliteConnection connection, string path, bool whole, Action<double>? progress, CancellationToken cancellation)
    {
        long version = (long)Scalar(connection, "PRAGMA user_version")!;
        if (Scalar(connection, "SELECT group_concat(name, ', ') FROM (SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name LIMIT 5)") is string tables
            && (long)Scalar(connection, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('token', 'grain_state', 'store')")! == 0)
        {
            throw new InvalidDataException($"{path} is another program's database (its tables are {tables}); put in a backup with `pnl restore`, or choose another folder with Pnl:DataDirectory");
        }

        if (version > SchemaVersion)
        {
            throw new InvalidDataException($"{path} was written by a later release (schema {version}, this one knows {SchemaVersion})");
        }

        if (whole && PageCheck.Run(connection, "quick_check(1)", progress, cancellation) is [var wrong, ..])
        {
            throw new InvalidDataException($"{path} is damaged ({wrong}); put in a backup with `pnl restore`");
        }
    }

    /// <summary>
    /// Gives a store its identity, if it has none or takes on a new epoch. One that is damaged is replaced by another, under
    /// which nothing holds that was told before.
    /// </summary>
    /// <param name="connection">Within a transaction.</param>
    /// <param name="inNewEpoch">Whether it takes on a new epoch.</param>
    internal static StoreIdentity Identify(SqliteConnection connection, bool inNewEpoch)
    {
        Run(connection, "CREATE TABLE IF NOT EXISTS store (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, epoch TEXT NOT NULL)");
        SummedTable.Store.Upgrade(connection);
        StoreIdentity made = StoreIdentity.New();
        SummedTable.Row? row = SummedTable.Store.Rows(connection).FirstOrDefault();
        StoreIdentity? kept = row is not null && !row.Damaged.Any() ? new((string)row["id"]!, (string)row["epoch"]!) : null;
        if (kept is not null && !inNewEpoch)
        {
            return kept;
        }

        StoreIdentity identity = made with { Id = kept?.Id ?? made.Id, IsReplacement = row is not null && kept is null };
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "INSERT OR REPLACE INTO store (one, id, epoch, sum) VALUES (1, $id, $epoch, $sum)";
        command.Parameters.AddWithValue("$id", identity.Id);
        command.Parameters.AddWithValue("$epoch", identity.Epoch);
        command.Parameters.AddWithValue("$sum", SummedTable.Store.Of(1L, identity.Id, identity.Epoch));
        command.ExecuteNonQuery();
        return identity;
    }

    /// <summary>The application's number in the header, as it is with the log.</summary>
    internal static uint Generation(SqliteConnection connection) => unchecked((uint)(long)Scalar(connection, "PRAGMA application_id")!);

    /// <summary>Another number for the header, which is never 0, as it is before the first.</summary>
    internal static uint NewGeneration() => (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue);

    internal static void SetGeneration(SqliteConnection connection, uint generation) => Run(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {generation}"));

    /// <summary>Whoever closes last would move the log into the file and delete it; only the writer does that, who says so beside the file.</summary>
    private static void KeepLog(SqliteConnection connection) => raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);

    /// <summary>Moves the log into the file, and begins its first generation.</summary>
    private static (StoreIdentity Identity, uint[] Generations) Begin(SqliteConnection connection, string path, bool inNewEpoch)
    {
        if (!Empty(connection, path))
        {
            throw new IOException($"another program reads {path} and keeps its log from being moved into it; stop that");
        }

        uint[] generations = [Generation(connection), NewGeneration()];
        new LogGenerations(generations, NeedsLog: false).Write(path);
        Run(connection, "BEGIN IMMEDIATE");
        StoreIdentity identity = Identify(connection, inNewEpoch);
        Run(connection, $"PRAGMA user_version = {SchemaVersion.ToString(CultureInfo.InvariantCulture)}");
        SetGeneration(connection, generations[1]);
        Run(connection, "COMMIT");
        new LogGenerations(generations, NeedsLog: true).Write(path);
        return (identity, generations);
    }

    /// <summary>Moves the log into the file, and says beside it that it holds all, before the log is emptied.</summary>
    private static bool Empty(SqliteConnection connection, string path)
    {
        if (Checkpoint(connection, "FULL"))
        {
            new LogGenerations([Generation(connection)], NeedsLog: false).Write(path);
            Checkpoint(connection, "TRUNCATE"); // somebody may read it: then it is emptied by the next write
            return true;
        }

        return false;
    }

    /// <summary>Moves the log into the file; false if somebody read what stood before.</summary>
    private static bool Checkpoint(SqliteConnection connection, string mode)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"PRAGMA wal_checkpoint({mode})";
        using SqliteDataReader row = command.ExecuteReader();
        return row.Read() && row.GetInt64(1) == row.GetInt64(2);
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

    internal static string Words(SqliteException e) => e.SqliteErrorCode switch
    {
        13 => DiskFull,
        8 => "it is read-only",
        10 => "the disk fails",
        11 or 26 => "the database is damaged; see pnl check",
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
                MoveLog();
            }

            lost = Lost();
            if (_file.Fate() == FileFate.Same) // another's files are left alone
            {
                lost = End(lost);
            }
        }

        if (lost is not null)
        {
            throw new IOException(lost);
        }
    }

    /// <summary>Moves the log into the file now and then.</summary>
    private void MoveLog()
    {
        raw.sqlite3_db_status(_writing.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out int written, out _, 0);
        if (written < _pagesALog)
        {
            return;
        }

        try
        {
            if (Checkpoint(_writing, "PASSIVE"))
            {
                _begins = true; // the next write empties it, unless somebody reads it then
                raw.sqlite3_db_status(_writing.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out _, out _, 1);
            }
        }
        catch (SqliteException)
        {
            // The log goes on growing; what it cannot be moved for, the next commits will tell their writers.
        }
    }

    /// <summary>
    /// Moves the log into the file, so that the next start has nothing to recover; under a number that no copy of the file has that
    /// was made while it was written.
    /// </summary>
    /// <param name="lost">What became of the files.</param>
    /// <returns>The same, or why the log could not be moved.</returns>
    private string? End(string? lost)
    {
        try
        {
            _begins = true;
            Commit([]);
            Empty(_writing, _path);
            return lost;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            string reason = e is SqliteException refused ? Words(refused) : e.Message;
            return lost ?? $"the log could not be moved into the database ({reason}); nothing that was acknowledged is lost, and the next start does it";
        }
    }

    /// <summary>Within the first transaction of a generation: gives it a number, which is said beside the file before. Null if it is another transaction.</summary>
    private uint? BeginGeneration()
    {
        if (!_begins)
        {
            return null;
        }

        uint generation = NewGeneration();
        new LogGenerations([.. _generations, generation], NeedsLog: false).Write(_path);
        SetGeneration(_writing, generation);
        return generation;
    }

    /// <summary>After that transaction: says that the log is needed from now on.</summary>
    private void HasBegun(uint? begun)
    {
        if (begun is { } generation)
        {
            (_begins, _begun) = (false, true);
            _generations.Add(generation);
            if (LogContent.SaltOf(_path + "-wal") is var salt && salt != _salt)
            {
                _salt = salt;
                _generations.RemoveRange(0, _generations.Count - 2); // the log holds no others any more
            }
        }

        if (_begun)
        {
            try
            {
                new LogGenerations([.. _generations], NeedsLog: true).Write(_path);
                _begun = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // What stands there is true as well, if not all; the next transaction tries again.
            }
        }
    }

    private void Commit(List<Pending> batch)
    {
        if (Lost() is { } lost)
        {
            Fail(batch, lost, null);
            return;
        }

        List<(Pending Write, Exception Reason)> refused = [];
        for (bool isApart = false; ; isApart = true)
        {
            try
            {
                Run(_writing, "BEGIN IMMEDIATE");
                uint? begun = BeginGeneration();
                foreach (Pending pending in batch)
                {
                    if (!isApart)
                    {
                        pending.Write(_writing);
                    }
                    else if (WriteApart(pending) is { } reason)
                    {
                        refused.Add((pending, reason));
                    }
                }

                Run(_writing, "COMMIT");
                HasBegun(begun);
                break;
            }
            catch (Exception e)
            {
                try
                {
                    Run(_writing, "ROLLBACK");
                }
                catch (SqliteException)
                {
                    // The failure has rolled back by itself.
                }

                if (!isApart && batch.Count > 1 && !IsOfStore(e))
                {
                    continue; // one write cannot be carried out: again, so that the others beside it are
                }

                // Nothing of the batch is stored; each of its writers learns so and lets go of its state.
                Fail(batch, e is SqliteException failed ? Words(failed) : e.Message, e);
                return;
            }
        }

        // What went into a file that nobody will find again is not stored.
        if (Lost() is { } gone)
        {
            Fail(batch, gone, null);
            return;
        }

        _failed = null;
        foreach ((Pending write, Exception reason) in refused)
        {
            Fail([write], reason is SqliteException failed ? Words(failed) : reason.Message, reason);
            _failed = null; // a fault of the write, not of the disk
        }

        foreach (Pending pending in batch)
        {
            pending.Durable.TrySetResult();
        }
    }

    /// <summary>Writes so that it can be taken back by itself. Null if it was written, else why it was not.</summary>
    private Exception? WriteApart(Pending pending)
    {
        Run(_writing, "SAVEPOINT one");
        try
        {
            pending.Write(_writing);
            Run(_writing, "RELEASE one");
            return null;
        }
        catch (Exception e) when (!IsOfStore(e))
        {
            Run(_writing, "ROLLBACK TO one");
            Run(_writing, "RELEASE one");
            return e;
        }
    }

    /// <summary>Whether a failure is the database's or the disk's, which every write meets; else it is one write's own.</summary>
    private static bool IsOfStore(Exception e) => e is SqliteException { SqliteErrorCode: not (1 or 18 or 19 or 20 or 25) } or IOException or UnauthorizedAccessException; // error, too big, constraint, mismatch, range

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

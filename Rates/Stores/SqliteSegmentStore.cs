using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Pnl.Rates;

/// <summary>
/// Keeps bars in one SQLite file of a folder. Writes of all tokens go through one thread, which commits whatever has
/// gathered in one transaction: a tick of 10,000 tokens costs one fsync, not 10,000. The log is flushed at every commit
/// (synchronous=FULL), so a completed write survives kill -9 and a power cut.
/// </summary>
public sealed class SqliteSegmentStore : ISegmentStore, IAsyncDisposable
{
    private const int SchemaVersion = 1;
    private const int MostWritesACommit = 4096;
    private const long MostBytesACommit = 32 << 20;

    private static readonly JsonSerializerOptions RegistrationJson = new(JsonSerializerDefaults.Web);

    private readonly string _connectionString;
    private readonly FileStream _lock;
    private readonly Channel<Pending> _queue = Channel.CreateUnbounded<Pending>(new() { SingleReader = true });
    private readonly ConcurrentBag<Reader> _readers = [];
    private readonly Thread _writer;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SqliteSegmentStore(string connectionString, FileStream folderLock, SqliteConnection writing)
    {
        (_connectionString, _lock) = (connectionString, folderLock);
        _writer = new Thread(() => WriteLoop(writing)) { IsBackground = true, Name = "bars writer" };
        _writer.Start();
    }

    /// <summary>Opens the store of a folder, and makes it if it is not there.</summary>
    /// <exception cref="IOException">Another process has the folder open, or it cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file is of a later version, or no store.</exception>
    public static SqliteSegmentStore Open(string folder)
    {
        Directory.CreateDirectory(folder);
        FileStream folderLock;
        string lockPath = Path.Combine(folder, "lock");
        try
        {
            folderLock = new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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
        try
        {
            SqliteConnection connection = new(connectionString);
            connection.Open();
            Run(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=8192; PRAGMA busy_timeout=10000; PRAGMA cache_size=-16000; PRAGMA journal_size_limit=134217728;");
            Prepare(connection, folder);
            return new(connectionString, folderLock, connection);
        }
        catch (SqliteException e)
        {
            folderLock.Dispose();
            throw new InvalidDataException($"the data folder {folder} holds a bars.db that cannot be opened: {e.Message}", e);
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    private static void Prepare(SqliteConnection connection, string folder)
    {
        long version = (long)Scalar(connection, "PRAGMA user_version")!;
        if (version > SchemaVersion)
        {
            throw new InvalidDataException($"the data folder {folder} was written by a later release (schema {version}, this one knows {SchemaVersion})");
        }

        // The summary of a month stands before its bars, so that reading summaries alone does not touch the pages of the bars.
        Run(connection, $"""
            BEGIN IMMEDIATE;
            CREATE TABLE IF NOT EXISTS token (
                number INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                revision INTEGER NOT NULL,
                registration TEXT NOT NULL,
                search TEXT NOT NULL,
                first_slot INTEGER,
                last_slot INTEGER,
                bars INTEGER NOT NULL,
                coverage BLOB NOT NULL,
                tail BLOB);
            CREATE TABLE IF NOT EXISTS month (
                key INTEGER PRIMARY KEY, -- number * 16384 + month since 1970
                summary BLOB NOT NULL,
                bars BLOB NOT NULL);
            CREATE TABLE IF NOT EXISTS dead_letter (
                number INTEGER PRIMARY KEY,
                at INTEGER NOT NULL,
                token TEXT NOT NULL,
                reason TEXT NOT NULL,
                payload TEXT NOT NULL);
            PRAGMA user_version = {SchemaVersion.ToString(CultureInfo.InvariantCulture)};
            COMMIT;
            """);
    }

    /// <inheritdoc/>
    public ValueTask<StoredToken?> LoadAsync(string token, CancellationToken cancellation)
    {
        Reader reader = Rent();
        try
        {
            return new(reader.Load(token));
        }
        finally
        {
            _readers.Add(reader);
        }
    }

    /// <inheritdoc/>
    public ValueTask<Segment> ReadMonthAsync(StoredKey key, int month, CancellationToken cancellation)
    {
        Reader reader = Rent();
        try
        {
            return new(reader.Month(key, month));
        }
        finally
        {
            _readers.Add(reader);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ListedToken>> ListAsync(string? search, string? after, int limit, CancellationToken cancellation)
    {
        Reader reader = Rent();
        try
        {
            return new(reader.List(search, after, limit));
        }
        finally
        {
            _readers.Add(reader);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DeadLetter>> DeadLettersAsync(int limit, CancellationToken cancellation)
    {
        Reader reader = Rent();
        try
        {
            return new(reader.DeadLetters(limit));
        }
        finally
        {
            _readers.Add(reader);
        }
    }

    /// <inheritdoc/>
    public Task<StoredKey> WriteAsync(TokenWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return Enqueue(new Pending(write, null));
    }

    /// <inheritdoc/>
    public Task WriteDeadLetterAsync(DeadLetter letter)
    {
        ArgumentNullException.ThrowIfNull(letter);
        return Enqueue(new Pending(null, letter));
    }

    private Task<StoredKey> Enqueue(Pending pending) => _queue.Writer.TryWrite(pending)
        ? pending.Durable.Task
        : Task.FromException<StoredKey>(new ObjectDisposedException(nameof(SqliteSegmentStore), "the store is closed"));

    /// <summary>Writes what has been handed in, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _ended.Task;
        foreach (Reader reader in _readers)
        {
            reader.Dispose();
        }

        await _lock.DisposeAsync();
    }

    private Reader Rent() => _readers.TryTake(out Reader? reader) ? reader : new Reader(_connectionString);

    private void WriteLoop(SqliteConnection connection)
    {
        List<Pending> batch = [];
        using (connection)
        using (Statements statements = new(connection))
        {
            while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                batch.Clear();
                for (long bytes = 0; batch.Count < MostWritesACommit && bytes < MostBytesACommit && _queue.Reader.TryRead(out Pending? pending);)
                {
                    batch.Add(pending);
                    bytes += pending.Bytes;
                }

                Commit(connection, statements, batch);
            }

            // Moves the log into the file, so that the next start has nothing to recover.
            Run(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }

        _ended.SetResult();
    }

    private static void Commit(SqliteConnection connection, Statements statements, List<Pending> batch)
    {
        try
        {
            Run(connection, "BEGIN IMMEDIATE");
            foreach (Pending pending in batch)
            {
                pending.Write(statements);
            }

            Run(connection, "COMMIT");
        }
        catch (Exception e)
        {
            // Nothing of the batch is stored; each of its writers learns so and lets go of its state.
            try
            {
                Run(connection, "ROLLBACK");
            }
            catch (SqliteException)
            {
                // The failure has rolled back by itself.
            }

            foreach (Pending pending in batch)
            {
                pending.Durable.TrySetException(new IOException("the bars could not be stored: " + e.Message, e));
            }

            return;
        }

        foreach (Pending pending in batch)
        {
            pending.Complete();
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static long MonthKey(long number, int month) => (number << 14) | (uint)month;

    private static byte[] StoredBytes(Segment segment) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(segment.Bytes, out ArraySegment<byte> array) && array.Count == array.Array!.Length
            ? array.Array
            : segment.Bytes.ToArray();

    private sealed class Pending(TokenWrite? token, DeadLetter? letter)
    {
        private StoredKey? _key;
        private bool _conflict;

        public TaskCompletionSource<StoredKey> Durable { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Bytes => token is null ? 256 : token.Sealed.Sum(month => (long)month.Segment.Bytes.Length) + (token.History.Tail?.Bytes.Length ?? 0);

        public void Write(Statements statements)
        {
            if (letter is not null)
            {
                statements.Insert(letter);
                return;
            }

            _key = statements.Write(token!);
            _conflict = _key is null;
            for (int i = 0; !_conflict && i < token!.Sealed.Count; i++)
            {
                statements.Write(_key!, token.Sealed[i]);
            }
        }

        public void Complete()
        {
            if (_conflict)
            {
                Durable.TrySetException(new StoreConflictException(
                    $"{token!.Token} is no longer at revision {token.SeenRevision}: another activation wrote it"));
            }
            else
            {
                Durable.TrySetResult(_key ?? new StoredKey("", 0));
            }
        }
    }

    /// <summary>The writer's prepared statements.</summary>
    private sealed class Statements : IDisposable
    {
        private readonly SqliteCommand _insert, _update, _month, _letter, _number;

        public Statements(SqliteConnection connection)
        {
            _insert = Command(connection, """
                INSERT INTO token (id, revision, registration, search, first_slot, last_slot, bars, coverage, tail)
                VALUES ($id, $revision, $registration, $search, $first, $last, $bars, $coverage, $tail) ON CONFLICT (id) DO NOTHING
                """, "$id", "$revision", "$registration", "$search", "$first", "$last", "$bars", "$coverage", "$tail");
            _update = Command(connection, """
                UPDATE token SET revision = $revision, registration = $registration, search = $search,
                    first_slot = $first, last_slot = $last, bars = $bars, coverage = $coverage, tail = $tail
                WHERE number = $number AND revision = $seen
                """, "$number", "$seen", "$revision", "$registration", "$search", "$first", "$last", "$bars", "$coverage", "$tail");
            _month = Command(connection, "INSERT OR REPLACE INTO month (key, summary, bars) VALUES ($key, $summary, $bars)", "$key", "$summary", "$bars");
            _letter = Command(connection, "INSERT INTO dead_letter (at, token, reason, payload) VALUES ($at, $token, $reason, $payload)", "$at", "$token", "$reason", "$payload");
            _number = Command(connection, "SELECT last_insert_rowid()");
        }

        /// <summary>Null if another came first.</summary>
        public StoredKey? Write(TokenWrite write)
        {
            SqliteCommand command = write.Key is null ? _insert : _update;
            if (write.Key is null)
            {
                command.Parameters["$id"].Value = write.Token;
            }
            else
            {
                command.Parameters["$number"].Value = write.Key.Number;
                command.Parameters["$seen"].Value = write.SeenRevision;
            }

            RateSummary life = write.History.Life;
            command.Parameters["$revision"].Value = write.Revision;
            command.Parameters["$registration"].Value = JsonSerializer.Serialize(write.Registration, RegistrationJson);
            command.Parameters["$search"].Value = $"{write.Token}\n{write.Registration.Symbol}\n{write.Registration.Name}".ToLowerInvariant();
            command.Parameters["$first"].Value = life.IsEmpty ? DBNull.Value : life.FirstSlot;
            command.Parameters["$last"].Value = life.IsEmpty ? DBNull.Value : life.LastSlot;
            command.Parameters["$bars"].Value = life.Count;
            command.Parameters["$coverage"].Value = CoverageBytes.Of(write.History.Coverage);
            command.Parameters["$tail"].Value = write.History.Tail is { } tail ? StoredBytes(tail) : DBNull.Value;
            if (command.ExecuteNonQuery() == 0)
            {
                return null;
            }

            return write.Key ?? new StoredKey(write.Token, (long)_number.ExecuteScalar()!);
        }

        public void Write(StoredKey key, SealedMonth month)
        {
            _month.Parameters["$key"].Value = MonthKey(key.Number, month.Summary.Month);
            _month.Parameters["$summary"].Value = month.Summary.Store();
            _month.Parameters["$bars"].Value = StoredBytes(month.Segment);
            _month.ExecuteNonQuery();
        }

        public void Insert(DeadLetter letter)
        {
            _letter.Parameters["$at"].Value = letter.At.ToUnixTimeMilliseconds();
            _letter.Parameters["$token"].Value = letter.Token;
            _letter.Parameters["$reason"].Value = letter.Reason;
            _letter.Parameters["$payload"].Value = letter.Payload;
            _letter.ExecuteNonQuery();
        }

        public void Dispose()
        {
            foreach (SqliteCommand command in (SqliteCommand[])[_insert, _update, _month, _letter, _number])
            {
                command.Dispose();
            }
        }
    }

    /// <summary>A connection for reading with its prepared statements; used by one thread at a time.</summary>
    private sealed class Reader : IDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly SqliteCommand _token, _months, _month, _list, _letters;

        public Reader(string connectionString)
        {
            _connection = new(connectionString);
            _connection.Open();
            Run(_connection, "PRAGMA query_only=ON; PRAGMA busy_timeout=10000; PRAGMA cache_size=-2000;");
            _token = Command(_connection, "SELECT number, revision, registration, coverage, tail FROM token WHERE id = $id", "$id");
            _months = Command(_connection, "SELECT key, summary FROM month WHERE key BETWEEN $from AND $to ORDER BY key", "$from", "$to");
            _month = Command(_connection, "SELECT bars FROM month WHERE key = $key", "$key");
            _list = Command(_connection, """
                SELECT id, revision, registration, first_slot, last_slot, bars FROM token
                WHERE id > $after AND instr(search, $search) > 0 ORDER BY id LIMIT $limit
                """, "$after", "$search", "$limit");
            _letters = Command(_connection, "SELECT at, token, reason, payload FROM dead_letter ORDER BY number DESC LIMIT $limit", "$limit");
        }

        public StoredToken? Load(string id)
        {
            // One read transaction: the token and its months are of one moment.
            Run(_connection, "BEGIN");
            try
            {
                _token.Parameters["$id"].Value = id;
                StoredKey key;
                long revision;
                TokenRegistration registration;
                Coverage coverage;
                Segment? tail;
                using (SqliteDataReader row = _token.ExecuteReader())
                {
                    if (!row.Read())
                    {
                        return null;
                    }

                    key = new(id, row.GetInt64(0));
                    revision = row.GetInt64(1);
                    registration = Registration(row.GetString(2));
                    coverage = CoverageBytes.Read(row.GetFieldValue<byte[]>(3));
                    tail = row.IsDBNull(4) ? null : Segment.Open(row.GetFieldValue<byte[]>(4), $"open days of {id}");
                }

                ImmutableArray<MonthSummary>.Builder months = ImmutableArray.CreateBuilder<MonthSummary>();
                _months.Parameters["$from"].Value = MonthKey(key.Number, 0);
                _months.Parameters["$to"].Value = MonthKey(key.Number + 1, 0) - 1;
                using (SqliteDataReader row = _months.ExecuteReader())
                {
                    while (row.Read())
                    {
                        months.Add(MonthSummary.Restore((int)(row.GetInt64(0) & 0x3FFF), row.GetFieldValue<byte[]>(1)));
                    }
                }

                return new(key, revision, registration, months.ToImmutable(), tail, coverage);
            }
            finally
            {
                Run(_connection, "ROLLBACK");
            }
        }

        public Segment Month(StoredKey key, int month)
        {
            _month.Parameters["$key"].Value = MonthKey(key.Number, month);
            string name = $"month {1970 + month / 12:d4}-{month % 12 + 1:d2} of {key.Token}";
            using SqliteDataReader row = _month.ExecuteReader();
            return row.Read()
                ? Segment.Open(row.GetFieldValue<byte[]>(0), name)
                : throw new SegmentCorruptException($"{name} is not in the store");
        }

        public List<ListedToken> List(string? search, string? after, int limit)
        {
            _list.Parameters["$after"].Value = after ?? "";
            _list.Parameters["$search"].Value = (search ?? "").ToLowerInvariant();
            _list.Parameters["$limit"].Value = limit;
            List<ListedToken> tokens = [];
            using SqliteDataReader row = _list.ExecuteReader();
            while (row.Read())
            {
                tokens.Add(new(
                    row.GetString(0), row.GetInt64(1), Registration(row.GetString(2)),
                    row.IsDBNull(3) ? null : row.GetInt32(3), row.IsDBNull(4) ? null : row.GetInt32(4), row.GetInt64(5)));
            }

            return tokens;
        }

        public List<DeadLetter> DeadLetters(int limit)
        {
            _letters.Parameters["$limit"].Value = limit;
            List<DeadLetter> letters = [];
            using SqliteDataReader row = _letters.ExecuteReader();
            while (row.Read())
            {
                letters.Add(new(DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)), row.GetString(1), row.GetString(2), row.GetString(3)));
            }

            return letters;
        }

        public void Dispose()
        {
            foreach (SqliteCommand command in (SqliteCommand[])[_token, _months, _month, _list, _letters])
            {
                command.Dispose();
            }

            _connection.Dispose();
        }

        private static TokenRegistration Registration(string json) => JsonSerializer.Deserialize<TokenRegistration>(json, RegistrationJson)
            ?? throw new InvalidDataException("a token's registration is empty");
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params string[] parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (string name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        command.Prepare();
        return command;
    }
}

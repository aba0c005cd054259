using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Pnl.Rates;

/// <summary>Keeps bars in a <see cref="SqliteDatabase"/>: a row a token with its open days, a row a sealed month.</summary>
public sealed class SqliteSegmentStore : ISegmentStore, IAsyncDisposable
{
    private const int MonthsAtOnce = 64; // rewritten in one transaction: some MiB, and some 10 ms
    private const long AllMonths = long.MaxValue;

    private readonly SqliteDatabase _database;
    private readonly bool _ownsDatabase;
    private readonly ConcurrentBag<Reader> _readers = [];
    private Statements? _statements; // the writer's; made on its thread

    /// <summary>Keeps bars in a database that others share.</summary>
    public SqliteSegmentStore(SqliteDatabase database)
    {
        ArgumentNullException.ThrowIfNull(database);
        _database = database;

        // The summary of a month stands before its bars, so that reading summaries alone does not touch the pages of the bars.
        database.Prepare("""
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
            CREATE TABLE IF NOT EXISTS renewal ( -- the last month that is known to be of the current form
                form INTEGER PRIMARY KEY,
                month INTEGER NOT NULL);
            """);
    }

    private SqliteSegmentStore(SqliteDatabase database, bool ownsDatabase)
        : this(database) => _ownsDatabase = ownsDatabase;

    /// <summary>Opens the store of a folder with a database of its own, and makes it if it is not there.</summary>
    /// <exception cref="IOException">Another process has the folder open, or it cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file is of a later version, or no store.</exception>
    public static SqliteSegmentStore Open(string folder) => new(SqliteDatabase.Open(folder), ownsDatabase: true);

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
            return new(reader.Month(Numbered(key), month));
        }
        finally
        {
            _readers.Add(reader);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string? search, string? after, int limit, CancellationToken cancellation)
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
    public ValueTask<IReadOnlyList<TokenState>> StatesAsync(CancellationToken cancellation)
    {
        Reader reader = Rent();
        try
        {
            return new(reader.States());
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
    public async Task<StoredKey> WriteAsync(TokenWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        NumberKey? key = null;
        await _database.WriteAsync(
            connection => key = Writing(connection).WriteWhole(write),
            write.Sealed.Sum(month => (long)month.Segment.Bytes.Length) + (write.History.Tail?.Bytes.Length ?? 0));
        return key ?? throw Conflict(write);
    }

    /// <inheritdoc/>
    public async Task<StoredKey[]> WriteAsync(IReadOnlyList<TokenWrite> listings, TokenWrite token)
    {
        ArgumentNullException.ThrowIfNull(listings);
        ArgumentNullException.ThrowIfNull(token);
        NumberKey?[] keys = new NumberKey?[listings.Count + 1];
        await _database.WriteAsync(
            connection =>
            {
                Statements statements = Writing(connection);
                keys[^1] = statements.WriteWhole(token);
                for (int i = 0; keys[^1] is not null && i < listings.Count; i++)
                {
                    keys[i] = statements.WriteWhole(listings[i]); // no other owner has written it, since none has written the token
                }
            },
            listings.Append(token).Sum(write => write.Sealed.Sum(month => (long)month.Segment.Bytes.Length) + (write.History.Tail?.Bytes.Length ?? 0)));
        return keys[^1] is null ? throw Conflict(token) : Array.ConvertAll(keys, key => (StoredKey)(key ?? throw Conflict(token)));
    }

    /// <inheritdoc/>
    public Task WriteDeadLetterAsync(DeadLetter letter)
    {
        ArgumentNullException.ThrowIfNull(letter);
        return _database.WriteAsync(connection => Writing(connection).Insert(letter), letter.Payload.Length);
    }

    /// <inheritdoc/>
    public async Task RenewAsync(IProgress<StoreRenewal>? progress, CancellationToken cancellation)
    {
        Reader reader = Rent();
        try
        {
            (long after, long last) = reader.Renewal();
            for (long renewed = 0; after != AllMonths;)
            {
                cancellation.ThrowIfCancellationRequested();
                (List<(long Key, byte[] Summary, byte[] Bars)> months, long to) = reader.Renew(after, MonthsAtOnce);
                int changed = 0;
                await _database.WriteAsync(
                    connection =>
                    {
                        changed = 0;
                        Statements statements = Writing(connection);
                        foreach ((long key, byte[] summary, byte[] bars) in months)
                        {
                            changed += statements.Renew(key, summary, bars);
                        }

                        statements.Renewed(to);
                    },
                    months.Sum(month => (long)month.Bars.Length));
                (after, renewed) = (to, renewed + changed);
                progress?.Report(new(renewed, to == AllMonths ? 1 : Math.Min(1, (to >> MonthBits) / (double)Math.Max(1, last))));
            }
        }
        finally
        {
            _readers.Add(reader);
        }
    }

    /// <summary>Closes; the database too if it is the store's own, after what has been handed in is written.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ownsDatabase)
        {
            await _database.DisposeAsync();
        }

        foreach (Reader reader in _readers)
        {
            reader.Dispose();
        }
    }

    private Reader Rent() => _readers.TryTake(out Reader? reader) ? reader : new Reader(_database.OpenReader());

    private Statements Writing(SqliteConnection connection) => _statements ??= new Statements(connection);

    private static StoreConflictException Conflict(TokenWrite write) =>
        new($"{write.Token} is no longer at revision {write.SeenRevision}: another activation wrote it");

    private static NumberKey Numbered(StoredKey key) => key as NumberKey ?? throw new ArgumentException($"the key of {key.Token} is another store's", nameof(key));

    private const int MonthBits = 14;

    private static long MonthKey(long number, int month) => (number << MonthBits) | (uint)month;

    private static int MonthOf(long key) => (int)(key & ((1 << MonthBits) - 1));

    private static string NameOf(int month, string token) => $"month {1970 + month / 12:d4}-{month % 12 + 1:d2} of {token}";

    private static byte[] StoredBytes(Segment segment) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(segment.Bytes, out ArraySegment<byte> array) && array.Count == array.Array!.Length
            ? array.Array
            : segment.Bytes.ToArray();

    private sealed record NumberKey(string Token, long Number) : StoredKey(Token);

    /// <summary>The writer's prepared statements.</summary>
    private sealed class Statements
    {
        private readonly SqliteCommand _insert, _update, _append, _month, _drop, _letter, _number, _renew, _renewed;

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
            _append = Command(connection, """
                UPDATE token SET revision = $revision, first_slot = $first, last_slot = $last, bars = $bars, coverage = $coverage, tail = $tail
                WHERE number = $number AND revision = $seen
                """, "$number", "$seen", "$revision", "$first", "$last", "$bars", "$coverage", "$tail");
            _month = Command(connection, "INSERT OR REPLACE INTO month (key, summary, bars) VALUES ($key, $summary, $bars)", "$key", "$summary", "$bars");
            _drop = Command(connection, "DELETE FROM month WHERE key = $key", "$key");
            _letter = Command(connection, "INSERT INTO dead_letter (at, token, reason, payload) VALUES ($at, $token, $reason, $payload)", "$at", "$token", "$reason", "$payload");
            _number = Command(connection, "SELECT last_insert_rowid()");

            // Whoever rewrote it meanwhile has written the current form.
            _renew = Command(connection, $"UPDATE month SET summary = $summary, bars = $bars WHERE key = $key AND length(summary) = {MonthSummary.FirstVersionLength}", "$key", "$summary", "$bars");
            _renewed = Command(connection, $"INSERT INTO renewal (form, month) VALUES ({MonthSummary.CurrentVersion}, $month) ON CONFLICT (form) DO UPDATE SET month = excluded.month", "$month");
        }

        /// <summary>With the months that changed. Null if another came first.</summary>
        public NumberKey? WriteWhole(TokenWrite write)
        {
            NumberKey? key = Write(write);
            if (key is not null)
            {
                foreach (SealedMonth month in write.Sealed)
                {
                    Write(key, month);
                }

                foreach (int month in write.Dropped)
                {
                    _drop.Parameters["$key"].Value = MonthKey(key.Number, month);
                    _drop.ExecuteNonQuery();
                }
            }

            return key;
        }

        private NumberKey? Write(TokenWrite write)
        {
            SqliteCommand command = write.Key is null ? _insert : write.KeepsRegistration ? _append : _update;
            if (write.Key is null)
            {
                command.Parameters["$id"].Value = write.Token;
            }
            else
            {
                command.Parameters["$number"].Value = Numbered(write.Key).Number;
                command.Parameters["$seen"].Value = write.SeenRevision;
            }

            RateSummary life = write.History.Life;
            command.Parameters["$revision"].Value = write.Revision;
            if (command != _append)
            {
                command.Parameters["$registration"].Value = JsonSerializer.Serialize(write.Registration, StoredJson.Options);
                command.Parameters["$search"].Value = write.Registration.Deleted is not null ? "" // by which nothing is found
                    : $"{write.Token}\n{write.Registration.Symbol}\n{write.Registration.Name}".ToLowerInvariant();
            }

            command.Parameters["$first"].Value = life.IsEmpty ? DBNull.Value : life.FirstSlot;
            command.Parameters["$last"].Value = life.IsEmpty ? DBNull.Value : life.LastSlot;
            command.Parameters["$bars"].Value = life.Count;
            command.Parameters["$coverage"].Value = CoverageBytes.Of(write.History, write.Conversions);
            command.Parameters["$tail"].Value = write.History.Tail is { } tail ? StoredBytes(tail) : DBNull.Value;
            if (command.ExecuteNonQuery() == 0)
            {
                return null;
            }

            return (NumberKey?)write.Key ?? new NumberKey(write.Token, (long)_number.ExecuteScalar()!);
        }

        private void Write(NumberKey key, SealedMonth month)
        {
            _month.Parameters["$key"].Value = MonthKey(key.Number, month.Summary.Month);
            _month.Parameters["$summary"].Value = month.Summary.Store();
            _month.Parameters["$bars"].Value = StoredBytes(month.Segment);
            _month.ExecuteNonQuery();
        }

        /// <summary>How many rows that was: one, or none.</summary>
        public int Renew(long key, byte[] summary, byte[] bars)
        {
            (_renew.Parameters["$key"].Value, _renew.Parameters["$summary"].Value, _renew.Parameters["$bars"].Value) = (key, summary, bars);
            return _renew.ExecuteNonQuery();
        }

        public void Renewed(long month)
        {
            _renewed.Parameters["$month"].Value = month;
            _renewed.ExecuteNonQuery();
        }

        public void Insert(DeadLetter letter)
        {
            _letter.Parameters["$at"].Value = letter.At.ToUnixTimeMilliseconds();
            _letter.Parameters["$token"].Value = letter.Token;
            _letter.Parameters["$reason"].Value = letter.Reason;
            _letter.Parameters["$payload"].Value = letter.Payload;
            _letter.ExecuteNonQuery();
        }
    }

    /// <summary>A connection for reading with its prepared statements; used by one thread at a time.</summary>
    private sealed class Reader : IDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly SqliteCommand _token, _months, _month, _list, _states, _letters, _next, _renewal;

        public Reader(SqliteConnection connection)
        {
            _connection = connection;
            _token = Command(_connection, "SELECT number, revision, registration, coverage, tail FROM token WHERE id = $id", "$id");
            _months = Command(_connection, "SELECT key, summary FROM month WHERE key BETWEEN $from AND $to ORDER BY key", "$from", "$to");
            _month = Command(_connection, "SELECT bars FROM month WHERE key = $key", "$key");
            _list = Command(_connection, """
                SELECT id FROM token
                WHERE id > $after AND instr(search, $search) > 0 AND search <> '' AND instr(id, '@') = 0 ORDER BY id LIMIT $limit
                """, "$after", "$search", "$limit");
            _states = Command(_connection, "SELECT id, revision, last_slot, search = '' FROM token WHERE instr(id, '@') = 0");
            _next = Command(_connection, "SELECT key, length(summary) FROM month WHERE key > $after ORDER BY key LIMIT $limit", "$after", "$limit");
            _renewal = Command(_connection, $"SELECT coalesce((SELECT month FROM renewal WHERE form = {MonthSummary.CurrentVersion}), 0), coalesce((SELECT max(number) FROM token), 0)");
            _letters = Command(_connection, "SELECT at, token, reason, payload FROM dead_letter ORDER BY number DESC LIMIT $limit", "$limit");
        }

        public StoredToken? Load(string id)
        {
            // One read transaction: the token and its months are of one moment.
            SqliteDatabase.Run(_connection, "BEGIN");
            try
            {
                _token.Parameters["$id"].Value = id;
                NumberKey key;
                long revision;
                TokenRegistration registration;
                CoverageBytes.Known read;
                Segment? tail;
                using (SqliteDataReader row = _token.ExecuteReader())
                {
                    if (!row.Read())
                    {
                        return null;
                    }

                    key = new(id, row.GetInt64(0));
                    revision = row.GetInt64(1);
                    registration = StoredJson.Read<TokenRegistration>(row.GetString(2), $"the registration of {id}");
                    read = CoverageBytes.Read(row.GetFieldValue<byte[]>(3), $"the coverage of {id}");
                    tail = row.IsDBNull(4) ? null : Segment.Open(row.GetFieldValue<byte[]>(4), $"open days of {id}");
                }

                ImmutableArray<MonthSummary>.Builder months = ImmutableArray.CreateBuilder<MonthSummary>();
                _months.Parameters["$from"].Value = MonthKey(key.Number, 0);
                _months.Parameters["$to"].Value = MonthKey(key.Number + 1, 0) - 1;
                using (SqliteDataReader row = _months.ExecuteReader())
                {
                    while (row.Read())
                    {
                        int month = MonthOf(row.GetInt64(0));
                        byte[] summary = row.GetFieldValue<byte[]>(1);
                        months.Add(MonthSummary.IsOfEarlierVersion(summary) ? new(month, Month(key, month).Summary()) : MonthSummary.Restore(month, summary));
                    }
                }

                return new(key, revision, registration, months.ToImmutable(), tail, read.Coverage) { Coarse = read.Coarse, Conversions = read.Conversions };
            }
            finally
            {
                SqliteDatabase.Run(_connection, "ROLLBACK");
            }
        }

        public Segment Month(NumberKey key, int month)
        {
            string name = NameOf(month, key.Token);
            return Bars(MonthKey(key.Number, month)) is { } bars ? Segment.Open(bars, name) : throw new SegmentCorruptException($"{name} is not in the store");
        }

        /// <summary>How far months are renewed, and the number of the last token.</summary>
        public (long After, long Last) Renewal()
        {
            using SqliteDataReader row = _renewal.ExecuteReader();
            row.Read();
            return (row.GetInt64(0), row.GetInt64(1));
        }

        /// <summary>Of the months behind one, so many, those of an earlier form, made anew; and how far that goes.</summary>
        public (List<(long Key, byte[] Summary, byte[] Bars)> Months, long To) Renew(long after, int most)
        {
            (_next.Parameters["$after"].Value, _next.Parameters["$limit"].Value) = (after, most);
            List<(long Key, int Length)> next = [];
            using (SqliteDataReader row = _next.ExecuteReader())
            {
                while (row.Read())
                {
                    next.Add((row.GetInt64(0), row.GetInt32(1)));
                }
            }

            List<(long Key, byte[] Summary, byte[] Bars)> renewed = [];
            foreach ((long key, _) in next.Where(month => month.Length == MonthSummary.FirstVersionLength))
            {
                if (Bars(key) is { } bars)
                {
                    Segment segment = Segment.Open(bars, NameOf(MonthOf(key), $"token {key >> MonthBits}"));
                    renewed.Add((key, new MonthSummary(MonthOf(key), segment.Summary()).Store(), StoredBytes(segment)));
                }
            }

            return (renewed, next.Count < most ? AllMonths : next[^1].Key);
        }

        private byte[]? Bars(long key)
        {
            _month.Parameters["$key"].Value = key;
            using SqliteDataReader row = _month.ExecuteReader();
            return row.Read() ? row.GetFieldValue<byte[]>(0) : null;
        }

        public List<string> List(string? search, string? after, int limit)
        {
            _list.Parameters["$after"].Value = after ?? "";
            _list.Parameters["$search"].Value = (search ?? "").ToLowerInvariant();
            _list.Parameters["$limit"].Value = limit;
            List<string> tokens = [];
            using SqliteDataReader row = _list.ExecuteReader();
            while (row.Read())
            {
                tokens.Add(row.GetString(0));
            }

            return tokens;
        }

        public List<TokenState> States()
        {
            List<TokenState> states = [];
            using SqliteDataReader row = _states.ExecuteReader();
            while (row.Read())
            {
                states.Add(new(row.GetString(0), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetInt32(2)) { IsDeleted = row.GetBoolean(3) });
            }

            return states;
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
            foreach (SqliteCommand command in (SqliteCommand[])[_token, _months, _month, _list, _states, _letters, _next, _renewal])
            {
                command.Dispose();
            }

            _connection.Dispose();
        }
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

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
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
    private readonly string[] _damagedNames;
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
            """, SummedTable.Token.Upgrade, SummedTable.Letter.Upgrade, SummedTable.Renewal.Upgrade);
        using SqliteConnection connection = database.OpenReader();
        _damagedNames = SummedTable.Token.DamagedNames(connection, "id");
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
            return reader.Load(token) is { } stored ? new(stored)
                : SummedTable.Near(_damagedNames, token) is { } damaged
                    ? throw new SegmentCorruptException($"the row of a token that stands in the store as '{damaged}' is damaged, and may be that of {token}")
                    : new((StoredToken?)null);
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
    public ValueTask<IReadOnlyList<DeadLetter>> DeadLettersAsync(string? after, int limit, CancellationToken cancellation)
    {
        Reader reader = Rent();
        try
        {
            return new(reader.DeadLetters(after is null ? long.MaxValue : NumberOf(after) ?? 0, limit));
        }
        finally
        {
            _readers.Add(reader);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<DeadLetter?> DeadLetterAsync(string id, CancellationToken cancellation) =>
        NumberOf(id) is { } number && await DeadLettersAsync((number + 1).ToString(CultureInfo.InvariantCulture), 1, cancellation) is [var letter] && letter.Id == id ? letter : null;

    /// <inheritdoc/>
    public Task RemoveDeadLetterAsync(string id) =>
        NumberOf(id) is { } number ? _database.WriteAsync(connection => Writing(connection).Remove(number), 0) : Task.CompletedTask;

    private static long? NumberOf(string letter) => long.TryParse(letter, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < long.MaxValue ? number : null;

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
                progress?.Report(new(renewed, to == AllMonths ? 1 : Math.Min(1, (StoredMonth.NumberOf(to)) / (double)Math.Max(1, last))));
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

    /// <exception cref="IOException">None can be opened.</exception>
    private Reader Rent()
    {
        if (_readers.TryTake(out Reader? reader))
        {
            return reader;
        }

        SqliteConnection connection = _database.OpenReader();
        try
        {
            return new Reader(connection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new IOException("the database cannot be read: " + SqliteDatabase.Words(e), e);
        }
    }

    private Statements Writing(SqliteConnection connection) => _statements ??= new Statements(connection);

    private static StoreConflictException Conflict(TokenWrite write) =>
        new($"{write.Token} is no longer at revision {write.SeenRevision}: another activation wrote it");

    private static NumberKey Numbered(StoredKey key) => key as NumberKey ?? throw new ArgumentException($"the key of {key.Token} is another store's", nameof(key));

    internal static byte[] Bytes(Segment segment) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(segment.Bytes, out ArraySegment<byte> array) && array.Count == array.Array!.Length
            ? array.Array
            : segment.Bytes.ToArray();

    private sealed record NumberKey(string Token, long Number) : StoredKey(Token);

    /// <summary>The writer's prepared statements.</summary>
    private sealed class Statements
    {
        private readonly SqliteCommand _insert, _update, _append, _month, _drop, _letter, _noLetter, _oldLetters, _number, _letterNumber, _renew, _renewed;
        private int _letters; // written

        public Statements(SqliteConnection connection)
        {
            _insert = Command(connection, """
                INSERT INTO token (number, id, revision, registration, search, first_slot, last_slot, bars, coverage, tail, registration_sum, sum)
                VALUES ($number, $id, $revision, $registration, $search, $first, $last, $bars, $coverage, $tail, $registrationSum, $sum) ON CONFLICT (id) DO NOTHING
                """, "$number", "$id", "$revision", "$registration", "$search", "$first", "$last", "$bars", "$coverage", "$tail", "$registrationSum", "$sum");
            _update = Command(connection, """
                UPDATE token SET revision = $revision, registration = $registration, search = $search,
                    first_slot = $first, last_slot = $last, bars = $bars, coverage = $coverage, tail = $tail, registration_sum = $registrationSum, sum = $sum
                WHERE number = $number AND revision = $seen
                """, "$number", "$seen", "$revision", "$registration", "$search", "$first", "$last", "$bars", "$coverage", "$tail", "$registrationSum", "$sum");
            _append = Command(connection, """
                UPDATE token SET revision = $revision, first_slot = $first, last_slot = $last, bars = $bars, coverage = $coverage, tail = $tail, sum = $sum
                WHERE number = $number AND revision = $seen
                """, "$number", "$seen", "$revision", "$first", "$last", "$bars", "$coverage", "$tail", "$sum");
            _month = Command(connection, "INSERT OR REPLACE INTO month (key, summary, bars) VALUES ($key, $summary, $bars)", "$key", "$summary", "$bars");
            _drop = Command(connection, "DELETE FROM month WHERE key = $key", "$key");
            _letter = Command(connection, "INSERT INTO dead_letter (number, at, token, reason, payload, sum) VALUES ($number, $at, $token, $reason, $payload, $sum)", "$number", "$at", "$token", "$reason", "$payload", "$sum");

            // A number is part of the checksum. One that is beyond all that can be is damaged.
            _number = Command(connection, $"SELECT coalesce(max(number), 0) + 1 FROM token WHERE number < {1L << 40}");
            _noLetter = Command(connection, "DELETE FROM dead_letter WHERE number = $number", "$number");
            _oldLetters = Command(connection, $"DELETE FROM dead_letter WHERE number <= (SELECT number FROM dead_letter ORDER BY number DESC LIMIT 1 OFFSET {DeadLetter.MostKept})");

            // By time, so that the number of one that was taken is not given again.
            _letterNumber = Command(connection, $"SELECT max(coalesce(max(number), 0) + 1, $at) FROM dead_letter WHERE number < {1L << 60}", "$at");

            // Whoever rewrote it meanwhile has written the current form.
            _renew = Command(connection, $"UPDATE month SET summary = $summary, bars = $bars WHERE key = $key AND length(summary) < {StoredMonth.Length}", "$key", "$summary", "$bars");
            _renewed = Command(connection, $"INSERT INTO renewal (form, month, sum) VALUES ({StoredMonth.Form}, $month, $sum) ON CONFLICT (form) DO UPDATE SET month = excluded.month, sum = excluded.sum", "$month", "$sum");
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
                    _drop.Parameters["$key"].Value = StoredMonth.KeyOf(key.Number, month);
                    _drop.ExecuteNonQuery();
                }
            }

            return key;
        }

        private NumberKey? Write(TokenWrite write)
        {
            SqliteCommand command = write.Key is null ? _insert : write.KeepsRegistration ? _append : _update;
            long number = write.Key is null ? (long)_number.ExecuteScalar()! : Numbered(write.Key).Number;
            command.Parameters["$number"].Value = number;
            if (write.Key is null)
            {
                command.Parameters["$id"].Value = write.Token;
            }
            else
            {
                command.Parameters["$seen"].Value = write.SeenRevision;
            }

            RateSummary life = write.History.Life;
            command.Parameters["$revision"].Value = write.Revision;
            if (command != _append)
            {
                string registration = JsonSerializer.Serialize(write.Registration, StoredJson.Options);
                string search = write.Registration.Deleted is not null ? "" // by which nothing is found
                    : $"{write.Token}\n{write.Registration.Symbol}\n{write.Registration.Name}".ToLowerInvariant();
                command.Parameters["$registration"].Value = registration;
                command.Parameters["$search"].Value = search;
                command.Parameters["$registrationSum"].Value = SummedTable.Token.Of(SummedTable.Token.Sums[0], number, write.Token, registration, search);
            }

            object? first = life.IsEmpty ? null : life.FirstSlot, last = life.IsEmpty ? null : life.LastSlot;
            byte[] coverage = CoverageBytes.Of(write.History, write.Conversions, write.Receipts);
            byte[]? tail = write.History.Tail is { } open ? Bytes(open) : null;
            command.Parameters["$first"].Value = first ?? DBNull.Value;
            command.Parameters["$last"].Value = last ?? DBNull.Value;
            command.Parameters["$bars"].Value = (long)life.Count;
            command.Parameters["$coverage"].Value = coverage;
            command.Parameters["$tail"].Value = (object?)tail ?? DBNull.Value;
            command.Parameters["$sum"].Value = SummedTable.Token.Of(number, write.Token, write.Revision, first, last, (long)life.Count, coverage, tail);
            return command.ExecuteNonQuery() == 0 ? null : (NumberKey?)write.Key ?? new NumberKey(write.Token, number);
        }

        private void Write(NumberKey key, SealedMonth month)
        {
            (long row, byte[] bars) = (StoredMonth.KeyOf(key.Number, month.Summary.Month), Bytes(month.Segment));
            _month.Parameters["$key"].Value = row;
            _month.Parameters["$summary"].Value = StoredMonth.Store(row, month.Summary, bars);
            _month.Parameters["$bars"].Value = bars;
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
            _renewed.Parameters["$sum"].Value = SummedTable.Renewal.Of((long)StoredMonth.Form, month);
            _renewed.ExecuteNonQuery();
        }

        public void Insert(DeadLetter letter)
        {
            long at = letter.At.ToUnixTimeMilliseconds();
            _letterNumber.Parameters["$at"].Value = at;
            long number = (long)_letterNumber.ExecuteScalar()!;
            _letter.Parameters["$number"].Value = number;
            _letter.Parameters["$at"].Value = at;
            _letter.Parameters["$token"].Value = letter.Token;
            _letter.Parameters["$reason"].Value = letter.Reason;
            _letter.Parameters["$payload"].Value = letter.Payload;
            _letter.Parameters["$sum"].Value = SummedTable.Letter.Of(number, at, letter.Token, letter.Reason, letter.Payload);
            _letter.ExecuteNonQuery();
            if (_letters++ % DeadLetter.WritesATrim == 0)
            {
                _oldLetters.ExecuteNonQuery();
            }
        }

        public void Remove(long letter)
        {
            _noLetter.Parameters["$number"].Value = letter;
            _noLetter.ExecuteNonQuery();
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
            _token = Command(_connection, "SELECT number, registration, search, revision, first_slot, last_slot, bars, coverage, tail, registration_sum, sum FROM token WHERE id = $id", "$id");
            _months = Command(_connection, "SELECT key, summary FROM month WHERE key BETWEEN $from AND $to ORDER BY key", "$from", "$to");
            _month = Command(_connection, "SELECT summary, bars FROM month WHERE key = $key", "$key");
            _list = Command(_connection, """
                SELECT id FROM token
                WHERE id > $after AND instr(search, $search) > 0 AND search <> '' AND instr(id, '@') = 0 ORDER BY id LIMIT $limit
                """, "$after", "$search", "$limit");
            _states = Command(_connection, "SELECT id, revision, last_slot, search = '' FROM token WHERE instr(id, '@') = 0");
            _next = Command(_connection, "SELECT key, length(summary) FROM month WHERE key > $after ORDER BY key LIMIT $limit", "$after", "$limit");
            _renewal = Command(_connection, $"SELECT month, sum, coalesce((SELECT max(number) FROM token), 0) FROM (SELECT 1) LEFT JOIN renewal ON form = {StoredMonth.Form}");
            _letters = Command(_connection, "SELECT number, at, token, reason, payload, sum FROM dead_letter WHERE number < $before ORDER BY number DESC LIMIT $limit", "$before", "$limit");
        }

        public StoredToken? Load(string id)
        {
            // One read transaction: the token and its months are of one moment.
            SqliteDatabase.Run(_connection, "BEGIN");
            try
            {
                return Row(id) is { } row ? Stored(id, row) : null;
            }
            catch (SqliteException e) when (SqliteDatabase.IsDamage(e))
            {
                throw new SegmentCorruptException($"what is stored of {id} cannot be read: {e.Message}", e);
            }
            finally
            {
                SqliteDatabase.Run(_connection, "ROLLBACK");
            }
        }

        /// <summary>The columns of a token's row, the checksums of which hold.</summary>
        private object?[]? Row(string id)
        {
            _token.Parameters["$id"].Value = id;
            using SqliteDataReader row = _token.ExecuteReader();
            if (!row.Read())
            {
                return null;
            }

            object?[] values = new object?[row.FieldCount];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = row.IsDBNull(i) ? null : row.GetValue(i);
            }

            return !SummedTable.Token.Of(SummedTable.Token.Sums[0], values[0], id, values[1], values[2]).Equals(values[9])
                ? throw new SegmentCorruptException($"the registration of {id} is damaged: its checksum does not hold")
                : !SummedTable.Token.Of(values[0], id, values[3], values[4], values[5], values[6], values[7], values[8]).Equals(values[10])
                    ? throw new SegmentCorruptException($"the row of {id} with its open days, coverage and revision is damaged: its checksum does not hold")
                    : values;
        }

        private StoredToken Stored(string id, object?[] row)
        {
            NumberKey key = new(id, (long)row[0]!);
            TokenRegistration registration = StoredJson.Read<TokenRegistration>((string)row[1]!, $"the registration of {id}");
            CoverageBytes.Known read = CoverageBytes.Read((byte[])row[7]!, $"the coverage of {id}");
            Segment? tail = row[8] is byte[] open ? Segment.Open(open, $"open days of {id}") : null;
            ImmutableArray<MonthSummary> months = Months(key, row, tail?.Summary() ?? default);
            return new(key, (long)row[3]!, registration, months, tail, read.Coverage) { Coarse = read.Coarse, Conversions = read.Conversions, Receipts = read.Receipts };
        }

        /// <summary>
        /// The summaries of a token's months. One that is damaged is made anew from the month's bars, which have checksums of
        /// their own; and all must come to what the token's row says: no month is missing, and none is another token's.
        /// </summary>
        private ImmutableArray<MonthSummary> Months(NumberKey key, object?[] row, RateSummary open)
        {
            ImmutableArray<MonthSummary>.Builder months = ImmutableArray.CreateBuilder<MonthSummary>();
            List<MonthSummary> anew = [];
            List<string> damaged = [];
            bool? all = null;
            List<(long Key, byte[] Summary)> rows = [];
            _months.Parameters["$from"].Value = StoredMonth.KeyOf(key.Number, 0);
            _months.Parameters["$to"].Value = StoredMonth.KeyOf(key.Number + 1, 0) - 1;
            using (SqliteDataReader next = _months.ExecuteReader())
            {
                while (next.Read())
                {
                    rows.Add((next.GetInt64(0), next.GetValue(1) as byte[] ?? []));
                }
            }

            foreach ((long at, byte[] summary) in rows)
            {
                int month = StoredMonth.MonthOf(at);
                if (StoredMonth.Holds(at, summary))
                {
                    months.Add(StoredMonth.Summary(month, summary));
                    continue;
                }

                if (summary.Length == MonthSummary.StoredLength && !(all ??= Renewal().After == AllMonths))
                {
                    months.Add(MonthSummary.Restore(month, summary)); // of the release before, which kept no checksums of summaries
                    continue;
                }

                try
                {
                    anew.Add(new(month, Month(key, month).Summary()));
                    months.Add(anew[^1]);
                }
                catch (SegmentCorruptException e)
                {
                    damaged.Add(e.Message);
                }
            }

            if (IsWhole(months))
            {
                return months.ToImmutable(); // a damaged row is not the token's
            }

            months.RemoveAll(anew.Contains);
            return IsWhole(months) ? months.ToImmutable() : throw new SegmentCorruptException(damaged.Count > 0
                ? $"{string.Join("; ", damaged)}; nor does its summary hold"
                : $"the months of {key.Token} do not come to what its row says ({row[6]} bars): one is missing or damaged");

            bool IsWhole(IEnumerable<MonthSummary> of)
            {
                RateSummary life = default;
                foreach (MonthSummary month in of)
                {
                    if (!life.IsEmpty && month.Summary.FirstSlot <= life.LastSlot)
                    {
                        return false;
                    }

                    life += month.Summary;
                }

                return (life.IsEmpty || open.IsEmpty || open.FirstSlot > life.LastSlot) && Agrees(row, life + open);
            }
        }

        private static bool Agrees(object?[] row, RateSummary life) =>
            row[6] is long bars && bars == life.Count && (life.IsEmpty || row[4] is long first && first == life.FirstSlot && row[5] is long last && last == life.LastSlot);

        public Segment Month(NumberKey key, int month)
        {
            (long at, string name) = (StoredMonth.KeyOf(key.Number, month), StoredMonth.NameOf(month, key.Token));
            try
            {
                return Bars(at) is not var (summary, bars) ? throw new SegmentCorruptException($"{name} is not in the store")
                    : StoredMonth.Holds(at, summary) && !StoredMonth.IsOf(summary, bars) ? throw new SegmentCorruptException($"{name}: the bars are not those that its summary is of")
                    : Segment.Open(bars, name) is var segment && segment.BaseDay != BarTime.FirstDayOfMonth(month) ? throw new SegmentCorruptException($"{name} holds another month's bars")
                    : segment;
            }
            catch (SqliteException e) when (SqliteDatabase.IsDamage(e))
            {
                throw new SegmentCorruptException($"{name} cannot be read: {e.Message}", e);
            }
        }

        /// <summary>How far months are renewed, and the number of the last token.</summary>
        public (long After, long Last) Renewal()
        {
            using SqliteDataReader row = _renewal.ExecuteReader();
            row.Read();
            return (!row.IsDBNull(0) && SummedTable.Renewal.Of((long)StoredMonth.Form, row.GetValue(0)).Equals(row.GetValue(1)) ? row.GetInt64(0) : 0, row.GetInt64(2));
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
            foreach ((long key, _) in next.Where(month => month.Length is MonthSummary.FirstVersionLength or MonthSummary.StoredLength))
            {
                try
                {
                    if (Bars(key) is var (summary, bars))
                    {
                        Segment segment = Segment.Open(bars, StoredMonth.NameOf(StoredMonth.MonthOf(key), $"token {StoredMonth.NumberOf(key)}"));
                        MonthSummary anew = new(StoredMonth.MonthOf(key), segment.Summary());
                        if (summary.Length == MonthSummary.FirstVersionLength || anew == MonthSummary.Restore(anew.Month, summary))
                        {
                            byte[] current = Bytes(segment);
                            renewed.Add((key, StoredMonth.Store(key, anew, current), current));
                        }
                    }
                }
                catch (SegmentCorruptException)
                {
                    // Left as it is: `pnl check` names it, and so does whoever reads it.
                }
            }

            return (renewed, next.Count < most ? AllMonths : next[^1].Key);
        }

        private (byte[] Summary, byte[] Bars)? Bars(long key)
        {
            _month.Parameters["$key"].Value = key;
            using SqliteDataReader row = _month.ExecuteReader();
            return row.Read() ? (row.GetValue(0) as byte[] ?? [], row.GetValue(1) as byte[] ?? []) : null;
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

        public List<DeadLetter> DeadLetters(long before, int limit)
        {
            _letters.Parameters["$before"].Value = before;
            _letters.Parameters["$limit"].Value = limit;
            List<DeadLetter> letters = [];
            using SqliteDataReader row = _letters.ExecuteReader();
            while (row.Read())
            {
                letters.Add(SummedTable.Letter.Of(row.GetValue(0), row.GetValue(1), row.GetValue(2), row.GetValue(3), row.GetValue(4)).Equals(row.GetValue(5))
                    ? new(DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)), row.GetString(2), row.GetString(3), row.GetString(4)) { Id = row.GetString(0) }
                    : new(DateTimeOffset.UnixEpoch, "", DeadLetter.Damaged, $"dead letter {row.GetValue(0)} is damaged: its checksum does not hold") { Id = row.GetString(0) });
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

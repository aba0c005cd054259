using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Pnl.Rates;

/// <summary>Keeps portfolios in a <see cref="SqliteDatabase"/>: a row a portfolio, a row an entry.</summary>
public sealed class SqlitePortfolioStore : IPortfolioStore
{
    private const int BytesAnEntry = 300;

    private readonly SqliteDatabase _database;
    private readonly string[] _damagedNames, _damagedDeleted;
    private Statements? _statements; // the writer's; made on its thread

    /// <summary>Keeps portfolios in a database that others share.</summary>
    public SqlitePortfolioStore(SqliteDatabase database)
    {
        ArgumentNullException.ThrowIfNull(database);
        _database = database;
        database.Prepare("""
            CREATE TABLE IF NOT EXISTS portfolio (
                number INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                revision INTEGER NOT NULL,
                terms TEXT NOT NULL,
                base INTEGER NOT NULL,
                as_of INTEGER);
            CREATE TABLE IF NOT EXISTS ledger_entry (
                portfolio INTEGER NOT NULL,
                id TEXT NOT NULL,
                entry TEXT NOT NULL,
                PRIMARY KEY (portfolio, id)) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS deleted_portfolio (
                id TEXT PRIMARY KEY,
                answered INTEGER NOT NULL) WITHOUT ROWID;
            """, SummedTable.Entry.Upgrade, CountEntries, SummedTable.Portfolio.Upgrade, SummedTable.Deleted.Upgrade);
        using SqliteConnection connection = database.OpenReader();
        _damagedNames = SummedTable.Portfolio.DamagedNames(connection, "id");
        _damagedDeleted = SummedTable.Deleted.DamagedNames(connection, "id");
    }

    /// <summary>
    /// Gives portfolios the exclusive or of the checksums of their entries, by which they know that none is missing and
    /// none is another's.
    /// </summary>
    private static void CountEntries(SqliteConnection connection)
    {
        if (SummedTable.Portfolio.IsThere(connection))
        {
            return;
        }

        SqliteDatabase.Run(connection, "ALTER TABLE portfolio ADD COLUMN entries INTEGER NOT NULL DEFAULT 0");
        Dictionary<long, long> all = [];
        using (SqliteCommand command = Command(connection, "SELECT portfolio, sum FROM ledger_entry"))
        using (SqliteDataReader row = command.ExecuteReader())
        {
            while (row.Read())
            {
                all[row.GetInt64(0)] = all.GetValueOrDefault(row.GetInt64(0)) ^ row.GetInt64(1);
            }
        }

        using SqliteCommand write = Command(connection, "UPDATE portfolio SET entries = $entries WHERE number = $number", "$number", "$entries");
        foreach ((long number, long entries) in all)
        {
            (write.Parameters["$number"].Value, write.Parameters["$entries"].Value) = (number, entries);
            write.ExecuteNonQuery();
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoredPortfolio?> LoadAsync(string portfolio, CancellationToken cancellation)
    {
        using SqliteConnection connection = _database.OpenReader();
        SqliteDatabase.Run(connection, "BEGIN"); // the portfolio and its entries are of one moment
        try
        {
            return new(Load(connection, portfolio, cancellation));
        }
        catch (SqliteException e) when (SqliteDatabase.IsDamage(e))
        {
            throw new StoreDamagedException($"the portfolio {portfolio} cannot be read: {e.Message}", e);
        }
    }

    private StoredPortfolio? Load(SqliteConnection connection, string portfolio, CancellationToken cancellation)
    {
        using SqliteCommand head = Command(connection, "SELECT number, revision, terms, base, as_of, entries, sum FROM portfolio WHERE id = $id", "$id");
        head.Parameters["$id"].Value = portfolio;
        using SqliteDataReader row = head.ExecuteReader();
        if (!row.Read())
        {
            return SummedTable.Near(_damagedNames, portfolio) is { } damaged
                ? throw new StoreDamagedException($"the row of a portfolio that stands in the store as '{damaged}' is damaged, and may be that of {portfolio}")
                : null;
        }

        if (!SummedTable.Portfolio.Of(row.GetValue(0), portfolio, row.GetValue(1), row.GetValue(2), row.GetValue(3), row.GetValue(4), row.GetValue(5)).Equals(row.GetValue(6)))
        {
            throw new StoreDamagedException($"the terms and revision of the portfolio {portfolio} are damaged: their checksum does not hold");
        }

        long number = row.GetInt64(0), left = row.GetInt64(5);
        PortfolioHead stored = new(row.GetInt64(1), Terms(portfolio, row.GetString(2)), row.GetInt64(3), row.IsDBNull(4) ? null : row.GetInt64(4));
        using SqliteCommand all = Command(connection, "SELECT id, entry, sum FROM ledger_entry WHERE portfolio = $portfolio", "$portfolio");
        all.Parameters["$portfolio"].Value = number;
        List<LedgerEntry> entries = [];
        using SqliteDataReader rows = all.ExecuteReader();
        while (rows.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (!SummedTable.Entry.Of(number, rows.GetValue(0), rows.GetValue(1)).Equals(rows.GetValue(2)))
            {
                throw new StoreDamagedException($"the entry {rows.GetValue(0)} of the portfolio {portfolio} is damaged: its checksum does not hold");
            }

            left ^= rows.GetInt64(2);
            entries.Add(StoredJson.Read<EntryRow>(rows.GetString(1), $"an entry of the portfolio {portfolio}").Entry());
        }

        return left == 0 ? new(new NumberKey(number), stored, entries)
            : throw new StoreDamagedException($"the entries of the portfolio {portfolio} are not those that were written: one is missing or damaged");
    }

    /// <inheritdoc/>
    public async Task<PortfolioKey> WriteAsync(PortfolioWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        (string Id, string Json)[] put = [.. write.Put.Select(entry => (entry.Id, JsonSerializer.Serialize(EntryRow.Of(entry), StoredJson.Options)))];
        string terms = JsonSerializer.Serialize(write.Head.Terms, StoredJson.Options);
        long? number = null;
        await _database.WriteAsync(
            connection => number = (_statements ??= new(connection)).Write(write, terms, put),
            BytesAnEntry + put.Sum(entry => (long)entry.Json.Length) + BytesAnEntry * write.Deleted.Count);
        return number is { } known ? new NumberKey(known) : throw Conflict(write.Portfolio, write.SeenRevision);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string portfolio, PortfolioKey key, long seenRevision, long answered)
    {
        bool deleted = false;
        await _database.WriteAsync(connection => deleted = (_statements ??= new(connection)).Delete(portfolio, ((NumberKey)key).Number, seenRevision, answered), BytesAnEntry);
        if (!deleted)
        {
            throw Conflict(portfolio, seenRevision);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> DeletedAtAsync(string portfolio, CancellationToken cancellation)
    {
        using SqliteConnection connection = _database.OpenReader();
        using SqliteCommand find = Command(connection, "SELECT answered, sum FROM deleted_portfolio WHERE id = $id", "$id");
        find.Parameters["$id"].Value = portfolio;
        using SqliteDataReader row = find.ExecuteReader();
        bool isThere = row.Read();
        return isThere ? SummedTable.Deleted.Of(portfolio, row.GetValue(0)).Equals(row.GetValue(1)) ? new(row.GetInt64(0)) : throw Damaged(portfolio)
            : SummedTable.Near(_damagedDeleted, portfolio) is null ? new(0) : throw Damaged(portfolio);

        static StoreDamagedException Damaged(string portfolio) => new($"what is kept of the deleted portfolio {portfolio} is damaged: its checksum does not hold");
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ListedPortfolio>> ListAsync(string? after, int limit, CancellationToken cancellation)
    {
        using SqliteConnection connection = _database.OpenReader();
        using SqliteCommand list = Command(connection, "SELECT number, id, revision, terms, base, as_of, entries, sum FROM portfolio WHERE id > $after ORDER BY id LIMIT $limit", "$after", "$limit");
        list.Parameters["$after"].Value = after ?? "";
        list.Parameters["$limit"].Value = limit;
        List<ListedPortfolio> portfolios = [];
        using SqliteDataReader rows = list.ExecuteReader();
        while (rows.Read())
        {
            object[] values = new object[rows.FieldCount];
            rows.GetValues(values);
            if (SummedTable.Portfolio.Of(values.AsSpan(0, 7)).Equals(values[7])) // one that is damaged says so itself, and keeps no other from being listed
            {
                portfolios.Add(new(rows.GetString(1), Terms(rows.GetString(1), rows.GetString(3))));
            }
        }

        return new(portfolios);
    }

    /// <inheritdoc/>
    public ValueTask<int> CountOfAsync(string token, CancellationToken cancellation)
    {
        using SqliteConnection connection = _database.OpenReader();
        using SqliteCommand count = Command(
            connection,
            """
            SELECT count(*) FROM portfolio WHERE instr(terms, $base) > 0 OR EXISTS (
                SELECT 1 FROM ledger_entry WHERE ledger_entry.portfolio = portfolio.number AND (instr(entry, $token) > 0 OR instr(entry, $currency) > 0))
            """,
            "$base", "$token", "$currency");
        foreach ((string parameter, string member) in ((string, string)[])[("$base", nameof(PortfolioTerms.BaseCurrency)), ("$token", nameof(EntryRow.Token)), ("$currency", nameof(EntryRow.Currency))])
        {
            // As it stands in the JSON: an id has no character that is escaped, and quotation marks within a text are.
            count.Parameters[parameter].Value = $"\"{StoredJson.Options.PropertyNamingPolicy!.ConvertName(member)}\":\"{token}\"";
        }

        return new((int)(long)count.ExecuteScalar()!);
    }

    private static PortfolioTerms Terms(string portfolio, string json) => StoredJson.Read<PortfolioTerms>(json, $"the terms of the portfolio {portfolio}");

    private static StoreConflictException Conflict(string portfolio, long seenRevision) =>
        new($"the portfolio {portfolio} is no longer at revision {seenRevision}: another activation wrote it");

    private static SqliteCommand Command(SqliteConnection connection, string sql, params string[] parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (string name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }

    /// <summary>The writer's prepared statements.</summary>
    private sealed class Statements(SqliteConnection connection)
    {
        private readonly SqliteCommand _insert = Command(
            connection,
            "INSERT INTO portfolio (number, id, revision, terms, base, as_of) VALUES ($number, $id, $revision, $terms, $base, $asOf) ON CONFLICT (id) DO NOTHING RETURNING number, entries",
            "$number", "$id", "$revision", "$terms", "$base", "$asOf");

        private readonly SqliteCommand _update = Command(
            connection,
            "UPDATE portfolio SET revision = $revision, terms = $terms, base = $base, as_of = $asOf WHERE number = $number AND id = $id AND revision = $seen RETURNING number, entries",
            "$number", "$id", "$seen", "$revision", "$terms", "$base", "$asOf");

        private readonly SqliteCommand _put = Command(
            connection, "INSERT OR REPLACE INTO ledger_entry (portfolio, id, entry, sum) VALUES ($portfolio, $id, $entry, $sum)", "$portfolio", "$id", "$entry", "$sum");

        private readonly SqliteCommand _known = Command(connection, "SELECT sum FROM ledger_entry WHERE portfolio = $portfolio AND id = $id", "$portfolio", "$id");

        private readonly SqliteCommand _number = Command(connection, $"SELECT coalesce(max(number), 0) + 1 FROM portfolio WHERE number < {1L << 60}");

        private readonly SqliteCommand _sum = Command(connection, "UPDATE portfolio SET entries = $entries, sum = $sum WHERE number = $number", "$number", "$entries", "$sum");

        private readonly SqliteCommand _delete = Command(connection, "DELETE FROM ledger_entry WHERE portfolio = $portfolio AND id = $id", "$portfolio", "$id");

        private readonly SqliteCommand _remove = Command(
            connection, "DELETE FROM portfolio WHERE number = $number AND id = $id AND revision = $seen RETURNING number", "$number", "$id", "$seen");

        private readonly SqliteCommand _removeEntries = Command(connection, "DELETE FROM ledger_entry WHERE portfolio = $portfolio", "$portfolio");

        private readonly SqliteCommand _removed = Command(connection, "INSERT OR REPLACE INTO deleted_portfolio (id, answered, sum) VALUES ($id, $answered, $sum)", "$id", "$answered", "$sum");

        /// <summary>False if another came first.</summary>
        public bool Delete(string portfolio, long number, long seenRevision, long answered)
        {
            (_remove.Parameters["$number"].Value, _remove.Parameters["$id"].Value, _remove.Parameters["$seen"].Value) = (number, portfolio, seenRevision);
            if (_remove.ExecuteScalar() is not long)
            {
                return false;
            }

            _removeEntries.Parameters["$portfolio"].Value = number;
            _removeEntries.ExecuteNonQuery();
            (_removed.Parameters["$id"].Value, _removed.Parameters["$answered"].Value) = (portfolio, answered);
            _removed.Parameters["$sum"].Value = SummedTable.Deleted.Of(portfolio, answered);
            _removed.ExecuteNonQuery();
            return true;
        }

        /// <summary>Null if another came first.</summary>
        public long? Write(PortfolioWrite write, string terms, (string Id, string Json)[] put)
        {
            SqliteCommand head = write.Key is null ? _insert : _update;
            if (write.Key is NumberKey { Number: var known })
            {
                head.Parameters["$number"].Value = known;
                head.Parameters["$seen"].Value = write.SeenRevision;
            }
            else
            {
                head.Parameters["$number"].Value = (long)_number.ExecuteScalar()!;
            }

            head.Parameters["$id"].Value = write.Portfolio; // a number that is free again goes to another portfolio
            head.Parameters["$revision"].Value = write.Head.Revision;
            head.Parameters["$terms"].Value = terms;
            head.Parameters["$base"].Value = write.Head.Base;
            head.Parameters["$asOf"].Value = (object?)write.Head.AsOf ?? DBNull.Value;
            long number, entries;
            using (SqliteDataReader row = head.ExecuteReader())
            {
                if (!row.Read())
                {
                    return null;
                }

                (number, entries) = (row.GetInt64(0), row.GetInt64(1));
            }

            foreach ((string id, string entry) in put)
            {
                long sum = SummedTable.Entry.Of(number, id, entry);
                entries ^= Known(number, id) ^ sum;
                _put.Parameters["$portfolio"].Value = number;
                _put.Parameters["$id"].Value = id;
                _put.Parameters["$entry"].Value = entry;
                _put.Parameters["$sum"].Value = sum;
                _put.ExecuteNonQuery();
            }

            foreach (string id in write.Deleted)
            {
                entries ^= Known(number, id);
                _delete.Parameters["$portfolio"].Value = number;
                _delete.Parameters["$id"].Value = id;
                _delete.ExecuteNonQuery();
            }

            (_sum.Parameters["$number"].Value, _sum.Parameters["$entries"].Value) = (number, entries);
            _sum.Parameters["$sum"].Value = SummedTable.Portfolio.Of(number, write.Portfolio, write.Head.Revision, terms, write.Head.Base, write.Head.AsOf, entries);
            _sum.ExecuteNonQuery();
            return number;
        }

        /// <summary>The checksum of an entry that is there; 0 without.</summary>
        private long Known(long portfolio, string id)
        {
            (_known.Parameters["$portfolio"].Value, _known.Parameters["$id"].Value) = (portfolio, id);
            return _known.ExecuteScalar() as long? ?? 0;
        }
    }

    private sealed record NumberKey(long Number) : PortfolioKey;
}

using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Pnl.Rates;

/// <summary>Keeps portfolios in a <see cref="SqliteDatabase"/>: a row a portfolio, a row an entry.</summary>
public sealed class SqlitePortfolioStore : IPortfolioStore
{
    private const int BytesAnEntry = 300;

    private readonly SqliteDatabase _database;
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
            """);
    }

    /// <inheritdoc/>
    public ValueTask<StoredPortfolio?> LoadAsync(string portfolio, CancellationToken cancellation)
    {
        using SqliteConnection connection = _database.OpenReader();
        SqliteDatabase.Run(connection, "BEGIN"); // the portfolio and its entries are of one moment
        using SqliteCommand head = Command(connection, "SELECT number, revision, terms, base, as_of FROM portfolio WHERE id = $id", "$id");
        head.Parameters["$id"].Value = portfolio;
        using SqliteDataReader row = head.ExecuteReader();
        if (!row.Read())
        {
            return new((StoredPortfolio?)null);
        }

        long number = row.GetInt64(0);
        PortfolioHead stored = new(row.GetInt64(1), Terms(portfolio, row.GetString(2)), row.GetInt64(3), row.IsDBNull(4) ? null : row.GetInt64(4));
        using SqliteCommand all = Command(connection, "SELECT entry FROM ledger_entry WHERE portfolio = $portfolio", "$portfolio");
        all.Parameters["$portfolio"].Value = number;
        List<LedgerEntry> entries = [];
        using SqliteDataReader rows = all.ExecuteReader();
        while (rows.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            entries.Add(StoredJson.Read<EntryRow>(rows.GetString(0), $"an entry of the portfolio {portfolio}").Entry());
        }

        return new(new StoredPortfolio(new NumberKey(number), stored, entries));
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
        using SqliteCommand find = Command(connection, "SELECT answered FROM deleted_portfolio WHERE id = $id", "$id");
        find.Parameters["$id"].Value = portfolio;
        return new(find.ExecuteScalar() as long? ?? 0);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ListedPortfolio>> ListAsync(string? after, int limit, CancellationToken cancellation)
    {
        using SqliteConnection connection = _database.OpenReader();
        using SqliteCommand list = Command(connection, "SELECT id, terms FROM portfolio WHERE id > $after ORDER BY id LIMIT $limit", "$after", "$limit");
        list.Parameters["$after"].Value = after ?? "";
        list.Parameters["$limit"].Value = limit;
        List<ListedPortfolio> portfolios = [];
        using SqliteDataReader rows = list.ExecuteReader();
        while (rows.Read())
        {
            portfolios.Add(new(rows.GetString(0), Terms(rows.GetString(0), rows.GetString(1))));
        }

        return new(portfolios);
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
            "INSERT INTO portfolio (id, revision, terms, base, as_of) VALUES ($id, $revision, $terms, $base, $asOf) ON CONFLICT (id) DO NOTHING RETURNING number",
            "$id", "$revision", "$terms", "$base", "$asOf");

        private readonly SqliteCommand _update = Command(
            connection,
            "UPDATE portfolio SET revision = $revision, terms = $terms, base = $base, as_of = $asOf WHERE number = $number AND id = $id AND revision = $seen RETURNING number",
            "$number", "$id", "$seen", "$revision", "$terms", "$base", "$asOf");

        private readonly SqliteCommand _put = Command(
            connection, "INSERT OR REPLACE INTO ledger_entry (portfolio, id, entry) VALUES ($portfolio, $id, $entry)", "$portfolio", "$id", "$entry");

        private readonly SqliteCommand _delete = Command(connection, "DELETE FROM ledger_entry WHERE portfolio = $portfolio AND id = $id", "$portfolio", "$id");

        private readonly SqliteCommand _remove = Command(
            connection, "DELETE FROM portfolio WHERE number = $number AND id = $id AND revision = $seen RETURNING number", "$number", "$id", "$seen");

        private readonly SqliteCommand _removeEntries = Command(connection, "DELETE FROM ledger_entry WHERE portfolio = $portfolio", "$portfolio");

        private readonly SqliteCommand _removed = Command(connection, "INSERT OR REPLACE INTO deleted_portfolio (id, answered) VALUES ($id, $answered)", "$id", "$answered");

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

            head.Parameters["$id"].Value = write.Portfolio; // a number that is free again goes to another portfolio
            head.Parameters["$revision"].Value = write.Head.Revision;
            head.Parameters["$terms"].Value = terms;
            head.Parameters["$base"].Value = write.Head.Base;
            head.Parameters["$asOf"].Value = (object?)write.Head.AsOf ?? DBNull.Value;
            if (head.ExecuteScalar() is not long number)
            {
                return null;
            }

            foreach ((string id, string entry) in put)
            {
                _put.Parameters["$portfolio"].Value = number;
                _put.Parameters["$id"].Value = id;
                _put.Parameters["$entry"].Value = entry;
                _put.ExecuteNonQuery();
            }

            foreach (string id in write.Deleted)
            {
                _delete.Parameters["$portfolio"].Value = number;
                _delete.Parameters["$id"].Value = id;
                _delete.ExecuteNonQuery();
            }

            return number;
        }
    }

    private sealed record NumberKey(long Number) : PortfolioKey;
}

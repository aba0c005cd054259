using Microsoft.Data.Sqlite;

namespace Pnl.Rates;

/// <summary>
/// A table of which every row has a checksum in a column of its own, or several over parts of the row. A table of a release
/// without checksums gets them as it is opened, in one transaction: where the column is there every row must have one.
/// </summary>
/// <param name="Name">Table.</param>
/// <param name="Key">The columns that name a row.</param>
/// <param name="Sums">The columns of checksums, each with the columns that it is over.</param>
internal sealed record SummedTable(string Name, string[] Key, params SummedTable.Sum[] Sums)
{
    /// <summary>Tokens: the registration changes rarely, the rest with every bar.</summary>
    public static readonly SummedTable Token = new(
        "token", ["number"],
        new("registration_sum", "number", "id", "registration", "search"),
        new("sum", "number", "id", "revision", "first_slot", "last_slot", "bars", "coverage", "tail"));

    /// <summary>Portfolios.</summary>
    public static readonly SummedTable Portfolio = new("portfolio", ["number"], new Sum("sum", "number", "id", "revision", "terms", "base", "as_of", "entries"));

    /// <summary>Entries of portfolios.</summary>
    public static readonly SummedTable Entry = new("ledger_entry", ["portfolio", "id"], new Sum("sum", "portfolio", "id", "entry"));

    /// <summary>Portfolios that were deleted.</summary>
    public static readonly SummedTable Deleted = new("deleted_portfolio", ["id"], new Sum("sum", "id", "answered"));

    /// <summary>Dead letters.</summary>
    public static readonly SummedTable Letter = new("dead_letter", ["number"], new Sum("sum", "number", "at", "token", "reason", "payload"));

    /// <summary>How far months are of the current form.</summary>
    public static readonly SummedTable Renewal = new("renewal", ["form"], new Sum("sum", "form", "month"));

    /// <summary>State of grains, API keys and the audit log among them.</summary>
    public static readonly SummedTable State = new("grain_state", ["key"], new Sum("sum", "key", "etag", "state"));

    /// <summary>The store's id and epoch.</summary>
    public static readonly SummedTable Store = new("store", ["one"], new Sum("sum", "one", "id", "epoch"));

    /// <summary>All tables of a database but the months, whose summaries hold their checksums.</summary>
    public static readonly SummedTable[] All = [Token, Portfolio, Entry, Deleted, Letter, Renewal, State, Store];

    /// <summary>Gives a table of an earlier release its checksums, if it has none.</summary>
    /// <param name="connection">Within a transaction.</param>
    public void Upgrade(SqliteConnection connection)
    {
        if (IsThere(connection))
        {
            return;
        }

        Run(connection, $"{string.Concat(Sums.Select(sum => $"ALTER TABLE {Name} ADD COLUMN {sum.Column} INTEGER;"))}");
        Resum(connection);
    }

    /// <summary>Whether the table has checksums.</summary>
    public bool IsThere(SqliteConnection connection) =>
        Scalar(connection, $"SELECT count(*) FROM pragma_table_info('{Name}') WHERE name = '{Sums[^1].Column}'") > 0;

    /// <summary>Whether there is such a table.</summary>
    public bool Exists(SqliteConnection connection) => Scalar(connection, $"SELECT count(*) FROM pragma_table_info('{Name}')") > 0;

    /// <summary>Computes a checksum.</summary>
    /// <param name="values">The values of its columns, in their order.</param>
    public long Of(Sum sum, params ReadOnlySpan<object?> values) => RowSum.Of(sum.Name ??= $"{Name}.{sum.Column}", values);

    /// <summary>Computes the checksum of a table that has one.</summary>
    public long Of(params ReadOnlySpan<object?> values) => Of(Sums[^1], values);

    /// <summary>All rows, in the order of their keys. What cannot be read throws.</summary>
    public IEnumerable<Row> Rows(SqliteConnection connection, string where = "")
    {
        bool summed = IsThere(connection);
        string[] columns = [.. Sums.SelectMany(sum => sum.Of).Distinct(), .. summed ? Sums.Select(sum => sum.Column) : []];
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // only constants
        command.CommandText = $"SELECT {string.Join(", ", columns)} FROM {Name} {where} ORDER BY {string.Join(", ", Key)}";
#pragma warning restore CA2100
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            Dictionary<string, object?> values = new(StringComparer.Ordinal);
            for (int i = 0; i < columns.Length; i++)
            {
                values[columns[i]] = row.IsDBNull(i) ? null : row.GetValue(i);
            }

            yield return new(this, values, summed);
        }
    }

    /// <summary>
    /// The names of rows that do not hold, for those whom a search for a name finds nothing: the name itself may be what is
    /// damaged.
    /// </summary>
    /// <param name="connection">For reading.</param>
    /// <param name="column">Holds names.</param>
    public string[] DamagedNames(SqliteConnection connection, string column)
    {
        Sum sum = Sums.First(sum => sum.Of.Contains(column));
        List<string> names = [];
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // only constants
        command.CommandText = $"SELECT {string.Join(", ", sum.Of)}, {sum.Column} FROM {Name}";
#pragma warning restore CA2100
        using SqliteDataReader row = command.ExecuteReader();
        object?[] values = new object?[sum.Of.Length];
        while (row.Read())
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = row.GetValue(i);
            }

            if (!Of(sum, values).Equals(row.GetValue(values.Length)))
            {
                names.Add(values[Array.IndexOf(sum.Of, column)]?.ToString() ?? "");
            }
        }

        return [.. names];
    }

    /// <summary>The damaged name that may have been the one looked for: of its length, and the same but for a character.</summary>
    public static string? Near(string[] damaged, string name) => Array.Find(
        damaged, other => other.Length == name.Length && other != name && other.Zip(name).Count(pair => pair.First != pair.Second) == 1);

    private void Resum(SqliteConnection connection)
    {
        foreach (Row row in Rows(connection)) // a change of other columns than the key does not disturb the reading
        {
            Write(connection, row, Sums.Select(sum => (sum.Column, (object?)row.Computed(sum))));
        }
    }

    /// <summary>Writes columns of a row.</summary>
    public void Write(SqliteConnection connection, Row row, IEnumerable<(string Column, object? Value)> columns)
    {
        using SqliteCommand command = connection.CreateCommand();
        List<string> set = [];
        foreach ((string column, object? value) in columns)
        {
            set.Add($"{column} = $s{set.Count}");
            command.Parameters.AddWithValue($"$s{set.Count - 1}", value ?? DBNull.Value);
        }

#pragma warning disable CA2100 // only names of columns
        command.CommandText = $"UPDATE {Name} SET {string.Join(", ", set)} WHERE {Where(command, row)}";
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>Deletes a row.</summary>
    public void Delete(SqliteConnection connection, Row row)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // only names of columns
        command.CommandText = $"DELETE FROM {Name} WHERE {Where(command, row)}";
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private string Where(SqliteCommand command, Row row)
    {
        foreach (string column in Key)
        {
            command.Parameters.AddWithValue($"$k_{column}", row[column] ?? DBNull.Value);
        }

        return string.Join(" AND ", Key.Select(column => $"{column} = $k_{column}"));
    }

    private static void Run(SqliteConnection connection, string sql) => SqliteDatabase.Run(connection, sql);

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // only constants
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>A checksum of a table.</summary>
    /// <param name="Column">Where it stands.</param>
    /// <param name="Of">What it is over.</param>
    public sealed record Sum(string Column, params string[] Of)
    {
        /// <summary>What is summed; given by the table as it is first computed.</summary>
        internal string? Name { get; set; }
    }

    /// <summary>A row as it is stored.</summary>
    public sealed class Row(SummedTable table, Dictionary<string, object?> values, bool isSummed)
    {
        /// <summary>The table.</summary>
        public SummedTable Table => table;

        /// <summary>The value of a column.</summary>
        public object? this[string column]
        {
            get => values[column];
            set => values[column] = value;
        }

        /// <summary>The checksums that do not hold; none where the table has none yet.</summary>
        public IEnumerable<Sum> Damaged => isSummed ? table.Sums.Where(sum => !Computed(sum).Equals(values[sum.Column])) : [];

        /// <summary>The checksum that the values have.</summary>
        public long Computed(Sum sum) => table.Of(sum, [.. sum.Of.Select(column => values[column])]);

        /// <summary>For people: what names it.</summary>
        public string Name(string column) => values[column]?.ToString() ?? "";
    }
}

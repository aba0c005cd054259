using System.Data.Common;
using System.Globalization;
using DuckDB.NET.Data;
using Pnl.Bench.Data;
using Pnl.Bench.Reporting;

namespace Pnl.Bench.Peers;

/// <summary>A DuckDB database in a file of its own, with two threads and room enough to stay in memory.</summary>
internal sealed class DuckDb : IDisposable
{
    private readonly DuckDBConnection _connection;

    private DuckDb(DuckDBConnection connection, string path) => (_connection, Path) = (connection, path);

    public string Path { get; }

    public static DuckDb Open(BenchRun run)
    {
        string path = run.NewPath(".duckdb");
        DuckDBConnection connection = new($"Data Source={path}");
        connection.Open();
        DuckDb database = new(connection, path);
        database.Execute($"SET threads = 2; SET memory_limit = '8GB'; SET temp_directory = '{run.NewPath("-spill")}'");
        return database;
    }

    public static string Name => $"DuckDB {Version.Value}";

    private static readonly Lazy<string> Version = new(() =>
    {
        using DuckDBConnection connection = new("Data Source=:memory:");
        connection.Open();
        using DbCommand command = connection.CreateCommand();
        command.CommandText = "SELECT version()";
        return ((string)command.ExecuteScalar()!).TrimStart('v');
    });

    /// <summary>
    /// Loads bars in the order of tokens and slots as <c>bars(token, slot, close)</c>, close as a double: the quickest
    /// form for statistics.
    /// </summary>
    public void LoadBars(BenchRun run, IReadOnlyList<TokenBars> tokens, string columns = "token, slot, close")
    {
        string file = run.NewPath(".parquet");
        ParquetMantissas.WriteForLoading(file, tokens);
        Execute($"CREATE TABLE bars AS SELECT {columns} FROM read_parquet('{file}')");
        Execute("CHECKPOINT");
        File.Delete(file);
    }

    public void Execute(string sql)
    {
        using DbCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public DbCommand Prepare(string sql)
    {
        DbCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    /// <summary>Runs a query and takes all of its rows, as numbers; NULL is NaN.</summary>
    public List<double[]> Rows(string sql)
    {
        using DbCommand command = Prepare(sql);
        using DbDataReader reader = command.ExecuteReader();
        List<double[]> rows = [];
        while (reader.Read())
        {
            double[] row = new double[reader.FieldCount];
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? double.NaN : Convert.ToDouble(reader.GetValue(i), CultureInfo.InvariantCulture);
            }

            rows.Add(row);
        }

        return rows;
    }

    public void Dispose() => _connection.Dispose();
}

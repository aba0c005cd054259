using DuckDB.NET.Data;

namespace Pnl.Tests.Acceptance.Oracle;

/// <summary>
/// The definitions of windows and series in SQL over one market data file: an engine that shares nothing with ours. Rates
/// are read from text into DECIMAL(38,18), so money is exact there too.
/// </summary>
internal sealed class MarketSql : IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public MarketSql(string csvFile)
        : this(connection => Run(connection, $"""
            CREATE TABLE bars AS
            SELECT CAST(open_time_unix_s AS BIGINT) + 300 AS known, CAST(close AS DECIMAL(38,18)) AS rate
            FROM read_csv('{Text(csvFile)}', header = true, all_varchar = true)
            """))
    {
    }

    private MarketSql(Action<DuckDBConnection> fill)
    {
        _connection.Open();
        Run(_connection, "SET threads = 2");
        fill(_connection);
        (First, Last, Count) = Rows("SELECT min(known), max(known), count(*) FROM bars", row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)))[0];
    }

    /// <summary>
    /// The life of a token of three listings: 5-minute bars in its quote come first, then those of another quote times the
    /// daily rate of that as of the same close, if it is at most two days old, then days in which neither has a bar.
    /// </summary>
    /// <param name="fine">A file of 5-minute bars.</param>
    /// <param name="dailies">A file of dates and rates.</param>
    /// <param name="factors">Such a file, of the other quote.</param>
    /// <param name="quoted">The bars in the other quote, by their close.</param>
    public static MarketSql OneLife(string fine, string dailies, string factors, IEnumerable<(long Known, decimal Rate)> quoted) => new(connection =>
    {
        Run(connection, "CREATE TABLE quoted (known BIGINT, rate DECIMAL(18,8))");
        using (DuckDBAppender appender = connection.CreateAppender("quoted"))
        {
            foreach ((long known, decimal rate) in quoted)
            {
                appender.CreateRow().AppendValue(known).AppendValue(rate).EndRow();
            }
        }

        Run(connection, $"""
            CREATE TABLE factors AS
            SELECT epoch(CAST(date AS TIMESTAMP))::BIGINT + 86400 AS known, CAST(price_usd AS DECIMAL(19,18)) AS factor
            FROM read_csv('{Text(factors)}', header = true, all_varchar = true)
            """);
        Run(connection, $"""
            CREATE TABLE fine AS
            SELECT CAST(open_time_unix_s AS BIGINT) + 300 AS known, CAST(close AS DECIMAL(38,22)) AS rate
            FROM read_csv('{Text(fine)}', header = true, all_varchar = true)
            """);
        Run(connection, """
            INSERT INTO fine
            SELECT q.known, CAST(q.rate * f.factor AS DECIMAL(38,22)) FROM quoted q ASOF JOIN factors f ON q.known >= f.known
            WHERE q.known - f.known <= 2 * 86400 AND q.known NOT IN (SELECT known FROM fine)
            """);
        Run(connection, $"""
            CREATE TABLE bars AS
            SELECT known, rate FROM fine
            UNION ALL
            SELECT known, rate FROM (
                SELECT epoch(CAST(date AS TIMESTAMP))::BIGINT + 86400 AS known, CAST(price_usd AS DECIMAL(38,22)) AS rate
                FROM read_csv('{Text(dailies)}', header = true, all_varchar = true))
            WHERE known NOT IN (SELECT (known - 300) // 86400 * 86400 + 86400 FROM fine)
            """);
    });

    /// <summary>When the first bar became known.</summary>
    public long First { get; }

    /// <summary>When the last bar became known.</summary>
    public long Last { get; }

    public long Count { get; }

    /// <summary>The window from one instant to another.</summary>
    public Expected Window(long from, long to) => Rows($"""
        WITH sequence AS ( -- the rate as of the start, and every bar that became known since
            SELECT known, rate FROM bars
            WHERE known <= {to} AND known >= coalesce((SELECT max(known) FROM bars WHERE known <= {from}), 0)
        ), steps AS (
            SELECT known, rate,
                   max(rate) OVER (ORDER BY known)::DOUBLE AS peak,
                   ln(rate::DOUBLE) - ln((lag(rate) OVER (ORDER BY known))::DOUBLE) AS r,
                   (known - lag(known) OVER (ORDER BY known)) / 300 AS d
            FROM sequence
        )
        SELECT arg_min(rate, known), arg_max(rate, known) - arg_min(rate, known), max(rate), min(rate),
               max((peak - rate::DOUBLE) / peak), CASE WHEN count(r) > 1 THEN sqrt(greatest(0, sum(r * r / d) - sum(r) ** 2 / sum(d)) / (count(r) - 1) * 105120) END,
               count(*) FILTER (known > {from}), min(known) > {from}
        FROM steps
        """, row => new Expected(
            row.GetDecimal(0), row.GetDecimal(1), row.GetDecimal(2), row.GetDecimal(3), row.GetDouble(4), row.IsDBNull(5) ? null : row.GetDouble(5), row.GetInt64(6), row.GetBoolean(7)))[0];

    /// <summary>Day by day: open time, closing rate, PnL against the day before, or the first rate.</summary>
    public List<(long Time, decimal Rate, decimal Pnl)> Daily() => Rows("""
        WITH days AS (SELECT (known - 300) // 86400 * 86400 AS day, arg_max(rate, known) AS close FROM bars GROUP BY day)
        SELECT day, close, close - lag(close, 1, (SELECT arg_min(rate, known) FROM bars)) OVER (ORDER BY day) FROM days ORDER BY day
        """, row => (row.GetInt64(0), row.GetDecimal(1), row.GetDecimal(2)));

    public void Dispose() => _connection.Dispose();

    private static string Text(string path) => path.Replace("'", "''", StringComparison.Ordinal);

    private static void Run(DuckDBConnection connection, string sql)
    {
        using DuckDBCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // only constants and numbers of this class and the paths of files come here
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private List<T> Rows<T>(string sql, Func<System.Data.Common.DbDataReader, T> read)
    {
        using DuckDBCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // only constants and numbers of this class and the path of a file come here
        command.CommandText = sql;
#pragma warning restore CA2100
        using System.Data.Common.DbDataReader reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}

/// <summary>A window as SQL computes it.</summary>
internal sealed record Expected(
    decimal StartRate, decimal Pnl, decimal High, decimal Low, double MaxDrawdown, double? Volatility, long Bars, bool Partial);

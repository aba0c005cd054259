using DuckDB.NET.Data;

namespace Pnl.Tests.Unit.Oracle;

/// <summary>
/// The definitions of windows and series in SQL, over one market data file, by an engine that shares no line of code with
/// ours. Rates are DECIMAL(38,18), read from text, so that money is exact there too.
/// </summary>
internal sealed class Sql : IDisposable
{
    private const string Load =
        """
        CREATE TABLE bars AS
        SELECT CAST(open_time_unix_s AS BIGINT) AS open,
               CAST(close AS DECIMAL(38,18))    AS rate,
               close                            AS text
        FROM read_csv('{file}', header = true, all_varchar = true)
        ORDER BY open
        """;

    private const string Window =
        """
        WITH before AS (              -- the rate as of $from, if there is one then
            SELECT max(open) AS open, arg_max(rate, open) AS rate FROM bars WHERE open + 300 <= $from HAVING count(*) > 0
        ),
        within AS (                   -- the bars that became known in ($from, $to]
            SELECT open, rate FROM bars WHERE open + 300 > $from AND open + 300 <= $to
        ),
        sequence AS (
            FROM before UNION ALL FROM within
        ),
        steps AS (
            SELECT open,
                   rate,
                   max(rate) OVER (ORDER BY open ROWS UNBOUNDED PRECEDING)     AS peak,
                   ln(rate::DOUBLE / (lag(rate) OVER (ORDER BY open))::DOUBLE) AS r,
                   (open - lag(open) OVER (ORDER BY open)) / 300               AS d -- 5-minute periods that it spans
            FROM sequence
        )
        SELECT arg_min(rate, open)                           AS start_rate,
               arg_max(rate, open)                           AS end_rate,
               end_rate - start_rate                         AS pnl,
               max(rate)                                     AS high,
               min(rate)                                     AS low,
               max((peak - rate)::DOUBLE / peak::DOUBLE)     AS max_drawdown,
               CASE WHEN count(r) > 1 THEN sqrt(greatest(0, sum(r * r / d) - sum(r) ** 2 / sum(d)) / (count(r) - 1) * 105120) END AS volatility,
               (SELECT count(*) FROM within)                 AS bars,
               (SELECT count(*) FROM before) = 0             AS partial,
               (SELECT max(open) + 300 FROM bars WHERE open + 300 <= $to) AS as_of
        FROM steps
        """;

    private const string Series =
        """
        WITH periods AS (
            SELECT date_trunc('{unit}', make_timestamp(open * 1000000)) AS period, arg_max(rate, open) AS close
            FROM bars
            GROUP BY period
        ),
        first AS (
            SELECT arg_min(rate, open) AS rate FROM bars
        )
        SELECT epoch(period)::BIGINT                                                     AS time,
               close,
               close - lag(close, 1, (SELECT rate FROM first)) OVER (ORDER BY period)    AS pnl,
               close - (SELECT rate FROM first)                                          AS cumulative
        FROM periods
        ORDER BY period
        """;

    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public Sql(string csvFile)
    {
        _connection.Open();
        Execute("SET threads = 2", _ => 0);
        Execute(Load.Replace("{file}", csvFile.Replace("'", "''", StringComparison.Ordinal), StringComparison.Ordinal), _ => 0);
    }

    /// <summary>The bars as the engine is fed with them: rates from the file's own text.</summary>
    public Bar[] Bars() => [.. Execute("SELECT open, text FROM bars ORDER BY open", row =>
    {
        Assert.Equal(BarDefect.None, RateText.Parse(row.GetString(1), out decimal rate));
        return new Bar(BarTime.SlotAtSeconds(row.GetInt64(0)), rate);
    })];

    public Window WindowOf(long from, long to) => Execute(Window, row => new Window
    {
        From = from,
        To = to,
        StartRate = row.GetDecimal(0),
        EndRate = row.GetDecimal(1),
        Pnl = row.GetDecimal(2),
        Return = (double)row.GetDecimal(2) / (double)row.GetDecimal(0),
        High = row.GetDecimal(3),
        Low = row.GetDecimal(4),
        MaxDrawdown = row.GetDouble(5),
        Volatility = row.IsDBNull(6) ? null : row.GetDouble(6),
        Bars = (int)row.GetInt64(7),
        ExpectedBars = (int)((to - from) / 300),
        Partial = row.GetBoolean(8),
        AsOf = row.GetInt64(9),
    }, ("from", from), ("to", to)).Single();

    /// <param name="unit">day, week or month, as SQL names it.</param>
    public RateSeries SeriesBy(string unit)
    {
        List<(long Time, decimal Close, decimal Pnl, decimal Cumulative)> rows = Execute(
            Series.Replace("{unit}", unit, StringComparison.Ordinal), row => (row.GetInt64(0), row.GetDecimal(1), row.GetDecimal(2), row.GetDecimal(3)));
        return new([.. rows.Select(r => r.Time)], [.. rows.Select(r => r.Close)], new([.. rows.Select(r => r.Pnl)], null), new([.. rows.Select(r => r.Cumulative)], null), null);
    }

    public void Dispose() => _connection.Dispose();

    private List<T> Execute<T>(string sql, Func<System.Data.Common.DbDataReader, T> read, params (string Name, long Value)[] parameters)
    {
        using DuckDBCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // only constants of this class and the path of a file come here
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach ((string name, long value) in parameters)
        {
            command.Parameters.Add(new DuckDBParameter(name, value));
        }

        using System.Data.Common.DbDataReader reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}

namespace Pnl.Bench.Peers;

/// <summary>
/// The nine rolling windows of every token as SQL over <c>bars(token, slot, close)</c>. Each query gives, by token and
/// window: token, window 0 to 8, start rate, PnL, high, low, maximum drawdown, volatility, number of bars.
/// </summary>
internal static class WindowQueries
{
    // Start of the year of the last close, as a slot; the windows are (start, last] plus the bar as of the start.
    private const string Starts = """
        life AS MATERIALIZED (
          SELECT token, min(slot) AS first, max(slot) AS last, arg_max(close, slot) AS final FROM bars GROUP BY token),
        starts AS MATERIALIZED (
          SELECT token, first, last, final, unnest(range(9)) AS w,
            unnest([last - 1, last - 12, last - 288, last - 2016, last - 8640, last - 25920, last - 105120,
              epoch(date_trunc('year', to_timestamp((last + 1) * 300) AT TIME ZONE 'UTC'))::BIGINT // 300 - 1, first]) AS start
          FROM life),
        """;

    // Of r, log returns, and d, the slots that each spans.
    private const string Volatility =
        "CASE WHEN count(r) >= 2 THEN sqrt(greatest(0, sum(r * r / d) - sum(r) ** 2 / (max(slot) - min(slot))) / (count(r) - 1)) * sqrt(105120) END";

    /// <summary>
    /// As one would write it: the start rate by an ASOF join, then for every window the bars of it with a running maximum.
    /// </summary>
    public const string Staged = $"""
        WITH {Starts}
        anchors AS MATERIALIZED (
          SELECT s.token, s.w, s.start, coalesce(b.slot, s.first) AS since
          FROM starts s ASOF LEFT JOIN bars b ON s.token = b.token AND b.slot <= s.start),
        steps AS MATERIALIZED (
          SELECT token, slot, close, ln(close / lag(close) OVER w) AS r, slot - lag(slot) OVER w AS d FROM bars WINDOW w AS (PARTITION BY token ORDER BY slot)),
        inside AS (
          SELECT a.token, a.w, a.start, a.since, s.slot, s.close, CASE WHEN s.slot > a.since THEN s.r END AS r, s.d,
            max(s.close) OVER (PARTITION BY a.token, a.w ORDER BY s.slot ROWS UNBOUNDED PRECEDING) AS peak
          FROM steps s JOIN anchors a ON s.token = a.token AND s.slot >= a.since)
        SELECT token, w, arg_min(close, slot), arg_max(close, slot) - arg_min(close, slot), max(close), min(close),
          max((peak - close) / peak), {Volatility}, count(*) FILTER (slot > start)
        FROM inside GROUP BY token, w ORDER BY token, w
        """;

    /// <summary>
    /// All windows end with the same bar, so one pass gives the lowest rate from each bar to the end, and the drawdown
    /// from that bar with it; bars are then summed by the rings between the starts of the windows, and windows are put
    /// together from rings. A bar brings the one before it along, which makes the start of a window need no join.
    /// </summary>
    public static string Rings(string steps) => $"""
        WITH {Starts}
        cuts AS (SELECT token, list_sort(list_distinct(list(start))) AS cut FROM starts GROUP BY token),
        ends AS MATERIALIZED (
          SELECT token, cut, {string.Join(", ", Enumerable.Range(1, 9).Select(i => $"coalesce(cut[{i}], 2147483647)::INT AS c{i}"))} FROM cuts),
        {steps},
        rings AS MATERIALIZED (
          SELECT s.token,
            {string.Join(" + ", Enumerable.Range(1, 9).Select(i => $"(slot > c{i})::INT"))} AS ring,
            min(slot) AS slot, count(*) AS n, arg_min(coalesce(before, close), slot) AS opened, arg_max(close, slot) AS closed,
            max(greatest(close, before)) AS high, min(least(close, before)) AS low,
            max((before - least(before, trough)) / before) AS drawdown,
            count(before) AS k, sum(ln(close / before)) AS r1, sum(ln(close / before) ** 2 / (slot - since)) AS r2, sum(slot - since) AS d
          FROM steps s JOIN ends e ON s.token = e.token GROUP BY s.token, ring)
        SELECT st.token, st.w, coalesce(arg_min(opened, slot), any_value(final)), coalesce(arg_max(closed, slot) - arg_min(opened, slot), 0),
          coalesce(max(high), any_value(final)), coalesce(min(low), any_value(final)), coalesce(max(drawdown), 0),
          CASE WHEN sum(k) >= 2 THEN sqrt(greatest(0, sum(r2) - sum(r1) ** 2 / sum(d)) / (sum(k) - 1)) * sqrt(105120) END,
          coalesce(sum(n), 0)::BIGINT
        FROM starts st JOIN ends e ON st.token = e.token
          LEFT JOIN rings r ON r.token = st.token AND r.ring >= list_position(e.cut, st.start)
        GROUP BY st.token, st.w ORDER BY st.token, st.w
        """;

    /// <summary>The pass over the bars for <see cref="Rings"/>, by tokens.</summary>
    public const string PartitionedSteps = """
        steps AS (
          SELECT token, slot, close, lead(close) OVER w AS before, lead(slot) OVER w AS since, min(close) OVER (w ROWS UNBOUNDED PRECEDING) AS trough
          FROM bars WINDOW w AS (PARTITION BY token ORDER BY slot DESC))
        """;

    /// <summary>The same with the frame ahead of the bar instead of the order turned round.</summary>
    public const string AheadSteps = """
        steps AS (
          SELECT token, slot, close, lag(close) OVER w AS before, lag(slot) OVER w AS since,
            min(close) OVER (w ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS trough
          FROM bars WINDOW w AS (PARTITION BY token ORDER BY slot))
        """;

    /// <summary>
    /// The table for <see cref="StreamedSteps"/>: newest bar first, with the rate also as an integer.
    /// </summary>
    public const string NewestFirst = "CREATE TABLE newest_first AS SELECT token, slot, close, mantissa FROM bars ORDER BY token, slot DESC";

    /// <summary>
    /// The same in one stream over the table as it lies, newest bar first, without a partition or a sort: the running
    /// minimum starts again with each token because the token is in its upper bits. It counts on DuckDB keeping the order
    /// of rows, and on mantissas below 2^50 and fewer than 4,096 tokens.
    /// </summary>
    public const string StreamedSteps = """
        streamed AS (
          SELECT token, slot, close, mantissa, lead(token) OVER () AS next_token, lead(close) OVER () AS next, lead(slot) OVER () AS next_slot,
            min(((4096 - token)::BIGINT << 50) | mantissa) OVER (ROWS UNBOUNDED PRECEDING) & 1125899906842623 AS lowest
          FROM newest_first),
        steps AS (
          SELECT token, slot, close, CASE WHEN next_token = token THEN next END AS before, CASE WHEN next_token = token THEN next_slot END AS since, close / mantissa * lowest AS trough FROM streamed)
        """;

    /// <summary>
    /// One window of the only token, behind a slot up to another, with the bar as of its start: PnL, high, low, maximum
    /// drawdown, volatility, number of bars.
    /// </summary>
    public static string Between(object start, object end) => $"""
        WITH inside AS (
          SELECT slot, close, max(close) OVER (ORDER BY slot ROWS UNBOUNDED PRECEDING) AS peak, ln(close / lag(close) OVER (ORDER BY slot)) AS r, slot - lag(slot) OVER (ORDER BY slot) AS d
          FROM bars WHERE slot >= (SELECT max(slot) FROM bars WHERE slot <= {start}) AND slot <= {end})
        SELECT arg_max(close, slot) - arg_min(close, slot), max(close), min(close), max((peak - close) / peak), {Volatility}, count(*)
        FROM inside
        """;

    /// <summary>Its PnL alone.</summary>
    public static string PointPnl(int start, int end) => $"""
        SELECT (SELECT close FROM bars WHERE token = 0 AND slot <= {end} ORDER BY slot DESC LIMIT 1)
          - (SELECT close FROM bars WHERE token = 0 AND slot <= {start} ORDER BY slot DESC LIMIT 1)
        """;

    /// <summary>The PnL of every token's nine windows and nothing else: two lookups a window.</summary>
    public const string PnlAlone = $"""
        WITH {Starts}
        begun AS (SELECT s.token, s.w, s.final, s.first, b.close FROM starts s ASOF LEFT JOIN bars b ON s.token = b.token AND b.slot <= s.start)
        SELECT token, w, final - coalesce(close, final) FROM begun ORDER BY token, w
        """;

    /// <summary>The rings in PostgreSQL, which finds the rates at the ends of the windows in its index.</summary>
    public static string PostgresRings { get; } = $"""
        WITH life AS MATERIALIZED (SELECT token, min(slot) AS first, max(slot) AS last FROM bars GROUP BY token),
        starts AS MATERIALIZED (
          SELECT l.token, v.w, v.start, f.close AS final,
            coalesce((SELECT close FROM bars b WHERE b.token = l.token AND b.slot <= v.start ORDER BY slot DESC LIMIT 1),
              (SELECT close FROM bars b WHERE b.token = l.token AND b.slot = l.first)) AS begun
          FROM life l JOIN bars f ON f.token = l.token AND f.slot = l.last,
            LATERAL (VALUES (0, last - 1), (1, last - 12), (2, last - 288), (3, last - 2016), (4, last - 8640), (5, last - 25920), (6, last - 105120),
              (7, (extract(epoch FROM date_trunc('year', to_timestamp((last + 1) * 300::BIGINT) AT TIME ZONE 'UTC'))::BIGINT / 300 - 1)::INT), (8, first)) AS v(w, start)),
        cuts AS MATERIALIZED (SELECT token, {string.Join(", ", Enumerable.Range(0, 9).Select(w => $"max(start) FILTER (WHERE w = {w}) AS c{w}"))} FROM starts GROUP BY token),
        steps AS (
          SELECT token, slot, close, lead(close) OVER w AS before, lead(slot) OVER w AS since, min(close) OVER (w ROWS UNBOUNDED PRECEDING) AS trough
          FROM bars WINDOW w AS (PARTITION BY token ORDER BY slot DESC)),
        rings AS MATERIALIZED (
          SELECT s.token, {string.Join(" + ", Enumerable.Range(0, 9).Select(w => $"(slot > c{w})::INT"))} AS ring, count(*) AS n,
            max(greatest(close, before)) AS high, min(least(close, before)) AS low, max((before - least(before, trough)) / before) AS drawdown,
            count(before) AS k, sum(ln(close / before)) AS r1, sum(ln(close / before) ^ 2 / (slot - since)) AS r2, sum(slot - since) AS d
          FROM steps s JOIN cuts c ON s.token = c.token GROUP BY s.token, ring)
        SELECT st.token, st.w, st.begun, st.final - st.begun, coalesce(max(high), st.final), coalesce(min(low), st.final), coalesce(max(drawdown), 0),
          CASE WHEN sum(k) >= 2 THEN sqrt(greatest(0, sum(r2) - sum(r1) ^ 2 / sum(d)) / (sum(k) - 1)) * sqrt(105120) END, coalesce(sum(n), 0)
        FROM starts st LEFT JOIN rings r ON r.token = st.token
          AND r.ring >= (SELECT count(*) FROM starts o WHERE o.token = st.token AND o.start <= st.start)
        GROUP BY st.token, st.w, st.begun, st.final ORDER BY st.token, st.w
        """;
}

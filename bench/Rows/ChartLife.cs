using Pnl.Bench.Data;
using Pnl.Bench.Peers;
using Pnl.Bench.Reporting;

namespace Pnl.Bench.Rows;

/// <summary>A chart of a life of 1.7 M bars in 2,000 points that keeps every peak and trough, in the core.</summary>
internal sealed class ChartLife : IRow
{
    private const int Bars = 1_700_000, Points = 2000;

    public IReadOnlyList<string> Names => ["chart.life"];

    public Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        TokenBars bars = TokenMarket.LongLife(Bars);
        StoredToken token = StoredToken.Of(bars);
        using DuckDb database = DuckDb.Open(run);
        database.LoadBars(run, [bars]);
        string sql = Buckets(bars, Points);
        run.Explain($"chart.life, {DuckDb.Name}", sql);
        if (database.Rows(sql).Max(row => row[3]) is var high && Chart(token).Rate.Max() is var ours && high != (double)ours)
        {
            throw new InvalidOperationException($"the highest point of the chart is {ours} and {high}");
        }

        double peer = Timing.Median(() => database.Rows(sql), 11);
        (double p50, double p99) = Timing.Percentiles(() => Chart(token), 200);
        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            Figure.Lower(
                "chart.life", "ms", p50 * 1e3, new(DuckDb.Name, peer * 1e3),
                $"{bars.Count / 1e6:0.0} M bars at 5m to {Chart(token).Time.Length} points, p99 {Significant.Text(p99 * 1e3)}; DuckDB groups by bucket"
                + " with the slots of both extremes; target below 12"),
        ]);
    }

    /// <summary>The lowest and the highest rate of each bucket, and when they were.</summary>
    public static string Buckets(TokenBars bars, int points) => $"""
        SELECT (slot - {bars.Slots[0]}) // {(bars.Slots[^1] - bars.Slots[0]) / (points / 2) + 1} AS bucket, min(close), arg_min(slot, close), max(close), arg_max(slot, close)
        FROM bars GROUP BY bucket ORDER BY bucket
        """;

    private static RateSeries Chart(StoredToken token) =>
        token.History.Series(token.History.LifeRange, Interval.FiveMinutes, int.MaxValue, Points, token.Sealed);
}

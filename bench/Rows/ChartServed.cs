using Pnl.Bench.Data;
using Pnl.Bench.Hosts;
using Pnl.Bench.Peers;
using Pnl.Bench.Reporting;
using Pnl.Grains;

namespace Pnl.Bench.Rows;

/// <summary>The chart of <see cref="ChartLife"/>, asked of a silo by a grain call.</summary>
internal sealed class ChartServed : IRow
{
    private const int Bars = 1_700_000, Points = 2000;

    public IReadOnlyList<string> Names => ["chart.grain"];

    public async Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        TokenBars bars = TokenMarket.LongLife(Bars).EndingBefore(DateTimeOffset.UtcNow);
        double peer;
        using (DuckDb database = DuckDb.Open(run))
        {
            database.LoadBars(run, [bars]);
            string sql = ChartLife.Buckets(bars, Points);
            run.Explain($"chart.grain, {DuckDb.Name}", sql);
            (peer, _) = Timing.Percentiles(() => database.Rows(sql), 50);
        }

        await using SiloInProcess silo = await SiloInProcess.StartAsync(run, cancel);
        await silo.LoadAsync(bars);
        ITokenGrain token = silo.Token(bars.Id);
        int points = 0;
        async Task Ask() => points = (await token.GetSeries(new() { Interval = Interval.FiveMinutes, MaxPoints = Points }, cancel))!.Time.Length;
        (double p50, double p99) = await Timing.PercentilesAsync(Ask, 200);
        using HttpClient http = new() { BaseAddress = silo.Address };
        Uri path = new($"/v1/tokens/{bars.Id}/pnl/series?interval=5m&maxPoints={Points}", UriKind.Relative);
        (double httpP50, _) = await Timing.PercentilesAsync(() => http.GetByteArrayAsync(path, cancel), 200);
        return
        [
            Figure.Lower(
                "chart.grain", "ms", p50 * 1e3, new(DuckDb.Name, peer * 1e3),
                $"{bars.Count / 1e6:0.0} M bars at 5m to {points} points with rate, PnL and cumulative PnL, p99 {Significant.Text(p99 * 1e3)}; over HTTP {Significant.Text(httpP50 * 1e3)}; target below 12"),
        ];
    }
}

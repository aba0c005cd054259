using System.Diagnostics;
using System.Globalization;
using Pnl.Bench.Data;
using Pnl.Bench.Hosts;
using Pnl.Bench.Peers;
using Pnl.Bench.Reporting;
using Pnl.Grains;

namespace Pnl.Bench.Rows;

/// <summary>
/// Windows of one token with a long life, asked of a silo: by a grain call within its process, and by HTTP over the loopback.
/// The bars are the simulated market's, moved into the past as a whole, for the engine takes none from the future.
/// </summary>
internal sealed class WindowsServed : IRow
{
    private const int Bars = 1_700_000, LiveBars = 50_000, Samples = 2000, Clients = 32;

    private static readonly TimeSpan Throughput = TimeSpan.FromSeconds(4);

    public IReadOnlyList<string> Names => ["windows.grain", "windows.http"];

    public async Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        TokenBars all = TokenMarket.LongLife(Bars + LiveBars).EndingBefore(DateTimeOffset.UtcNow), bars = all.First(Bars);
        Between between = new(bars);
        Peers peers = MeasurePeers(run, bars, between);

        await using SiloInProcess silo = await SiloInProcess.StartAsync(run, cancel);
        await silo.LoadAsync(bars);
        ITokenGrain token = silo.Token(bars.Id);
        (double floor, _) = await Timing.PercentilesAsync(() => token.Get(), Samples);

        // 1. Windows between any two times: nothing of the answer is kept.
        (double betweenP50, double betweenP99) = await Timing.PercentilesAsync(() => token.GetWindow(between.Next()), Samples);

        // 2. The rolling windows: asked again, and for the first time after a bar.
        (double keptP50, double keptP99) = await Timing.PercentilesAsync(() => token.GetPnl(), Samples);
        int next = Bars;
        (double freshP50, double freshP99) = await Timing.PercentilesAsync(
            () => token.GetPnl(), Samples, () => token.Ingest(new()
            {
                Time = new[] { BarTime.OpenSeconds(all.Slots[next]) },
                Rate = new[] { Mantissa.ToRate(all.Mantissas[next++], all.Scale) },
            }));

        // 3. The same by HTTP, one request after the other on one connection.
        using HttpClient http = new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = silo.Address };
        (double httpFloor, _) = await Timing.PercentilesAsync(() => http.GetByteArrayAsync(new Uri("/health/live", UriKind.Relative), cancel), Samples);
        (double httpP50, double httpP99) = await Timing.PercentilesAsync(() => http.GetByteArrayAsync(between.NextPath(), cancel), Samples);
        Uri rolling = new($"/v1/tokens/{bars.Id}/pnl", UriKind.Relative);
        (double httpKept, _) = await Timing.PercentilesAsync(() => http.GetByteArrayAsync(rolling, cancel), Samples);
        double perSecond = await PerSecondAsync(() => http.GetByteArrayAsync(between.NextPath(), cancel));
        double keptPerSecond = await PerSecondAsync(() => http.GetByteArrayAsync(rolling, cancel));

        const string GrainFloor = "a grain call that computes nothing", HttpFloor = "a request that computes nothing";
        string size = $"{Bars / 1e6:0.0} M bars";
        return
        [
            Figure.Lower("windows.grain.p50", "ms", freshP50 * 1e3, new(peers.RollingName, peers.Rolling.P50 * 1e3),
                $"{size}; all rolling windows right after a new bar; target below 0.2", floor * 1e3, GrainFloor),
            Figure.Lower("windows.grain.p99", "ms", freshP99 * 1e3, new(peers.RollingName, peers.Rolling.P99 * 1e3), null),
            Figure.Lower("windows.grain.kept", "ms", keptP50 * 1e3, new(peers.RollingName, peers.Rolling.P50 * 1e3),
                $"the same asked again; p99 {Significant.Text(keptP99 * 1e3)}", floor * 1e3, GrainFloor),
            Figure.Lower("windows.grain.between.p50", "ms", betweenP50 * 1e3, new(DuckDb.Name, peers.Between.P50 * 1e3),
                $"one window with all statistics between two times at random, nothing kept; DuckDB for the PnL alone {Significant.Text(peers.Point * 1e3)}, {peers.PostgresPoint}; target below 0.2", floor * 1e3, GrainFloor),
            Figure.Lower("windows.grain.between.p99", "ms", betweenP99 * 1e3, new(DuckDb.Name, peers.Between.P99 * 1e3), null),
            Figure.Lower("windows.http.p50", "ms", httpP50 * 1e3, new($"{DuckDb.Name}, in process", peers.Between.P50 * 1e3),
                $"a window between two times at random, one client, connection kept, client in the same process; rolling windows {Significant.Text(httpKept * 1e3)};"
                + $" {Clients} clients: {Significant.Text(perSecond)} such windows/s, {Significant.Text(keptPerSecond)} times all rolling windows/s",
                httpFloor * 1e3, HttpFloor),
            Figure.Lower("windows.http.p99", "ms", httpP99 * 1e3, new($"{DuckDb.Name}, in process", peers.Between.P99 * 1e3), null),
        ];
    }

    private sealed record Peers(string RollingName, (double P50, double P99) Rolling, (double P50, double P99) Between, double Point, string PostgresPoint);

    private static Peers MeasurePeers(BenchRun run, TokenBars bars, Between between)
    {
        StoredToken stored = StoredToken.Of(bars);
        using WindowsOfOneToken peer = WindowsOfOneToken.In(run, stored);
        (double, double) rolling = Timing.Percentiles(() => peer.Ask(), 50);

        run.Explain($"windows.grain.between, {DuckDb.Name}", WindowQueries.Between("$start", "$end"));
        for (int i = 0; i < 10; i++)
        {
            (int start, int end) = between.NextSlots();
            double[] row = peer.Database.Rows(WindowQueries.Between(start, end))[0];
            Window ours = stored.History.Window(BarTime.CloseSeconds(start), BarTime.CloseSeconds(end), stored.Sealed);
            WindowChecks.Same(row[0], (double)ours.Pnl!, (double)ours.EndRate!, "PnL between two times");
            WindowChecks.Same(row[3], ours.MaxDrawdown!.Value, 1, "drawdown between two times");
            WindowChecks.Same(row[4], ours.Volatility!.Value, 1, "volatility between two times");
        }

        (double, double) window = Timing.Percentiles(
            () =>
            {
                (int start, int end) = between.NextSlots();
                peer.Database.Rows(WindowQueries.Between(start, end));
            }, 50);
        (double point, _) = Timing.Percentiles(
            () =>
            {
                (int start, int end) = between.NextSlots();
                peer.Database.Rows(WindowQueries.PointPnl(start, end));
            }, 50);
        return new(peer.Name, rolling, window, point, PostgresPoint(bars, between));
    }

    private static string PostgresPoint(TokenBars bars, Between between)
    {
        using Postgres? server = Postgres.Start();
        if (server is null)
        {
            return "PostgreSQL is not installed";
        }

        server.LoadBars([bars]);
        (double point, _) = Timing.Percentiles(
            () =>
            {
                (int start, int end) = between.NextSlots();
                server.Rows(WindowQueries.PointPnl(start, end));
            }, 500);
        return $"{server.Name} by its index {Significant.Text(point * 1e3)}";
    }

    private static async Task<double> PerSecondAsync(Func<Task> request)
    {
        long start = Stopwatch.GetTimestamp();
        int[] counts = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            int count = 0;
            for (; Stopwatch.GetElapsedTime(start) < Throughput; count++)
            {
                await request();
            }

            return count;
        }));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Pairs of times within a life, the same in every run.</summary>
    private sealed class Between(TokenBars bars)
    {
        private readonly Random _random = new(1);
        private readonly Lock _lock = new();

        /// <summary>The last slot before the window, and its last slot.</summary>
        public (int Start, int End) NextSlots()
        {
            lock (_lock)
            {
                int one = _random.Next(bars.Slots[0], bars.Slots[^1] - BarTime.BarsPerDay), other = _random.Next(bars.Slots[0], bars.Slots[^1] - BarTime.BarsPerDay);
                return (Math.Min(one, other), Math.Max(one, other) + BarTime.BarsPerDay);
            }
        }

        public WindowQuery Next()
        {
            (int start, int end) = NextSlots();
            return new(BarTime.Close(start), BarTime.Close(end));
        }

        public Uri NextPath()
        {
            WindowQuery query = Next();
            return new(string.Create(CultureInfo.InvariantCulture, $"/v1/tokens/{bars.Id}/pnl?from={query.From:yyyy-MM-ddTHH:mm:ssZ}&to={query.To:yyyy-MM-ddTHH:mm:ssZ}"), UriKind.Relative);
        }
    }
}

using Pnl.Bench.Data;
using Pnl.Bench.Peers;
using Pnl.Bench.Reporting;

namespace Pnl.Bench.Rows;

/// <summary>All rolling windows of one token with a long life, in the core: segments in memory, no answer kept.</summary>
internal sealed class WindowsCore : IRow
{
    private const int Bars = 1_700_000;

    public IReadOnlyList<string> Names => ["windows.core"];

    public Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        TokenBars bars = TokenMarket.LongLife(Bars);
        StoredToken token = StoredToken.Of(bars);
        using WindowsOfOneToken peer = WindowsOfOneToken.In(run, token);
        (double peerP50, double peerP99) = Timing.Percentiles(() => peer.Ask(), 50);
        (double p50, double p99) = Timing.Percentiles(() => token.History.RollingWindows(token.Sealed), 5000);
        long allocated = Timing.Allocated(() => token.History.RollingWindows(token.Sealed));
        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            Figure.Lower(
                "windows.core.p50", "ms", p50 * 1e3, new(peer.Name, peerP50 * 1e3),
                $"{bars.Count / 1e6:0.0} M bars; {allocated} bytes allocated, the answer; target below 0.2"),
            Figure.Lower("windows.core.p99", "ms", p99 * 1e3, new(peer.Name, peerP99 * 1e3), null),
        ]);
    }
}

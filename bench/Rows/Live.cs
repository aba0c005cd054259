using System.Diagnostics;
using Pnl.Bench.Data;
using Pnl.Bench.Hosts;
using Pnl.Bench.Reporting;
using Pnl.Grains;

namespace Pnl.Bench.Rows;

/// <summary>
/// The speed side under load: ticks of all tokens until the last is answered by <c>GET pnl</c>; bars as fast as they become
/// durable, with what memory does meanwhile; and windows asked by HTTP of random tokens at a steady rate while ticks go in.
/// Clients are in the same process and on the same cores.
/// </summary>
internal sealed class Live(string name, int tokens, int days, int ticks, TimeSpan sustained, TimeSpan asked) : IRow
{
    private const int CallsAtOnce = 16, WarmUps = 5, InFlight = 2, PerSecond = 2000, Connections = 64;

    private static readonly DateTimeOffset End = new(2025, 6, 30, 3, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan BetweenTicks = TimeSpan.FromSeconds(10);

    public IReadOnlyList<string> Names => [$"{name}.tick", $"{name}.sustained", $"{name}.http"];

    public async Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        await using SiloInProcess silo = await SiloInProcess.StartAsync(run, cancel);
        LiveBars live = await LiveBars.LoadAsync(silo, tokens, days, End);
        BenchRun.Log($"{live.Ids.Length} tokens loaded, {Mebibytes()} MiB");
        ITokenGrain[] grains = Array.ConvertAll(live.Ids, silo.Token);
        List<Figure> figures = [];
        string of = $"{live.Ids.Length} tokens x {days} days";
        if (ticks > 0)
        {
            double[] answered = new double[ticks];
            TimeSpan processor = default;
            long allocated = 0;
            for (int i = -WarmUps; i < ticks; i++)
            {
                TimeSpan before = Environment.CpuUsage.TotalTime;
                long allocatedBefore = GC.GetTotalAllocatedBytes();
                long began = Stopwatch.GetTimestamp();
                DateTimeOffset asOf = BarTime.Close(await live.PublishAsync());
                await EachAsync(grains, async grain =>
                {
                    while ((await grain.GetPnl())!.AsOf < asOf)
                    {
                        await Task.Delay(10, cancel); // on its way; there is nothing to wait for but the answer
                    }
                });
                if (i >= 0)
                {
                    answered[i] = Stopwatch.GetElapsedTime(began).TotalSeconds;
                    processor += Environment.CpuUsage.TotalTime - before;
                    allocated += GC.GetTotalAllocatedBytes() - allocatedBefore;
                }
            }

            Array.Sort(answered);
            (double p50, double p99) = Timing.At(answered);
            figures.Add(Figure.Lower($"{name}.tick.p50", "ms", p50 * 1e3, null, $"{of}, {ticks} ticks, processor time {Significant.Text(processor.TotalMilliseconds / ticks)} a tick, {Significant.Text((double)allocated / ticks / live.Ids.Length)} bytes allocated a bar, {Mebibytes()} MiB"));
            figures.Add(Figure.Lower($"{name}.tick.p99", "ms", p99 * 1e3, null, null));
        }

        if (sustained > TimeSpan.Zero)
        {
            figures.Add(await SustainedAsync(live, of, cancel));
        }

        if (asked > TimeSpan.Zero)
        {
            figures.AddRange(await AskedAsync(silo, live, of, cancel));
        }

        return figures;
    }

    private async Task<Figure> SustainedAsync(LiveBars live, string of, CancellationToken cancel)
    {
        Queue<int> waiting = new();
        List<(double Second, long Mebibytes)> memory = [];
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long began = Stopwatch.GetTimestamp(), done = 0;
        while (Stopwatch.GetElapsedTime(began) < sustained)
        {
            cancel.ThrowIfCancellationRequested();
            waiting.Enqueue(await live.PublishAsync());
            if (waiting.Count > InFlight)
            {
                await live.DurableAsync(waiting.Dequeue());
                done += live.Ids.Length;
            }

            double second = Stopwatch.GetElapsedTime(began).TotalSeconds;
            if (memory.Count == 0 || second - memory[^1].Second >= sustained.TotalSeconds / 10)
            {
                memory.Add((second, Mebibytes()));
                BenchRun.Log($"{second:0} s: {done / second:0} bars/s, {memory[^1].Mebibytes} MiB");
            }
        }

        while (waiting.TryDequeue(out int slot))
        {
            await live.DurableAsync(slot);
            done += live.Ids.Length;
        }

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return Figure.Higher($"{name}.sustained", "bars/s", done / seconds, null,
            $"{of}, {done} bars durable in {seconds:0} s, at most {InFlight + 1} ticks under way, windows and leaderboards of each bar with it; MiB at each tenth of the time:"
            + $" {string.Join(' ', memory.Select(at => at.Mebibytes))}; processor time {Significant.Text((Environment.CpuUsage.TotalTime - before).TotalMicroseconds / done)} us a bar");
    }

    private async Task<Figure[]> AskedAsync(SiloInProcess silo, LiveBars live, string of, CancellationToken cancel)
    {
        using HttpClient http = new(new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = Connections }) { BaseAddress = silo.Address };
        Uri[] queries = Array.ConvertAll(live.Ids, id => new Uri($"/v1/tokens/{id}/pnl", UriKind.Relative));
        Random random = new(2);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        int ticked = 0;
        Task ticking = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                long began = Stopwatch.GetTimestamp();
                await live.DurableAsync(await live.PublishAsync());
                ticked++;
                if (BetweenTicks - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } pause)
                {
                    await Task.Delay(pause, end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
                }
            }
        }, CancellationToken.None);
        List<Task<double>> answers = [];
        int failed = 0;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < asked)
        {
            for (double due; (due = (double)answers.Count / PerSecond) <= Stopwatch.GetElapsedTime(start).TotalSeconds;)
            {
                answers.Add(AskAsync(queries[random.Next(queries.Length)], due));
            }

            await Task.Delay(1, CancellationToken.None);
        }

        double[] seconds = await Task.WhenAll(answers);
        await end.CancelAsync();
        await ticking;
        Array.Sort(seconds);
        (double p50, double p99) = Timing.At(seconds);
        return
        [
            Figure.Lower($"{name}.http.p50", "ms", p50 * 1e3, null,
                $"{of}, windows of random tokens, {PerSecond} requests/s for {asked.TotalSeconds:0} s over {Connections} connections, {ticked} ticks of all tokens, one each {BetweenTicks.TotalSeconds:0} s; from when a request was due; {failed} failed"),
            Figure.Lower($"{name}.http.p99", "ms", p99 * 1e3, null, $"target below 50; p95 {Significant.Text(seconds[(int)(seconds.Length * 0.95)] * 1e3)}, worst {Significant.Text(seconds[^1] * 1e3)}"),
        ];

        async Task<double> AskAsync(Uri query, double due)
        {
            using HttpResponseMessage answer = await http.GetAsync(query, CancellationToken.None);
            if (!answer.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref failed);
            }

            return Stopwatch.GetElapsedTime(start).TotalSeconds - due;
        }
    }

    private static Task EachAsync(ITokenGrain[] grains, Func<ITokenGrain, Task> work)
    {
        int next = -1;
        return Task.WhenAll(Enumerable.Range(0, CallsAtOnce).Select(_ => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i < grains.Length; i = Interlocked.Increment(ref next))
            {
                await work(grains[i]);
            }
        })));
    }

    private static long Mebibytes() => Environment.WorkingSet >> 20;
}

using System.Diagnostics;
using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Streams;
using Pnl.Bench.Data;
using Pnl.Bench.Hosts;
using Pnl.Bench.Reporting;
using Pnl.Grains;

namespace Pnl.Bench.Rows;

/// <summary>
/// Leaderboards of 10,000 tokens by HTTP at a steady rate, how soon a tick is in them, and 1,000 listeners to streams. All in
/// one process with those who ask.
/// </summary>
internal sealed class Boards : IRow
{
    private const int Tokens = 10_000, Days = 30, LoadsAtOnce = 32, EventsAtOnce = 64;
    private const int PerSecond = 500, Connections = 64, WarmUpTicks = 3, Ticks = 9;
    private const int Listeners = 1000, TokensAListener = 10, StreamTicks = 9;

    private static readonly DateTimeOffset End = new(2025, 6, 30, 3, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10), BetweenTicks = TimeSpan.FromSeconds(2);

    private static readonly Uri[] Queries =
    [
        .. from window in RollingWindow.All
           from measure in (string[])["return", "pnl", "volatility", "maxDrawdown"]
           select new Uri($"/v1/leaderboard?window={window.Name}&by={measure}&limit=100&include=all", UriKind.Relative),
    ];

    public IReadOnlyList<string> Names => ["leaderboard.http", "leaderboard.tick", "stream.1000"];

    public async Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        await using SiloInProcess silo = await SiloInProcess.StartAsync(run, cancel);
        List<TokenBars> live = await LoadAsync(silo, cancel);
        BenchRun.Log($"{live.Count} tokens loaded");
        IStreamProvider streams = silo.Grains.GetStreamProvider(RateEvent.StreamProvider);
        int slot = BarTime.SlotAt(End);
        (IAsyncStream<RateEvent> Stream, ITokenGrain Grain, Bar[] Bars)[] tokens =
        [
            .. live.Select(bars => (streams.GetStream<RateEvent>(StreamId.Create(RateEvent.StreamNamespace, bars.Id)), silo.Token(bars.Id), bars.ToBars())),
        ];

        async Task<(int Bars, double Published)> PublishAsync(int at, bool throughStreams)
        {
            (IAsyncStream<RateEvent> Stream, ITokenGrain Grain, Bar Bar)[] events =
                [.. tokens.SelectMany(token => token.Bars.Where(bar => bar.Slot == at).Select(bar => (token.Stream, token.Grain, bar)))];
            long began = Stopwatch.GetTimestamp();
            await Parallel.ForEachAsync(events, new ParallelOptions { MaxDegreeOfParallelism = EventsAtOnce, CancellationToken = cancel }, async (e, _) =>
                await (throughStreams
                    ? e.Stream.OnNextAsync(new(BarTime.OpenSeconds(at), e.Bar.Rate, BarTime.OpenSeconds(at)))
                    : e.Grain.Ingest(new() { Time = new[] { BarTime.OpenSeconds(at) }, Rate = new[] { e.Bar.Rate } })));
            return (events.Length, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        // 1. A tick until every bar of it is in the leaderboard, nobody asking besides.
        double[] direct = new double[Ticks], durable = new double[Ticks], streamed = new double[Ticks];
        for (int i = -WarmUpTicks; i < Ticks; i++)
        {
            (double ingested, double counted) = await TickAsync(silo, () => PublishAsync(slot++, throughStreams: false), cancel);
            (_, double through) = await TickAsync(silo, () => PublishAsync(slot++, throughStreams: true), cancel);
            if (i >= 0)
            {
                (durable[i], direct[i], streamed[i]) = (ingested, counted, through);
            }
        }

        // 2. Asked at a steady rate, while nothing changes and while ticks go in.
        using HttpClient http = new(new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = Connections }) { BaseAddress = silo.Address };
        long size = (await http.GetByteArrayAsync(Queries[0], cancel)).Length;
        await AskAsync(http, TimeSpan.FromSeconds(3), cancel);
        double[] quiet = await AskAsync(http, Quiet, cancel);
        double[] freshAsked = new double[Ticks];
        using CancellationTokenSource ticked = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task<double[]> busy = AskAsync(http, Timeout.InfiniteTimeSpan, ticked.Token);
        for (int i = 0; i < Ticks; i++)
        {
            (_, freshAsked[i]) = await TickAsync(silo, () => PublishAsync(slot++, throughStreams: false), cancel);
            await Task.Delay(BetweenTicks, cancel);
        }

        await ticked.CancelAsync();
        double[] underTicks = await busy;
        BenchRun.Log("listeners");

        // 3. Listeners: a tick until each has the new snapshot of each of its tokens.
        (double[] heard, double connected) = await ListenAsync(silo, live, () => PublishAsync(slot++, throughStreams: false), cancel);

        Array.Sort(durable);
        Array.Sort(direct);
        Array.Sort(streamed);
        Array.Sort(freshAsked);
        (double p50, double p99) = Timing.At(quiet);
        (double busyP50, double busyP99) = Timing.At(underTicks);
        const string NoPeer = "no peer measured";
        return
        [
            Figure.Lower("leaderboard.http.p50", "ms", p50 * 1e3, null,
                $"top 100 of {live.Count} tokens over {Queries.Length} rankings in turn, {PerSecond} requests/s, {size} bytes; from when a request was due until its body was read, the client in the same process; {NoPeer}"),
            Figure.Lower("leaderboard.http.p99", "ms", p99 * 1e3, null, $"target below 5; with a tick of all tokens every two seconds or so {Significant.Text(busyP50 * 1e3)} and p99 {Significant.Text(busyP99 * 1e3)}"),
            Figure.Lower("leaderboard.tick.p50", "ms", direct[Ticks / 2] * 1e3, null,
                $"a bar of each of {live.Count} tokens, handed to the grains {EventsAtOnce} at once, until all are counted, worst {Significant.Text(direct[^1] * 1e3)}; durable after {Significant.Text(durable[Ticks / 2] * 1e3)};"
                + $" through a stream a token {Significant.Text(streamed[Ticks / 2] * 1e3)}; while {PerSecond} requests/s are answered {Significant.Text(freshAsked[Ticks / 2] * 1e3)}; target below 1,000; {NoPeer}"),
            Figure.Lower("stream.1000", "ms", heard[StreamTicks / 2] * 1e3, null,
                $"{Listeners} listeners to {TokensAListener} tokens each, {Listeners * TokensAListener} events a tick, from the first bar until the last listener has the last event, worst {Significant.Text(heard[^1] * 1e3)};"
                + $" all connected and served after {Significant.Text(connected * 1e3)}; the listeners in the same process; {NoPeer}"),
        ];
    }

    private static async Task<List<TokenBars>> LoadAsync(SiloInProcess silo, CancellationToken cancel)
    {
        int ticks = 2 * (WarmUpTicks + Ticks) + Ticks + StreamTicks + 1, end = BarTime.SlotAt(End);
        List<TokenBars> tokens = [];
        using IEnumerator<TokenBars> market = TokenMarket.EachOfSameDays(Tokens, BarTime.Open(end + ticks), Days + 1).GetEnumerator();
        await Task.WhenAll(Enumerable.Range(0, LoadsAtOnce).Select(_ => Task.Run(async () =>
        {
            while (Next() is { } bars)
            {
                int known = Array.FindIndex(bars.Slots, at => at >= end);
                known = known < 0 ? bars.Count : known;
                await silo.LoadAsync(bars.First(known));
                await silo.Token(bars.Id).Register(new() { StalenessSeconds = 31_536_000 });
                lock (tokens)
                {
                    tokens.Add(new(bars.Id, bars.Scale, bars.Slots[known..], bars.Mantissas[known..]));
                }
            }
        }, cancel)));
        return tokens;

        TokenBars? Next()
        {
            lock (market)
            {
                return market.MoveNext() ? market.Current : null;
            }
        }
    }

    /// <summary>Seconds until the bars of a tick are handed in, and until the leaderboard counts them all.</summary>
    private static async Task<(double Published, double Counted)> TickAsync(SiloInProcess silo, Func<Task<(int Bars, double Published)>> publish, CancellationToken cancel)
    {
        ILeaderboardGrain board = silo.Grains.GetGrain<ILeaderboardGrain>(0);
        long before = await SettledAsync(board, cancel), began = Stopwatch.GetTimestamp();
        (int bars, double published) = await publish();
        while ((await board.Get(new() { Limit = 1 })).Revision < before + bars)
        {
            await Task.Delay(1, cancel); // there is nothing to wait for but the answer
        }

        return (published, Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    private static async Task<long> SettledAsync(ILeaderboardGrain board, CancellationToken cancel)
    {
        for (long last = -1; ;)
        {
            long now = (await board.Get(new() { Limit = 1 })).Revision;
            if (now == last)
            {
                return now;
            }

            last = now;
            await Task.Delay(200, cancel);
        }
    }

    /// <summary>Asks at a steady rate, however long answers take; seconds from when each was due, sorted.</summary>
    private static async Task<double[]> AskAsync(HttpClient http, TimeSpan length, CancellationToken cancel)
    {
        List<Task<double>> asked = [];
        long began = Stopwatch.GetTimestamp();
        while (!cancel.IsCancellationRequested && (length == Timeout.InfiniteTimeSpan || Stopwatch.GetElapsedTime(began) < length))
        {
            for (double due; (due = (double)asked.Count / PerSecond) <= Stopwatch.GetElapsedTime(began).TotalSeconds;)
            {
                asked.Add(AskAsync(Queries[asked.Count % Queries.Length], due));
            }

            await Task.Delay(1, CancellationToken.None);
        }

        double[] seconds = await Task.WhenAll(asked);
        Array.Sort(seconds);
        return seconds;

        async Task<double> AskAsync(Uri query, double due)
        {
            await http.GetByteArrayAsync(query, CancellationToken.None);
            return Stopwatch.GetElapsedTime(began).TotalSeconds - due;
        }
    }

    private static async Task<(double[] Heard, double Connected)> ListenAsync(
        SiloInProcess silo, List<TokenBars> tokens, Func<Task<(int Bars, double Published)>> publish, CancellationToken cancel)
    {
        using HttpClient http = new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = silo.Address };
        int heard = 0;
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        long began = Stopwatch.GetTimestamp();
        Task[] listeners = [.. Enumerable.Range(0, Listeners).Select(i => ListenAsync(string.Join(',', Enumerable.Range(0, TokensAListener).Select(n => tokens[(i * TokensAListener + n) % tokens.Count].Id))))];
        await HeardAsync(Listeners * TokensAListener);
        double connected = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double[] ticks = new double[StreamTicks];
        ILeaderboardGrain board = silo.Grains.GetGrain<ILeaderboardGrain>(0);
        for (int i = 0; i < StreamTicks; i++)
        {
            await SettledAsync(board, cancel);
            heard = 0;
            began = Stopwatch.GetTimestamp();
            (int bars, _) = await publish();
            await HeardAsync(bars); // each token has one listener
            ticks[i] = Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        await end.CancelAsync();
        await Task.WhenAll(listeners);
        Array.Sort(ticks);
        return (ticks, connected);

        async Task HeardAsync(int events)
        {
            while (Volatile.Read(ref heard) < events)
            {
                await Task.Delay(1, cancel);
            }
        }

        async Task ListenAsync(string ids)
        {
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"/v1/stream?tokens={ids}"), UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, end.Token);
                answer.EnsureSuccessStatusCode();
                using StreamReader lines = new(await answer.Content.ReadAsStreamAsync(end.Token));
                while (await lines.ReadLineAsync(end.Token) is { } line)
                {
                    if (line.StartsWith("data:", StringComparison.Ordinal)) // the last line of an event
                    {
                        Interlocked.Increment(ref heard);
                    }
                }
            }
            catch (Exception e) when (end.IsCancellationRequested && e is (OperationCanceledException or IOException))
            {
                // The end of the measurement.
            }
        }
    }
}

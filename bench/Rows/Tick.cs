using System.Diagnostics;
using System.Globalization;
using DuckDB.NET.Data;
using Orleans;
using Orleans.Runtime;
using Orleans.Streams;
using Pnl.Bench.Data;
using Pnl.Bench.Hosts;
using Pnl.Bench.Peers;
using Pnl.Bench.Reporting;
using Pnl.Grains;

namespace Pnl.Bench.Rows;

/// <summary>
/// A bar of each of 10,000 tokens with 30 days of history: from publishing the first one to the streams until every token
/// has answered its rolling windows as of it, which it does only once it is durable. Published as the feed does, by
/// partitions; beside it an event a token on its own stream.
/// </summary>
internal sealed class Tick : IRow
{
    private const int Tokens = 10_000, Days = 30, WarmUps = 5, Ticks = 50, SingleTicks = 11, DirectTicks = 11;
    private const int LoadsAtOnce = 32, EventsAtOnce = 64, CallsAtOnce = 16;

    // The peer's windows are made of fewer tokens, and their time is multiplied: more would only be worse for it.
    private const int PeerTokens = 1000;

    private static readonly DateTimeOffset End = new(2025, 6, 30, 3, 0, 0, TimeSpan.Zero);

    public IReadOnlyList<string> Names => ["tick.10k"];

    public async Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        (double append, double windows, double pnl) = Peer(run);
        string others = $"{PostgresTick(run)}; {RedisTick.Measure(run, TokenMarket.SameDays(PeerTokens, End, Days), Tokens)}";
        BenchRun.Log(others);
        BenchRun.Log($"DuckDB: append {append:0.000} s, windows {windows:0.00} s, PnL {pnl:0.00} s");

        await using SiloInProcess silo = await SiloInProcess.StartAsync(run, cancel);
        int end = BarTime.SlotAt(End);
        List<(string Id, Bar[] Live)> tokens = [];
        using IEnumerator<TokenBars> market = TokenMarket.EachOfSameDays(Tokens, BarTime.Open(end + WarmUps + Ticks + SingleTicks + DirectTicks), Days + 1).GetEnumerator();
        await Task.WhenAll(Enumerable.Range(0, LoadsAtOnce).Select(_ => Task.Run(async () =>
        {
            while (Next() is { } bars)
            {
                int known = Array.FindIndex(bars.Slots, slot => slot >= end);
                await silo.LoadAsync(bars.First(known < 0 ? bars.Count : known));
                lock (tokens)
                {
                    tokens.Add((bars.Id, known < 0 ? [] : bars.ToBars()[known..]));
                }
            }
        }, cancel)));

        TokenBars? Next()
        {
            lock (market)
            {
                return market.MoveNext() ? market.Current : null;
            }
        }

        BenchRun.Log($"{tokens.Count} tokens loaded");
        IStreamProvider streams = silo.Grains.GetStreamProvider(RateEvent.StreamProvider);
        double[] published = new double[Ticks], answered = new double[Ticks], single = new double[SingleTicks];
        TimeSpan processor = default;
        for (int i = 0; i < WarmUps + Ticks + SingleTicks; i++)
        {
            (ITokenGrain Grain, string Id, RateEvent Bar)[] events = Events(end + i);
            DateTimeOffset asOf = BarTime.Close(end + i);
            bool bySingles = i >= WarmUps + Ticks;
            TimeSpan before = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            if (bySingles)
            {
                await InTurn(events.Length, EventsAtOnce, e =>
                    streams.GetStream<RateEvent>(StreamId.Create(RateEvent.StreamNamespace, events[e].Id)).OnNextAsync(events[e].Bar));
            }
            else
            {
                await Task.WhenAll(events.GroupBy(e => RatesEvent.PartitionOf(e.Id)).Select(async partition =>
                {
                    IAsyncStream<RatesEvent> stream = streams.GetStream<RatesEvent>(StreamId.Create(RatesEvent.StreamNamespace, partition.Key.ToString(CultureInfo.InvariantCulture)));
                    foreach ((ITokenGrain, string Id, RateEvent Bar)[] some in partition.Chunk(RatesEvent.MostBars))
                    {
                        await stream.OnNextAsync(new(
                            Array.ConvertAll(some, e => e.Id), Array.ConvertAll(some, e => e.Bar.Time), Array.ConvertAll(some, e => e.Bar.Rate), Array.ConvertAll(some, e => e.Bar.CoveredFrom!.Value)));
                    }
                }));
            }

            double sent = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await InTurn(events.Length, CallsAtOnce, async e =>
            {
                while ((await events[e].Grain.GetPnl())!.AsOf < asOf)
                {
                    await Task.Delay(10, cancel); // on its way; there is nothing to wait for but the answer
                }
            });
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (bySingles)
            {
                single[i - WarmUps - Ticks] = seconds;
            }
            else if (i >= WarmUps)
            {
                (published[i - WarmUps], answered[i - WarmUps]) = (sent, seconds);
                processor += Environment.CpuUsage.TotalTime - before;
            }
        }

        // What the streams add is told by bars that are handed to the grains without them.
        double[] direct = new double[DirectTicks], windowsAfter = new double[DirectTicks];
        for (int i = 0; i < DirectTicks; i++)
        {
            (ITokenGrain Grain, string Id, RateEvent Bar)[] events = Events(end + WarmUps + Ticks + SingleTicks + i);
            long start = Stopwatch.GetTimestamp();
            await InTurn(events.Length, EventsAtOnce, e => events[e].Grain.Ingest(new() { Time = new[] { events[e].Bar.Time }, Rate = new[] { events[e].Bar.Rate } }));
            direct[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await InTurn(events.Length, CallsAtOnce, e => events[e].Grain.GetPnl());
            windowsAfter[i] = Stopwatch.GetElapsedTime(start).TotalSeconds - direct[i];
        }

        (ITokenGrain, string, RateEvent)[] Events(int slot) =>
        [
            .. tokens.SelectMany(token => token.Live.Where(bar => bar.Slot == slot).Select(bar => (
                silo.Token(token.Id), token.Id, new RateEvent(BarTime.OpenSeconds(slot), bar.Rate, BarTime.OpenSeconds(slot))))),
        ];

        Array.Sort(single);
        Array.Sort(direct);
        Array.Sort(windowsAfter);
        Array.Sort(published);
        Array.Sort(answered);
        (double p50, double p99) = Timing.At(answered);
        Rival peer = new($"{DuckDb.Name}, append + windows", (append + windows) * 1e3);
        return
        [
            Figure.Lower("tick.10k.p50", "ms", p50 * 1e3, peer,
                $"{Tokens} tokens x {Days} days, {RatesEvent.Partitions} partitions, {Ticks} ticks; with an event a token on its own stream {Significant.Text(single[SingleTicks / 2] * 1e3)}; {Significant.Text(Timing.At(published).P50 * 1e3)} of it to publish; processor time"
                + $" {Significant.Text(processor.TotalMilliseconds / Ticks)} a tick; handed to the grains without streams,"
                + $" {EventsAtOnce} at once, {Significant.Text(direct[DirectTicks / 2] * 1e3)} until durable and {Significant.Text(windowsAfter[DirectTicks / 2] * 1e3)} for the windows; DuckDB appends in"
                + $" {Significant.Text(append * 1e3)}, its windows are those of {PeerTokens} tokens times {Tokens / PeerTokens}; the PnL of the windows alone would take it {Significant.Text(pnl * 1e3)}; {others}"),
            Figure.Lower("tick.10k.p99", "ms", p99 * 1e3, peer, null),
        ];
    }

    /// <summary>Does things for all indices, so many at once, on threads of the pool.</summary>
    private static Task InTurn(int count, int atOnce, Func<int, Task> work)
    {
        int next = -1;
        return Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                await work(i);
            }
        })));
    }

    private static string PostgresTick(BenchRun run)
    {
        using Postgres? server = Postgres.Start();
        if (server is null)
        {
            return "PostgreSQL is not installed";
        }

        server.LoadBars(TokenMarket.SameDays(PeerTokens, End, Days));
        run.Explain($"tick.10k, {server.Name}, windows", WindowQueries.PostgresRings);
        double windows = Timing.Median(() => server.Rows(WindowQueries.PostgresRings), 3) * Tokens / PeerTokens;
        int slot = BarTime.SlotAt(End);
        double append = Timing.Median(() => server.Append(slot++, Tokens), 21);
        return $"{server.Name} appends in {Significant.Text(append * 1e3)}, windows {Significant.Text(windows * 1e3)}";
    }

    private static (double Append, double Windows, double Pnl) Peer(BenchRun run)
    {
        TokenBars[] bars = TokenMarket.SameDays(PeerTokens, End, Days);
        using DuckDb database = DuckDb.Open(run);
        database.LoadBars(run, bars);
        string rings = WindowQueries.Rings(WindowQueries.PartitionedSteps);
        run.Explain($"tick.10k, {DuckDb.Name}, windows", rings);
        run.Explain($"tick.10k, {DuckDb.Name}, PnL alone", WindowQueries.PnlAlone);
        double windows = Timing.Median(() => database.Rows(rings)) * Tokens / PeerTokens;
        double pnl = Timing.Median(() => database.Rows(WindowQueries.PnlAlone)) * Tokens / PeerTokens;
        int slot = BarTime.SlotAt(End);
        double append = Timing.Median(() =>
        {
            using (DuckDBAppender appender = database.NewAppender("bars"))
            {
                for (int token = 0; token < Tokens; token++)
                {
                    appender.CreateRow().AppendValue(token).AppendValue(slot).AppendValue(1.0).EndRow();
                }
            }

            slot++;
        }, 21);
        return (append, windows, pnl);
    }
}

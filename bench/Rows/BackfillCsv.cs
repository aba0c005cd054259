using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Pnl.Bench.Data;
using Pnl.Bench.Hosts;
using Pnl.Bench.Peers;
using Pnl.Bench.Reporting;

namespace Pnl.Bench.Rows;

/// <summary>
/// CSV over HTTP into the built program: bodies of 100,000 rows, each to a token of its own, answered once they are durable
/// and queryable. The peer loads the same text from files into a durable table, a transaction a token, and makes the windows
/// that our answer already holds.
/// </summary>
internal sealed class BackfillCsv : IRow
{
    private const int Rows = 100_000, Bodies = 32, Runs = 5, ManyClients = 4;

    private static readonly DateTimeOffset End = new(2025, 6, 30, 0, 0, 0, TimeSpan.Zero);

    // The other process has its tiers to compile.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);

    public IReadOnlyList<string> Names => ["backfill.csv"];

    public async Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        TokenBars[] tokens = [.. TokenMarket.SameDays(Bodies, End, Rows / BarTime.BarsPerDay + 5).Select(token => token.First(Rows))];
        byte[][] bodies = [.. tokens.Select(Csv)];
        const double Bars = (double)Bodies * Rows;

        double one, many;
        using (SiloProcess silo = await SiloProcess.ReadyAsync(run.NewPath("-silo"), ["--Pnl:Feed", "none"], cancel))
        {
            using HttpClient http = silo.NewClient();
            long warmUp = Stopwatch.GetTimestamp();
            for (int i = 0; Stopwatch.GetElapsedTime(warmUp) < WarmUp; i++)
            {
                await SecondsAsync(http, $"warm-up-{i}-", bodies, i % 2 == 0 ? ManyClients : 1, cancel);
            }

            one = Bars / await MedianAsync(http, bodies, 1, cancel);
            many = Bars / await MedianAsync(http, bodies, ManyClients, cancel);
            silo.Kill();
        }

        // What no server that takes this text and keeps these bytes could save.
        double parse = Timing.Median(() => Parse(bodies[0])) / Rows, take = Timing.Median(() => StoredToken.Of(tokens[0])) / Rows;
        double flush = FlushTime(run);
        (double load, double windows) = Peer(run, bodies, tokens);
        string costs = $"a core takes {Significant.Text(parse * 1e9)} ns a bar to parse and {Significant.Text(take * 1e9)} ns to check, encode and sum up;"
            + $" a flush of the disk takes {Significant.Text(flush * 1e3)} ms, one a body";
        Rival peer = new($"{DuckDb.Name}, load + windows", Bars / (load + windows));
        string others = $"DuckDB's load alone {Significant.Text(Bars / load)}, exact only to a double, without keys; target at least 300,000";
        double oneLimit = 1 / (parse + take + flush / Rows), manyLimit = Math.Min(Environment.ProcessorCount / (parse + take), Rows / flush);
        return
        [
            Figure.Higher("backfill.csv.1", "durable bars/s", one, peer, $"1 client, bodies of 100,000 rows, {bodies[0].Length / 1e6:0.0} MB; {costs}; {others}", oneLimit, "parse, encode and flush, one after the other"),
            Figure.Higher("backfill.csv.4", "durable bars/s", many, peer, $"{ManyClients} clients", manyLimit, "parse and encode on all cores"),
        ];
    }

    private static byte[] Csv(TokenBars token)
    {
        StringBuilder text = new("time,rate\n");
        for (int i = 0; i < token.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{BarTime.OpenSeconds(token.Slots[i])},{Mantissa.ToRate(token.Mantissas[i], token.Scale)}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static async Task<double> MedianAsync(HttpClient http, byte[][] bodies, int clients, CancellationToken cancel)
    {
        double[] seconds = new double[Runs];
        for (int i = 0; i < Runs; i++)
        {
            seconds[i] = await SecondsAsync(http, $"clients-{clients}-run-{i}-", bodies, clients, cancel);
        }

        Array.Sort(seconds);
        return seconds[Runs / 2];
    }

    /// <summary>How long it takes to send the bodies to tokens that had no bar.</summary>
    private static async Task<double> SecondsAsync(HttpClient http, string prefix, byte[][] bodies, int clients, CancellationToken cancel)
    {
        for (int i = 0; i < bodies.Length; i++)
        {
            using StringContent details = new("{}", Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await http.PutAsync(new Uri($"/v1/tokens/{prefix}{i}", UriKind.Relative), details, cancel);
            answer.EnsureSuccessStatusCode();
        }

        long start = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, bodies.Length, new ParallelOptions { MaxDegreeOfParallelism = clients, CancellationToken = cancel }, async (i, token) =>
        {
            using ByteArrayContent body = new(bodies[i]);
            body.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
            using HttpResponseMessage answer = await http.PostAsync(new Uri($"/v1/tokens/{prefix}{i}/rates", UriKind.Relative), body, token);
            answer.EnsureSuccessStatusCode();
            using JsonDocument counts = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(token));
            if (counts.RootElement.GetProperty("accepted").GetInt32() != Rows)
            {
                throw new InvalidOperationException($"of {Rows} bars {counts.RootElement.GetProperty("accepted")} were accepted");
            }
        });
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Parse(byte[] body)
    {
        using RateCsv rows = new(new StreamReader(new MemoryStream(body), Encoding.UTF8));
        while (rows.TryRead(out _))
        {
        }
    }

    /// <summary>Seconds to write a body's worth of blocks and flush them, where the data folders are.</summary>
    private static double FlushTime(BenchRun run)
    {
        using FileStream file = new(run.NewPath("-flush"), FileMode.Create);
        byte[] blocks = new byte[Rows * 3 / 2];
        return Timing.Percentiles(() =>
        {
            file.Position = 0;
            file.Write(blocks);
            file.Flush(flushToDisk: true);
        }).P50;
    }

    private static (double Load, double Windows) Peer(BenchRun run, byte[][] bodies, TokenBars[] tokens)
    {
        string[] files = [.. bodies.Select((body, i) =>
        {
            string path = run.NewPath(".csv");
            File.WriteAllBytes(path, body);
            return path;
        })];
        using DuckDb database = DuckDb.Open(run);
        const string Table = "CREATE OR REPLACE TABLE bars (token INTEGER, slot INTEGER, close DOUBLE)";
        string Load(int i) =>
            $"INSERT INTO bars SELECT {i}, time // 300, rate FROM read_csv('{files[i]}', header = true, delim = ',', quote = '', escape = '', columns = {{'time': 'BIGINT', 'rate': 'DOUBLE'}})";
        run.Explain($"backfill.csv, {DuckDb.Name}", $"{Table};\n{Load(0)}; -- a file a transaction");
        string windows = WindowQueries.Rings(WindowQueries.PartitionedSteps);
        run.Explain($"backfill.csv, {DuckDb.Name}, windows", windows);
        void All()
        {
            database.Execute(Table);
            for (int i = 0; i < files.Length; i++)
            {
                database.Execute(Load(i));
            }
        }

        double load = Timing.Median(All);
        WindowChecks.Same([.. tokens.Select(StoredToken.Of)], database.Rows(windows), "loaded from CSV");
        return (load, Timing.Median(() => database.Rows(windows)));
    }
}

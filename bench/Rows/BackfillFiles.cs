using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Pnl.Bench.Data;
using Pnl.Bench.Hosts;
using Pnl.Bench.Peers;
using Pnl.Bench.Reporting;

namespace Pnl.Bench.Rows;

/// <summary>
/// A backfill of all tokens from a folder of files by the built program, as a user starts it: read, landed as Parquet,
/// imported, until its status says that it is complete; then the windows of all tokens are asked over HTTP. The peer loads
/// files of the same tokens and makes the same windows.
/// </summary>
/// <param name="extension">Of the files: <c>.parquet</c> or <c>.csv.gz</c>.</param>
/// <param name="tokens">Number of tokens.</param>
/// <param name="days">Bars of so many days each.</param>
/// <param name="peerTokens">Of how many the peer does the work: it would take hours for all.</param>
internal sealed class BackfillFiles(string extension, int tokens, int days, int peerTokens) : IRow
{
    private const int Clients = 8;

    private static readonly DateTimeOffset End = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100), BetweenLines = TimeSpan.FromSeconds(5);

    private string Name => "backfill" + extension;

    public IReadOnlyList<string> Names => [Name];

    public async Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        string files = run.NewPath("-files"), data = run.NewPath("-silo");
        long bars = RateFiles.Write(files, extension, tokens, End, days, new Lines());
        BenchRun.Log($"{bars:N0} bars in {tokens:N0} files, {Size(files) / 1e6:N0} MB");

        double seconds, processor, ask, peak, windows;
        string status;
        using (SiloProcess silo = await SiloProcess.ReadyAsync(data, ["--Pnl:Feed", "none", "--Pnl:Sources:Files:Path", files], cancel))
        {
            using HttpClient http = silo.NewClient();
            TimeSpan before = silo.ProcessorTime;
            long start = Stopwatch.GetTimestamp();
            using HttpResponseMessage accepted = await http.PostAsJsonAsync(new Uri("/v1/backfills", UriKind.Relative), new { tokens = "all", source = "files" }, cancel);
            accepted.EnsureSuccessStatusCode();
            status = await EndedAsync(http, accepted.Headers.Location!, cancel);
            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            processor = (silo.ProcessorTime - before).TotalSeconds;
            BenchRun.Log($"{bars / seconds / 1e6:0.00} M bars/s, {silo.PeakMiB:N0} MiB at most");

            long asked = Stopwatch.GetTimestamp();
            (long counted, int answers) = await AskAllAsync(http, cancel);
            ask = Stopwatch.GetElapsedTime(asked).TotalSeconds;
            if (counted != bars || answers != tokens)
            {
                throw new InvalidOperationException($"{answers} tokens with {counted} bars instead of {tokens} with {bars}; {status}");
            }

            peak = silo.PeakMiB;
            windows = answers / ask;
            silo.Kill();
        }

        // As it is once the log is in the file, which the killed process left to the next start.
        string database = Path.Combine(data, "bars.db");
        using (SqliteConnection connection = new($"Data Source={database};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            command.ExecuteNonQuery();
        }

        double store = new FileInfo(database).Length;
        double landed = Size(Path.Combine(data, "landing"));
        (double load, double compute, long peerBars) = Peer(run, files);
        Rival peer = new($"{DuckDb.Name}, load + windows", peerBars / (load + compute));
        return
        [
            Figure.Higher(
                Name, "bars/s", bars / seconds, peer,
                $"{bars:N0} bars of {tokens:N0} tokens in {seconds:0.0} s and {processor:0.0} s of processor time ({processor / bars * 1e9:0} ns a bar), landed and durable; all windows of all tokens over HTTP {ask:0.0} s ({windows:0}/s);"
                + $" peak {peak:N0} MiB resident; store {store / 1e6:N0} MB ({store / bars:0.00} bytes/bar), landing {landed / 1e6:N0} MB, files {Size(files) / 1e6:N0} MB;"
                + $" DuckDB on {peerBars:N0} bars: load {Significant.Text(peerBars / load)}/s, windows {Significant.Text(peerBars / compute)}/s"),
        ];
    }

    private static async Task<string> EndedAsync(HttpClient http, Uri backfill, CancellationToken cancel)
    {
        for (long line = 0; ; await Task.Delay(BetweenLooks, cancel))
        {
            string text = await http.GetStringAsync(backfill, cancel);
            using JsonDocument status = JsonDocument.Parse(text);
            switch (status.RootElement.GetProperty("status").GetString())
            {
                case "completed":
                    return text;
                case "planned" or "running":
                    if (line == 0 || Stopwatch.GetElapsedTime(line) >= BetweenLines)
                    {
                        line = Stopwatch.GetTimestamp();
                        JsonElement done = status.RootElement.GetProperty("tokens");
                        BenchRun.Log($"{done.GetProperty("done")} of {done.GetProperty("total")} tokens, {status.RootElement.GetProperty("barsPerSecond").GetDouble() / 1e6:0.00} M bars/s, eta {status.RootElement.GetProperty("eta")}");
                    }

                    break;
                default:
                    throw new InvalidOperationException($"the backfill did not complete: {text}");
            }
        }
    }

    private static async Task<(long Bars, int Answers)> AskAllAsync(HttpClient http, CancellationToken cancel)
    {
        HashSet<string> ids = await TokenIds.OfAsync(http, cancel);
        long bars = 0;
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = cancel }, async (id, token) =>
        {
            using JsonDocument pnl = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri($"/v1/tokens/{id}/pnl", UriKind.Relative), token));

            // Inception begins at the first bar's close, which it therefore does not count.
            Interlocked.Add(ref bars, 1 + pnl.RootElement.GetProperty("windows").GetProperty("inception").GetProperty("bars").GetInt64());
        });
        return (bars, ids.Count);
    }

    private (double Load, double Compute, long Bars) Peer(BenchRun run, string files)
    {
        string[] some = [.. Directory.EnumerateFiles(files).Order(StringComparer.Ordinal).Take(peerTokens)];
        using DuckDb database = DuckDb.Open(run);
        string Load(int i) => extension == ".parquet"
            ? $"INSERT INTO bars SELECT {i}, epoch_ms(time) // 300000, rate::DOUBLE FROM read_parquet('{some[i]}')"
            : $"INSERT INTO bars SELECT {i}, time // 300, rate FROM read_csv('{some[i]}', header = true, delim = ',', quote = '', escape = '', columns = {{'time': 'BIGINT', 'rate': 'DOUBLE'}})";
        long start = Stopwatch.GetTimestamp();
        database.Execute("CREATE TABLE bars (token INTEGER, slot INTEGER, close DOUBLE); BEGIN");
        for (int i = 0; i < some.Length; i++)
        {
            database.Execute(Load(i));
        }

        database.Execute("COMMIT");
        double load = Stopwatch.GetElapsedTime(start).TotalSeconds;
        string windows = WindowQueries.Rings(WindowQueries.PartitionedSteps);
        run.Explain($"{Name}, {DuckDb.Name}", $"{Load(0)}; -- all files in one transaction\n{windows}");
        start = Stopwatch.GetTimestamp();
        List<double[]> rows = database.Rows(windows);
        double compute = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (rows.Count != some.Length * RollingWindow.All.Length)
        {
            throw new InvalidOperationException($"{rows.Count} windows of {some.Length} tokens");
        }

        return (load, compute, (long)database.Rows("SELECT count(*) FROM bars")[0][0]);
    }

    private static double Size(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => (double)file.Length);

    private sealed class Lines : IProgress<(int Tokens, long Bars)>
    {
        public void Report((int Tokens, long Bars) value) => BenchRun.Log(string.Create(CultureInfo.InvariantCulture, $"{value.Tokens:N0} files with {value.Bars:N0} bars written"));
    }
}

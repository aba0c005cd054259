using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Pnl.Bench.Data;
using Pnl.Bench.Hosts;
using Pnl.Bench.Reporting;
using Pnl.Rates;

namespace Pnl.Bench.Rows;

/// <summary>
/// What a backfill costs those who ask meanwhile: <c>GET pnl</c> of random tokens at a fixed rate, each request sent at its
/// time whether or not others were answered, before and during a backfill of the same tokens, while live bars arrive. The
/// requests come from this process, on the same processors. In the end every token's bytes are those of a clean build of
/// its bars.
/// </summary>
internal sealed class BackfillBeside : IRow
{
    private const int Tokens = 2000, Days = 365, Rate = 200;

    private static readonly TimeSpan Alone = TimeSpan.FromSeconds(20), WarmUp = TimeSpan.FromSeconds(10);
    private static readonly DateTimeOffset End = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public IReadOnlyList<string> Names => ["backfill.beside"];

    public async Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        string files = run.NewPath("-files"), data = run.NewPath("-silo");
        long bars = RateFiles.Write(files, ".parquet", Tokens, End, Days, new Progress<(int, long)>());
        double[] alone, beside;
        using (SiloProcess silo = await SiloProcess.ReadyAsync(data, ["--Pnl:Sources:Files:Path", files, "--Pnl:Simulated:HistoryDays", "3"], cancel))
        {
            using HttpClient http = silo.NewClient();
            HashSet<string> live = await TokenIds.OfAsync(http, cancel); // some were delisted since
            string[] ids = [.. Directory.EnumerateFiles(files).Select(path => Path.GetFileNameWithoutExtension(path).ToLowerInvariant()).Select(name => name[..name.LastIndexOf('-')]).Where(live.Contains)];
            await LoadAsync(http, ids, Task.Delay(WarmUp, cancel), cancel);
            alone = await LoadAsync(http, ids, Task.Delay(Alone, cancel), cancel);

            using HttpResponseMessage accepted = await http.PostAsJsonAsync(new Uri("/v1/backfills", UriKind.Relative), new { tokens = ids, source = "files" }, cancel);
            accepted.EnsureSuccessStatusCode();
            BenchRun.Log($"{ids.Length} tokens: {await accepted.Content.ReadAsStringAsync(cancel)}");
            beside = await LoadAsync(http, ids, EndedAsync(http, accepted.Headers.Location!, cancel), cancel);
            silo.Kill();
        }

        long checkedBars = await CheckAsync(data, cancel);
        BenchRun.Log($"{checkedBars:N0} bars stored as a clean build has them");
        (double p50, double p99) = Timing.At(beside);
        (double p50Alone, double p99Alone) = Timing.At(alone);
        return
        [
            Figure.Lower(
                "backfill.beside.p99", "ms", p99 * 1e3, new("the same without a backfill", p99Alone * 1e3),
                $"GET pnl at {Rate}/s, {beside.Length} requests while {bars:N0} bars of {Tokens} tokens are backfilled from Parquet and live bars arrive; p50 {Significant.Text(p50 * 1e3)}, without {Significant.Text(p50Alone * 1e3)};"
                + $" all {checkedBars:N0} bars stored afterwards byte for byte as a clean build has them; target at most 3 times"),
        ];
    }

    /// <summary>Seconds that each request took from the moment at which it was due, sorted.</summary>
    private static async Task<double[]> LoadAsync(HttpClient http, string[] ids, Task until, CancellationToken cancel)
    {
        Random random = new(7);
        List<Task<double>> asked = [];
        long start = Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(1.0 / Rate));
        while (!until.IsCompleted)
        {
            for (int due = (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * Rate); asked.Count < due;)
            {
                asked.Add(AskAsync(http, ids[random.Next(ids.Length)], start + (long)((asked.Count + 1.0) / Rate * Stopwatch.Frequency), cancel));
            }

            await timer.WaitForNextTickAsync(cancel);
        }

        await until;
        double[] seconds = await Task.WhenAll(asked);
        Array.Sort(seconds);
        return seconds;
    }

    private static async Task<double> AskAsync(HttpClient http, string id, long due, CancellationToken cancel)
    {
        using HttpResponseMessage answer = await http.GetAsync(new Uri($"/v1/tokens/{id}/pnl", UriKind.Relative), cancel);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancel);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{id}: {(int)answer.StatusCode} {System.Text.Encoding.UTF8.GetString(body)}");
        }

        return Stopwatch.GetElapsedTime(due).TotalSeconds;
    }

    private static async Task EndedAsync(HttpClient http, Uri backfill, CancellationToken cancel)
    {
        for (string? status = null; status != "completed"; await Task.Delay(TimeSpan.FromSeconds(0.5), cancel))
        {
            using JsonDocument answer = JsonDocument.Parse(await http.GetStringAsync(backfill, cancel));
            status = answer.RootElement.GetProperty("status").GetString();
            if (status is not ("planned" or "running" or "completed"))
            {
                throw new InvalidOperationException($"the backfill did not complete: {answer.RootElement}");
            }
        }
    }

    /// <summary>Compares every stored segment with those that its bars give when they come all at once.</summary>
    private static async Task<long> CheckAsync(string data, CancellationToken cancel)
    {
        await using SqliteSegmentStore store = SqliteSegmentStore.Open(data);
        long bars = 0;
        foreach (string token in await store.ListAsync(null, null, int.MaxValue, cancel))
        {
            Rates.StoredToken stored = (await store.LoadAsync(token, cancel))!;
            List<Segment> segments = [];
            foreach (MonthSummary month in stored.Months)
            {
                segments.Add(await store.ReadMonthAsync(stored.Key, month.Month, cancel));
            }

            Bar[] all = [.. segments.SelectMany(segment => segment.ToBars()), .. stored.Tail?.ToBars() ?? []];
            HistoryChange clean = TokenHistory.Empty.With(all, default, SegmentSet.Empty, TokenHistory.Stagger(token));
            bool same = clean.Sealed.Select(month => month.Segment).Zip(segments).All(pair => pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span))
                && clean.Sealed.Count == segments.Count && Same(clean.History.Tail, stored.Tail);
            bars += same ? all.Length : throw new InvalidOperationException($"{token} is not stored as a clean build of its {all.Length} bars");
        }

        return bars;
    }

    private static bool Same(Segment? one, Segment? other) =>
        (one is null) == (other is null) && (one is null || one.Bytes.Span.SequenceEqual(other!.Bytes.Span));
}

using System.Text.Json;
using Pnl.Bench.Hosts;
using Pnl.Bench.Reporting;

namespace Pnl.Bench.Rows;

/// <summary>
/// The program from nothing to 10,000 live tokens with 30 days of history, again after kill -9, and what memory that takes.
/// No peer does the same work.
/// </summary>
internal sealed class Start : IRow
{
    private const int Restarts = 5, Clients = 8;
    private const string NoPeer = "no peer: none makes a market of its own";

    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(2);

    public IReadOnlyList<string> Names => ["start.10k", "restart.10k", "memory.10k"];

    public async Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        // The settings of the program as it comes: 10,300 tokens, of which some 10,000 trade, and 30 days.
        string folder = run.NewPath("-silo");
        double start, startProcessor, atReady, rested, peak, restartProcessor = 0;
        long bars, tokens;
        using (SiloProcess silo = await SiloProcess.ReadyAsync(folder, [], cancel))
        {
            (start, startProcessor, atReady) = (silo.UntilReady.TotalSeconds, silo.ProcessorTimeUntilReady.TotalSeconds, silo.ResidentMiB);
            using HttpClient http = silo.NewClient();
            (tokens, bars) = await FilledAsync(http, cancel);
            await Task.Delay(Rest, cancel);
            (rested, peak) = (silo.ResidentMiB, silo.PeakMiB);
            BenchRun.Log($"ready after {start:0.0} s, {atReady:0} MiB, {rested:0} MiB later, {peak:0} MiB at most");
            silo.Kill();
        }

        double[] restarts = new double[Restarts];
        double idle = 0, active = 0, activePeak = 0;
        for (int i = 0; i < Restarts; i++)
        {
            using SiloProcess silo = await SiloProcess.ReadyAsync(folder, [], cancel);
            restarts[i] = silo.UntilReady.TotalSeconds;
            restartProcessor += silo.ProcessorTimeUntilReady.TotalSeconds / Restarts;
            if (i == Restarts - 1)
            {
                idle = silo.ResidentMiB;
                using HttpClient http = silo.NewClient();
                await AskAllAsync(http, cancel);
                (active, activePeak) = (silo.ResidentMiB, silo.PeakMiB);
            }

            silo.Kill();
        }

        Array.Sort(restarts);
        return
        [
            Figure.Lower("start.10k", "s", start, null, $"{tokens} tokens, {bars / 1e6:0.0} M bars generated and durable; processor time {Significant.Text(startProcessor)}; {NoPeer}; target below 40"),
            Figure.Lower("restart.10k", "s", restarts[Restarts / 2], null, $"after kill -9, median of {Restarts}, at most {Significant.Text(restarts[^1])}; processor time {Significant.Text(restartProcessor)}; {NoPeer}; target below 5"),
            Figure.Lower(
                "memory.10k", "MiB resident", Math.Max(rested, active), null,
                $"with every token's grain active, the larger of {rested:0} two minutes after the first start, live bars going in, and {active:0} after a restart and the windows of"
                + $" all tokens over HTTP; at ready {atReady:0} and {idle:0}, at most ever {peak:0} and {activePeak:0}; {NoPeer}; target below 600"),
        ];
    }

    private static async Task<(long Tokens, long Bars)> FilledAsync(HttpClient http, CancellationToken cancel)
    {
        using JsonDocument health = JsonDocument.Parse(await http.GetStringAsync(new Uri("/health/ready", UriKind.Relative), cancel));
        JsonElement data = health.RootElement.GetProperty("checks").GetProperty("feed").GetProperty("data");
        return (data.GetProperty("tokensTotal").GetInt64(), data.GetProperty("bars").GetInt64());
    }

    private static async Task AskAllAsync(HttpClient http, CancellationToken cancel)
    {
        await Parallel.ForEachAsync(await TokenIds.OfAsync(http, cancel), new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = cancel }, async (id, token) =>
            await http.GetByteArrayAsync(new Uri($"/v1/tokens/{id}/pnl", UriKind.Relative), token));
    }
}

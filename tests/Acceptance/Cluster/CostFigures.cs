using System.Globalization;
using System.Text.RegularExpressions;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pnl.Grains;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>
/// What Azure's storage is asked for and what it keeps, by what there is to do: what docs/cost.md reckons with. Written to the output;
/// nothing of it is asserted:
/// <code>Pnl__Figures__Tokens=1000 dotnet run -c Release --project tests/Acceptance -- -explicit only -class Pnl.Tests.Acceptance.Cluster.CostFigures -showLiveOutput</code>
/// </summary>
public sealed partial class CostFigures
{
    private const int Callers = 64, FeedCallers = 8 * 64, Ticks = 6, Days = 4; // the feed has 8 partitions, which hand over 64 each

    private static readonly int Tokens = int.Parse(Environment.GetEnvironmentVariable("Pnl__Figures__Tokens") ?? "1000", CultureInfo.InvariantCulture);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task What_is_asked_for_and_kept()
    {
        await using AzuriteProcess azurite = await AzuriteProcess.StartAsync(accessLog: true);
        Asked asked = new(azurite);
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(azurite.ConnectionString, 1, withGateway: false);
        asked.Tell("the first silo until it is ready, tables made", 1);
        using IHost client = await ClusterFigures.EnterAsync(azurite.ConnectionString, cluster.Prefix);
        IGrainFactory grains = client.Services.GetRequiredService<IGrainFactory>();
        ITokenGrain[] tokens = [.. Enumerable.Range(0, Tokens).Select(i => grains.GetGrain<ITokenGrain>($"token-{i:d5}"))];
        int first = BarTime.FirstSlotOfDay(BarTime.DayOf(BarTime.LastClosedSlot(TimeProvider.System.GetUtcNow())) - Days);
        asked.Skip();
        await EachAsync(tokens, (token, i) => token.Register(new() { Symbol = $"T{i}" }).WaitAsync(Cancellation));
        asked.Tell("registering a token", Tokens);
        for (int day = 0; day < Days; day++)
        {
            int from = first + day * BarTime.BarsPerDay;
            await EachAsync(tokens, (token, i) => token.Ingest(Batch(i, from, BarTime.BarsPerDay)));
            asked.Tell($"a day of bars of a token at once, day {day + 1}", Tokens);
        }

        int next = first + Days * BarTime.BarsPerDay;
        for (int tick = 0; tick < Ticks && next + tick < BarTime.LastClosedSlot(TimeProvider.System.GetUtcNow()); tick++)
        {
            int callers = tick % 2 == 0 ? FeedCallers : Callers;
            await EachAsync(tokens, (token, i) => token.IngestEvent(new(BarTime.OpenSeconds(next + tick), Rate(i, next + tick), BarTime.OpenSeconds(next + tick))), callers);
            asked.Tell($"a tick of {Tokens} tokens, {callers} handed over at once", 1);
        }

        foreach (string table in (string[])["tokens", "months", "directory", "deadletters", "members", "portfolios", "portfoliolist"])
        {
            await SizeAsync(azurite, cluster.Prefix, table);
        }

        long blobs = 0;
        await foreach (Azure.Storage.Blobs.Models.BlobItem blob in new BlobContainerClient(azurite.ConnectionString, cluster.Prefix + "-state").GetBlobsAsync(cancellationToken: Cancellation))
        {
            blobs += blob.Properties.ContentLength ?? 0;
        }

        Write($"state of grains: {blobs} bytes");
        asked.Skip();
        await Task.Delay(TimeSpan.FromSeconds(60), Cancellation);
        asked.Tell("the 60 s after that: months that were rewritten are swept; one silo and one client at rest", 1);
        await cluster.AddSiloAsync();
        await cluster.AddSiloAsync();
        asked.Tell("two silos more until they are ready", 2);
        await Task.Delay(TimeSpan.FromSeconds(60), Cancellation);
        asked.Tell("60 s of three silos and one client at rest", 1);
        foreach (var silo in cluster.Silos.ToArray())
        {
            cluster.Kill(silo);
        }

        await cluster.AddSiloAsync();
        asked.Tell("a silo after all were killed, until it is ready", 1);
        await EachAsync(tokens, (token, _) => token.GetPnl());
        asked.Tell("a token that is asked for the first time after that, all windows", Tokens);
    }

    private static BarBatch Batch(int i, int from, int count) => new()
    {
        Time = Enumerable.Range(from, count).Select(BarTime.OpenSeconds).ToArray(), Rate = Enumerable.Range(from, count).Select(slot => Rate(i, slot)).ToArray(),
        CoveredFrom = BarTime.OpenSeconds(from), CoveredTo = BarTime.OpenSeconds(from + count),
    };

    /// <summary>A walk of four to five digits, whose noise is that of a market.</summary>
    private static decimal Rate(int i, int slot) => (10_000 + i % 977 + (slot * 7919 + i * 31) % 21 + slot % 1009) / 100m;

    private static async Task SizeAsync(AzuriteProcess azurite, string prefix, string table)
    {
        (int rows, long bytes) = (0, 0);
        await foreach (TableEntity row in new TableClient(azurite.ConnectionString, prefix + table).QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            rows++;

            // As Azure counts a row: 4 bytes, the keys twice their characters, and of each property 8, its name twice, and its value.
            bytes += 4 + (row.PartitionKey.Length + row.RowKey.Length) * 2 + row.Where(property => property.Key is not ("odata.etag" or "PartitionKey" or "RowKey" or "Timestamp"))
                .Sum(property => 8 + property.Key.Length * 2 + property.Value switch { byte[] value => value.Length + 4, string value => value.Length * 2 + 4, int => 4, _ => 8 });
        }

        Write($"table {table}: {rows} rows, {bytes} bytes as Azure counts them, {bytes / Math.Max(1, rows)} a row");
    }

    private static Task EachAsync(ITokenGrain[] tokens, Func<ITokenGrain, int, Task> act, int callers = Callers) => ClusterFigures.EachAsync(tokens, callers, act);

    private static void Write(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);

    /// <summary>What Azurite was asked for, by kind, since it was told last.</summary>
    private sealed partial class Asked(AzuriteProcess azurite)
    {
        private int _lines;

        public void Skip() => Since();

        /// <summary>Tells what was asked for, for each of a number of things that were done.</summary>
        public void Tell(string what, int times) =>
            Write($"{what}: {string.Join(", ", Since().OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Key} {kind.Value / (double)times:0.###}")))}");

        private Dictionary<string, int> Since()
        {
            string[] lines = azurite.Output.Split('\n');
            Dictionary<string, int> kinds = lines.Skip(_lines).Select(line => Request().Match(line)).Where(match => match.Success)
                .GroupBy(match => Kind(match.Groups[1].Value, match.Groups[2].Value)).ToDictionary(group => group.Key, group => group.Count());
            _lines = Math.Max(0, lines.Length - 1);
            return kinds;
        }

        private static string Kind(string method, string path) =>
            path.Contains("$batch", StringComparison.Ordinal) ? "transactions of tables"
            : TablePath().IsMatch(path) ? method == "GET" ? "reads of tables" : "writes of tables"
            : path.Contains("Tables", StringComparison.Ordinal) ? "tables made or looked for"
            : method is "GET" or "HEAD" ? "reads of blobs" : "writes of blobs";

        [GeneratedRegex(@"""(GET|PUT|POST|DELETE|MERGE|PATCH|HEAD) (\S+) HTTP")]
        private static partial Regex Request();

        [GeneratedRegex(@"^/[^/]+/t[0-9a-f]+[a-z]+(\(|%28)")]
        private static partial Regex TablePath();
    }
}

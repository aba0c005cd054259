using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Azure.Data.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Tests.Acceptance.EventHubs;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>
/// What a tick costs on clusters of one, two and three silos over Azurite, how tokens spread, and what is stored. Written to
/// the output; nothing of it is asserted:
/// <code>Pnl__Figures__Tokens=10000 dotnet run -c Release --project tests/Acceptance -- -explicit only -class Pnl.Tests.Acceptance.Cluster.ClusterFigures</code>
/// </summary>
public sealed class ClusterFigures
{
    private const int Ticks = 6, MostRows = 401, HubPartitions = 4, Readers = 16;
    private static readonly TimeSpan BetweenQueries = TimeSpan.FromMilliseconds(50); // so that those who ask leave the machine to the silos
    private static readonly TimeSpan UntilEven = TimeSpan.FromMinutes(6);

    private static readonly int Callers = Number("Pnl__Figures__Callers", 512); // as many as the feed's 8 partitions hand over at once

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Explicit = true)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_a_tick_costs(int silos)
    {
        Assert.SkipUnless(Number("Pnl__Figures__Silos", silos) == silos, "Another number of silos is asked for.");
        int count = Number("Pnl__Figures__Tokens", 10_000);
        await using AzuriteProcess azurite = await AzuriteProcess.StartAsync(accessLog: true);
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(azurite.ConnectionString, silos, withGateway: silos > 1);
        using IHost client = await EnterAsync(azurite.ConnectionString, cluster.Prefix);
        IGrainFactory grains = client.Services.GetRequiredService<IGrainFactory>();
        await using AzureSegmentStore store = await AzureSegmentStore.OpenAsync(new(new TableServiceClient(azurite.ConnectionString), cluster.Prefix, TimeProvider.System), 1);
        IEnumerable<string> ids = Enumerable.Range(0, count).Select(i => $"token-{i:d5}");
        ids = Number("Pnl__Figures__InOrder", 1) == 1 ? ids.OrderBy(store.GroupOf) : ids; // as the feed hands them over, or as it did before
        ITokenGrain[] tokens = [.. ids.Select(id => grains.GetGrain<ITokenGrain>(id))];
        int last = BarTime.LastClosedSlot(TimeProvider.System.GetUtcNow()) - Ticks;
        Random random = new(1);
        long began = Stopwatch.GetTimestamp();
        await EachAsync(tokens, (token, i) => token.Register(new() { Symbol = $"T{i}" }));
        string registered = $"{Stopwatch.GetElapsedTime(began).TotalSeconds:f1} s ({Groups(azurite)} transactions)";
        began = Stopwatch.GetTimestamp();
        await EachAsync(tokens, (token, i) => token.Ingest(new()
        {
            Time = Enumerable.Range(last + 1 - MostRows, MostRows).Select(BarTime.OpenSeconds).ToArray(),
            Rate = Enumerable.Range(0, MostRows).Select(n => (decimal)(1000 + i) / 100 + n % 13).ToArray(),
            CoveredFrom = BarTime.OpenSeconds(last + 1 - MostRows), CoveredTo = BarTime.OpenSeconds(last + 1),
        }));
        Write($"{silos} silos, {count} tokens, {Callers} at once: registered in {registered}, {MostRows} bars each in {Stopwatch.GetElapsedTime(began).TotalSeconds:f1} s; load {Load}");
        List<double> took = [];
        (TimeSpan Processor, int Groups) before = default;
        for (int tick = 1; tick <= Ticks; tick++)
        {
            if (tick == 2)
            {
                before = (cluster.ProcessorTime, Groups(azurite)); // the first warms up
            }

            int slot = last + tick;
            began = Stopwatch.GetTimestamp();
            await EachAsync(tokens, (token, i) => token.IngestEvent(new(BarTime.OpenSeconds(slot), (decimal)(1000 + i + slot % 7) / 100, BarTime.OpenSeconds(slot))));
            took.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation); // what is told after a bar belongs to its cost
        int ticks = Ticks - 1;
        Write($"tokens by silo: {string.Join(", ", await SpreadAsync(grains))}");
        Write($"tick of {count}: {string.Join(' ', took.Select(t => t.ToString("f2", CultureInfo.InvariantCulture)))} s until the last is durable; " +
            $"{(cluster.ProcessorTime - before.Processor).TotalMicroseconds / ticks / count:f0} us of the silos' processor time a bar; {(Groups(azurite) - before.Groups) / (double)ticks:f0} transactions a tick");
        if (silos > 1)
        {
            cluster.Kill(cluster.Silos[0]);
            await cluster.AddSiloAsync();
            await EvenAsync(grains, tokens, last + Ticks + 1, silos);
        }

        foreach (string table in (string[])["tokens", "months", "directory"])
        {
            (int rows, long bytes) = await SizeAsync(new TableClient(azurite.ConnectionString, cluster.Prefix + table));
            Write($"table {table}: {rows} rows, {bytes} bytes in their properties, {bytes / Math.Max(1, rows)} a row");
        }
    }

    /// <summary>A silo killed amid a live tick that comes through the hub, <c>Pnl__Figures__Deaths</c> times, three by default: how long those wait who ask meanwhile.</summary>
    [Theory(Explicit = true)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_a_death_amid_live_ticks_costs(int silos)
    {
        Assert.SkipUnless(Number("Pnl__Figures__Silos", silos) == silos, "Another number of silos is asked for.");
        int count = Number("Pnl__Figures__Tokens", 10_000);
        using ReplayedMarket market = new(1, count, Math.Max(1, count / 1000.0));
        using DataFolder events = new();
        await using AzuriteProcess azurite = await AzuriteProcess.StartAsync();
        using EventHubsProcess hub = await EventHubsProcess.StartAsync(HubPartitions, events);
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(
            azurite.ConnectionString, silos, withGateway: true,
            [$"--Pnl:EventHubs:ConnectionString={hub.ConnectionString}", $"--Pnl:EventHubs:Hub={EventHubsProcess.Hub}", "--Pnl:EventHubs:CheckpointSeconds=1", .. market.Settings]);
        await using AzureSegmentStore store = await AzureSegmentStore.OpenAsync(new(new TableServiceClient(azurite.ConnectionString), cluster.Prefix, TimeProvider.System), 1);
        string early = market.Tokens.MinBy(store.GroupOf)!; // one of those that a tick begins with
        ConcurrentBag<(long Began, double Took, bool Failed)> asked = [];
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Random random = new(1);
        Task? queries = null;
        for (int death = 1; death <= Number("Pnl__Figures__Deaths", 3); death++)
        {
            await market.SettledAsync(cluster.Http, 2);
            queries ??= Task.WhenAll(Enumerable.Range(0, Readers).Select(reader => AskAsync(cluster.Http, market.Tokens, reader, asked, ending.Token)));
            string before = await AsOfAsync();
            while (await AsOfAsync() == before)
            {
                await Task.Delay(20, Cancellation); // that a tick has begun can only be asked for
            }

            long killed = Stopwatch.GetTimestamp();
            cluster.Kill(cluster.Silos[random.Next(silos)]);
            await Task.Delay(TimeSpan.FromSeconds(20), Cancellation); // as long as they are looked at
            (long Began, double Took, bool Failed)[] touched = [.. asked.Where(query => query.Began < killed + 3 * Stopwatch.Frequency && query.Began + query.Took * Stopwatch.Frequency > killed)];
            double[] took = [.. touched.Select(query => query.Took).Order()];
            Write($"one of {silos} silos killed amid a live tick of {count}: {took.Length} queries at work in the 3 s after it: p50 {At(0.5):f2} s, p95 {At(0.95):f2} s, p99 {At(0.99):f2} s, longest {At(1):f2} s, {touched.Count(query => query.Failed)} failed; load {Load}");
            await cluster.AddSiloAsync();

            double At(double share) => took.Length == 0 ? 0 : took[Math.Min(took.Length - 1, (int)(share * took.Length))];
        }

        await ending.CancelAsync();
        await queries!;

        async Task<string> AsOfAsync() => (await cluster.Http.GetAnswerAsync($"/v1/tokens/{early}/pnl")).Ok()["asOf"].GetRawText();
    }

    private static async Task AskAsync(HttpClient http, IReadOnlyList<string> tokens, int seed, ConcurrentBag<(long Began, double Took, bool Failed)> asked, CancellationToken ending)
    {
        Random random = new(seed);
        while (!ending.IsCancellationRequested)
        {
            long began = Stopwatch.GetTimestamp();
            Answer answer = await http.GetAnswerAsync($"/v1/tokens/{tokens[random.Next(tokens.Count)]}/pnl");
            asked.Add((began, Stopwatch.GetElapsedTime(began).TotalSeconds, answer.Status != HttpStatusCode.OK));
            await Task.Delay(BetweenQueries, CancellationToken.None);
        }
    }

    /// <summary>Tick after tick until a silo that has joined has its share, and tells how long that took.</summary>
    private static async Task EvenAsync(IGrainFactory grains, ITokenGrain[] tokens, int slot, int silos)
    {
        long began = Stopwatch.GetTimestamp();
        double longest = 0;
        int[] spread;
        int ticks = 0;
        do
        {
            long tick = Stopwatch.GetTimestamp();
            int round = ticks++; // the newest bar again and again with another rate, for the clock does not go as fast
            await EachAsync(tokens, (token, i) => token.IngestEvent(new(BarTime.OpenSeconds(slot), (decimal)(1000 + i + round) / 100, BarTime.OpenSeconds(slot))));
            longest = Math.Max(longest, Stopwatch.GetElapsedTime(tick).TotalSeconds);
            spread = await SpreadAsync(grains);
        }
        while ((spread.Length < silos || spread[0] < 0.9 * tokens.Length / silos) && Stopwatch.GetElapsedTime(began) < UntilEven);
        Write($"and another started: after {Stopwatch.GetElapsedTime(began).TotalSeconds:f0} s tokens by silo: {string.Join(", ", spread)}; longest of {ticks} ticks meanwhile {longest:f1} s; load {Load}");
    }

    /// <summary>How many tokens each silo has, ascending.</summary>
    private static async Task<int[]> SpreadAsync(IGrainFactory grains) =>
    [
        .. (await grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics(Cancellation))
            .Where(each => each.GrainType.Contains("TokenGrain", StringComparison.Ordinal)).GroupBy(each => each.SiloAddress).Select(silo => silo.Sum(each => each.ActivationCount)).Order(),
    ];

    private static string Load => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private static int Number(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static void Write(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);

    private static int Groups(AzuriteProcess azurite) => azurite.Output.Split('\n').Count(line => line.Contains("$batch", StringComparison.Ordinal));

    private static Task EachAsync(ITokenGrain[] tokens, Func<ITokenGrain, int, Task> act) => EachAsync(tokens, Callers, act);

    /// <summary>Does something with each of some tokens, some at once, and again until it is done.</summary>
    internal static Task EachAsync(ITokenGrain[] tokens, int callers, Func<ITokenGrain, int, Task> act)
    {
        int next = -1;
        return Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            for (int i = Interlocked.Increment(ref next); i < tokens.Length; i = Interlocked.Increment(ref next))
            {
                while (true)
                {
                    try
                    {
                        await act(tokens[i], i);
                        break;
                    }
                    catch (Exception e) when (e is OrleansException or TimeoutException)
                    {
                        // A silo that stood still for want of processors, or is no more; as the client does, it is asked again.
                    }
                }
            }
        }));
    }

    private static async Task<(int Rows, long Bytes)> SizeAsync(TableClient table)
    {
        (int rows, long bytes) = (0, 0);
        await foreach (TableEntity row in table.QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            rows++;
            bytes += ((IDictionary<string, object>)row).Values.Sum(value => value switch { byte[] b => b.Length, string s => s.Length, _ => 8 });
        }

        return (rows, bytes);
    }

    internal static async Task<IHost> EnterAsync(string connection, string prefix)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("pnl", "pnl"));
            client.UseAzureStorageClustering(options => (options.TableServiceClient, options.TableName) = (new(connection), prefix + "members"));
        });
        IHost host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }
}

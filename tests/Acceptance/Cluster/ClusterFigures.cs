using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Azure.Data.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Pnl.Grains;
using Pnl.Rates;
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
    private const int Ticks = 6, MostRows = 401;
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
            await EachAsync(tokens, (token, i) => token.Take(new(BarTime.OpenSeconds(slot), (decimal)(1000 + i + slot % 7) / 100, BarTime.OpenSeconds(slot))));
            took.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation); // what is told after a bar belongs to its cost
        int ticks = Ticks - 1;
        Write($"tokens by silo: {string.Join(", ", await SpreadAsync(grains))}");
        Write($"tick of {count}: {string.Join(' ', took.Select(t => t.ToString("f2", CultureInfo.InvariantCulture)))} s until the last is durable; " +
            $"{(cluster.ProcessorTime - before.Processor).TotalMicroseconds / ticks / count:f0} us of the silos' processor time a bar; {(Groups(azurite) - before.Groups) / (double)ticks:f0} transactions a tick");
        if (silos > 1)
        {
            await DeathAsync(cluster, tokens, last + Ticks + 1);
            await cluster.AddSiloAsync();
            await EvenAsync(grains, tokens, last + Ticks + 1, silos);
        }

        foreach (string table in (string[])["tokens", "months", "directory"])
        {
            (int rows, long bytes) = await SizeAsync(new TableClient(azurite.ConnectionString, cluster.Prefix + table));
            Write($"table {table}: {rows} rows, {bytes} bytes in their properties, {bytes / Math.Max(1, rows)} a row");
        }
    }

    /// <summary>Kills a silo amid a tick, and tells when all was answered again.</summary>
    private static async Task DeathAsync(ClusterProcesses cluster, ITokenGrain[] tokens, int slot)
    {
        long began = Stopwatch.GetTimestamp(), killed = long.MaxValue;
        int taken = 0;
        Task tick = EachAsync(tokens, async (token, i) =>
        {
            if (Interlocked.Increment(ref taken) == tokens.Length / 3)
            {
                Interlocked.Exchange(ref killed, Stopwatch.GetTimestamp());
                cluster.Kill(cluster.Silos[0]);
            }

            // As a partition of the feed does, though not for as long.
            await token.Take(new(BarTime.OpenSeconds(slot), (decimal)(1000 + i) / 100, BarTime.OpenSeconds(slot))).WaitAsync(TimeSpan.FromSeconds(2), Cancellation);
        });
        ConcurrentBag<double> asked = [];
        Task queries = Task.WhenAll(Enumerable.Range(0, 16).Select(async reader =>
        {
            Random random = new(reader);
            while (!tick.IsCompleted)
            {
                long start = Stopwatch.GetTimestamp();
                (await cluster.Http.GetAnswerAsync($"/v1/tokens/{tokens[random.Next(tokens.Length)].GetPrimaryKeyString()}/pnl")).Ok();
                if (Stopwatch.GetTimestamp() > Interlocked.Read(ref killed) && start < Interlocked.Read(ref killed) + 3 * Stopwatch.Frequency)
                {
                    asked.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }
        }));
        await tick;
        double whole = Stopwatch.GetElapsedTime(began).TotalSeconds, after = Stopwatch.GetElapsedTime(killed).TotalSeconds;
        await queries;
        double[] took = [.. asked.Order()];
        Write($"one of {cluster.Silos.Count + 1} silos killed amid a tick: the tick took {whole:f1} s, {after:f1} s from the death; {took.Length} queries at work in the 3 s after it: p50 {At(0.5):f2} s, p95 {At(0.95):f2} s, p99 {At(0.99):f2} s, longest {At(1):f2} s; load {Load}");

        double At(double share) => took.Length == 0 ? 0 : took[Math.Min(took.Length - 1, (int)(share * took.Length))];
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
            await EachAsync(tokens, (token, i) => token.Take(new(BarTime.OpenSeconds(slot), (decimal)(1000 + i + round) / 100, BarTime.OpenSeconds(slot))));
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

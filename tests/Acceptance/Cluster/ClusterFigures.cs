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
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>
/// What a tick costs on clusters of one, two and three silos over Azurite, how tokens spread, and what is stored. Written to
/// the output; nothing of it is asserted:
/// <code>Pnl__Figures__Tokens=10000 dotnet run -c Release --project tests/Acceptance -- -explicit only -class Pnl.Tests.Acceptance.Cluster.ClusterFigures</code>
/// </summary>
public sealed class ClusterFigures
{
    private const int Callers = 64, Ticks = 6;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Explicit = true)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_a_tick_costs(int silos)
    {
        int count = int.Parse(Environment.GetEnvironmentVariable("Pnl__Figures__Tokens") ?? "10000", CultureInfo.InvariantCulture);
        await using AzuriteProcess azurite = await AzuriteProcess.StartAsync(accessLog: true);
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(azurite.ConnectionString, silos, withGateway: false);
        using IHost client = await EnterAsync(azurite.ConnectionString, cluster.Prefix);
        IGrainFactory grains = client.Services.GetRequiredService<IGrainFactory>();
        ITokenGrain[] tokens = [.. Enumerable.Range(0, count).Select(i => grains.GetGrain<ITokenGrain>($"token-{i:d5}"))];
        int last = BarTime.LastClosedSlot(TimeProvider.System.GetUtcNow()) - Ticks;
        Random random = new(1);
        long began = Stopwatch.GetTimestamp();
        await EachAsync(tokens, async (token, i) =>
        {
            await token.Register(new() { Symbol = $"T{i}" }).WaitAsync(Cancellation);
            await token.Ingest(new()
            {
                Time = Enumerable.Range(last - 400, 401).Select(BarTime.OpenSeconds).ToArray(),
                Rate = Enumerable.Range(0, 401).Select(n => (decimal)(1000 + i) / 100 + n % 13).ToArray(),
                CoveredFrom = BarTime.OpenSeconds(last - 400), CoveredTo = BarTime.OpenSeconds(last + 1),
            });
        });
        Write($"{silos} silos, {count} tokens registered with 401 bars each in {Stopwatch.GetElapsedTime(began).TotalSeconds:f1} s");
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
        Write($"tick of {count}: {string.Join(' ', took.Select(t => t.ToString("f2", CultureInfo.InvariantCulture)))} s until the last is durable; " +
            $"{(cluster.ProcessorTime - before.Processor).TotalMicroseconds / ticks / count:f0} us of the silos' processor time a bar; {(Groups(azurite) - before.Groups) / (double)ticks:f0} transactions a tick");
        Dictionary<SiloAddress, int> spread = [];
        foreach (SimpleGrainStatistic each in await grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics(Cancellation))
        {
            if (each.GrainType.Contains("TokenGrain", StringComparison.Ordinal))
            {
                spread[each.SiloAddress] = spread.GetValueOrDefault(each.SiloAddress) + each.ActivationCount;
            }
        }

        Write($"tokens by silo: {string.Join(", ", spread.Values.Order())}");
        foreach (string table in (string[])["tokens", "months", "directory"])
        {
            (int rows, long bytes) = await SizeAsync(new TableClient(azurite.ConnectionString, cluster.Prefix + table));
            Write($"table {table}: {rows} rows, {bytes} bytes in their properties, {bytes / Math.Max(1, rows)} a row");
        }
    }

    private static void Write(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);

    private static int Groups(AzuriteProcess azurite) => azurite.Output.Split('\n').Count(line => line.Contains("$batch", StringComparison.Ordinal));

    private static Task EachAsync(ITokenGrain[] tokens, Func<ITokenGrain, int, Task> act)
    {
        int next = -1;
        return Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
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
                    catch (OrleansException)
                    {
                        // A silo that stood still for want of processors; as the client does, it is asked again.
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

using System.ComponentModel;
using System.Diagnostics;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Pnl.Rates;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>
/// One of three silos is cut off: from the other silos and the gateway, from the storage, or from both; and then no more. Each
/// runs on a machine of its own (<see cref="PrivateNetwork"/>); skipped where those cannot be made.
/// </summary>
public sealed class NetworkSplitTests(QuietSilo untouched)
{
    private const int Tokens = 16, SlotsASecond = 2;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3); // of ClusterProfile: how long a silo may not know that it is dead
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2), BetweenLooks = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_silo_that_is_cut_off_from_everything_loses_nothing_and_takes_nothing_back() => PlayAsync(fromOthers: true, fromStorage: true);

    /// <summary>
    /// The others, which take a minute each:
    /// <code>dotnet run -c Release --project tests/Acceptance -- -explicit only -class Pnl.Tests.Acceptance.Cluster.NetworkSplitTests -showLiveOutput</code>
    /// </summary>
    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public Task A_silo_that_is_cut_off_loses_nothing_and_takes_nothing_back(bool fromOthers, bool fromStorage) => PlayAsync(fromOthers, fromStorage);

    private async Task PlayAsync(bool fromOthers, bool fromStorage)
    {
        using PrivateNetwork network = PrivateNetwork.Make("store", "a", "b", "c", "gate");
        (NetworkHost store, NetworkHost gate, NetworkHost cut) = (network.Hosts[0], network.Hosts[4], network.Hosts[3]);
        AzuriteProcess azurite;
        try
        {
            azurite = await AzuriteProcess.StartAsync(host: store.Address.ToString(), through: store.Through);
        }
        catch (Win32Exception e)
        {
            Assert.Skip($"Azurite needs Node.js with npm, which is not here: {e.Message}");
            throw;
        }

        await using AzuriteProcess _ = azurite;
        using HttpClient fromStore = new(new SocketsHttpHandler { ConnectCallback = store.ConnectAsync });
        TableClientOptions within = new() { Transport = new HttpClientTransport(fromStore) };
        TableServiceClient tables = new(azurite.ConnectionString, within);
        using ReplayedMarket market = new(1, Tokens, SlotsASecond);
        using DataFolder folder = new();
        string prefix = $"t{Guid.NewGuid():n}"[..12];
        string[] settings =
        [
            "--Pnl:Profile=cluster", $"--Pnl:AzureStorage:ConnectionString={azurite.ConnectionString}", $"--Pnl:AzureStorage:Prefix={prefix}", "--Pnl:DrainSeconds=0", .. market.Settings,
        ];
        List<SiloProcess> silos = [];
        try
        {
            async Task<SiloProcess> StartAsync(NetworkHost host, params string[] more)
            {
                SiloProcess process = await SiloProcess.ListeningAsync(folder, host, [.. settings, $"--Pnl:Cluster:AdvertisedAddress={host.Address}", .. more]);
                silos.Add(process);
                await process.ReadyAsync(Patience);
                return process;
            }

            SiloProcess[] all = [await StartAsync(network.Hosts[1]), await StartAsync(network.Hosts[2]), await StartAsync(cut)];
            SiloProcess gateway = await StartAsync(gate, "--Pnl:Role=gateway");
            await market.SettledAsync(gateway.Http, 1);
            DisturbedIngest ingest = new("cut", fromOthers ? fromStorage ? 3 : 1 : 2, Tokens, [.. market.Tokens]);
            NetworkHost[] lost = [.. network.Hosts.Where(host => host != cut && (host == store ? fromStorage : fromOthers))];
            string seen = "";
            string outcome = await ingest.RunAsync(
                gateway.Http, fromOthers ? all[..2] : all, 100,
                async () =>
                {
                    foreach (NetworkHost host in lost)
                    {
                        PrivateNetwork.Cut(cut, host);
                    }

                    if (fromOthers)
                    {
                        long began = Stopwatch.GetTimestamp();
                        await DeclaredDeadAsync(tables.GetTableClient(prefix + "members"), cut);
                        seen = $"declared dead after {Stopwatch.GetElapsedTime(began).TotalSeconds:f1} s, ";
                        await Task.Delay(Lease, Cancellation);
                    }

                    // The others go on without it, or with it. What it knew, if it has no storage, is old after that.
                    await market.SettledAsync(gateway.Http, 4);
                    Assert.Equal(2 * Tokens, await ingest.AskAsync(gateway.Http, 2 * Tokens));
                    seen += $"cut off it answered {await ingest.AskAsync(all[2].Http, 2 * Tokens)} of {2 * Tokens} questions, ";
                    foreach (NetworkHost host in lost)
                    {
                        PrivateNetwork.Heal(cut, host);
                    }

                    if (fromOthers)
                    {
                        await EndedAsync(all[2]);
                        all[2] = await StartAsync(cut);
                    }

                    await market.SettledAsync(gateway.Http, 4);
                },
                50);
            TestContext.Current.TestOutputHelper!.WriteLine($"{seen}{outcome}; {ingest.FailedQueries.Count} queries failed{(ingest.FailedQueries.Count > 0 ? $", such as {ingest.FailedQueries.First()}" : "")}; load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
            await OneFeedAsync(all[0].Http);
            await ingest.CheckAsync(gateway.Http, untouched.Http);
            foreach (SiloProcess silo in all)
            {
                await silo.TerminateAsync(Patience);
            }

            await using AzureSegmentStore stored = await AzureSegmentStore.OpenAsync(new(tables, prefix, TimeProvider.System), 1);
            await market.AssertStoredAsync(stored);
        }
        catch
        {
            string log = Path.Combine(Path.GetTempPath(), $"pnl-split-{fromOthers}-{fromStorage}.log");
            await File.WriteAllTextAsync(log, string.Join("\n\n", silos.Select(silo => silo.Output)), Cancellation);
            TestContext.Current.TestOutputHelper!.WriteLine($"What the processes wrote is in {log}");
            throw;
        }
        finally
        {
            silos.ForEach(silo => silo.Dispose());
        }
    }

    /// <summary>Waits until the table of members says that the silo of a machine is dead, which can only be looked for.</summary>
    private static async Task DeclaredDeadAsync(TableClient members, NetworkHost host)
    {
        for (long began = Stopwatch.GetTimestamp(); ; await Task.Delay(BetweenLooks, Cancellation))
        {
            await foreach (TableEntity row in members.QueryAsync<TableEntity>(cancellationToken: Cancellation))
            {
                if (row.RowKey.StartsWith($"{host.Address}-", StringComparison.Ordinal) && row.GetString("Status") == "Dead")
                {
                    return;
                }
            }

            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, "the silo that is cut off is not declared dead");
        }
    }

    /// <summary>Waits until a silo that was declared dead has read it, and ended.</summary>
    private static async Task EndedAsync(SiloProcess silo)
    {
        for (long began = Stopwatch.GetTimestamp(); !silo.HasExited; await Task.Delay(BetweenLooks, Cancellation))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, "the silo that was declared dead goes on");
        }
    }

    /// <summary>Waits until there is one feed in the whole cluster, as the dashboard counts.</summary>
    private static async Task OneFeedAsync(HttpClient http)
    {
        int feeds = -1;
        for (long began = Stopwatch.GetTimestamp(); feeds != 1; await Task.Delay(BetweenLooks, Cancellation))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"there are {feeds} feeds");
            Answer counters = await http.GetAnswerAsync("/dashboard/DashboardCounters");
            feeds = counters.Ok()["simpleGrainStats"].EnumerateArray()
                .Where(grain => grain.GetProperty("grainType").GetString()!.Contains("RateFeedGrain", StringComparison.Ordinal)).Sum(grain => grain.GetProperty("activationCount").GetInt32());
        }
    }
}

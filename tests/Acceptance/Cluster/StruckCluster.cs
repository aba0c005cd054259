using System.Diagnostics;
using Azure.Data.Tables;
using Pnl.Rates;
using Pnl.Tests.Acceptance.EventHubs;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>
/// Three silos and a gateway over Azurite and a hub, each a process of its own, fed live through the hub, and blow after blow
/// by seed while clients send bars and entries and ask. See <see cref="Blow"/>.
/// </summary>
internal sealed class StruckCluster : IAsyncDisposable
{
    /// <summary>How many tokens clients send bars of, and the feed plays if no other number is asked for.</summary>
    public const int Tokens = 40;

    private const int Silos = 3, Portfolios = 3, HubPartitions = 4, SlotsAfter = 4, TokensASecond = 1_000;
    private const double LeastSecondsASlot = 0.5;

    private readonly DataFolder _stored = new(), _events = new();
    private readonly Random _random;
    private readonly int _seed;
    private readonly ReplayedMarket _market;
    private readonly List<long> _kills = [];
    private readonly List<SiloProcess> _gone = [];
    private AzuriteProcess _azurite = null!;
    private EventHubsProcess _hub = null!;
    private ClusterProcesses _cluster = null!;

    private StruckCluster(int seed, int played) =>
        (_seed, _random, _market) = (seed, new(seed), new(seed, played, Math.Max(LeastSecondsASlot, (double)played / TokensASecond)));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="seed">Decides everything.</param>
    /// <param name="played">How many tokens the feed plays.</param>
    public static async Task<StruckCluster> StartAsync(int seed, int played)
    {
        StruckCluster struck = new(seed, played);
        try
        {
            struck._azurite = await AzuriteProcess.StartAsync(struck._stored.Path);
            struck._hub = await EventHubsProcess.StartAsync(HubPartitions, struck._events);
            await struck._hub.MakeAsync($"chance?seed={seed}&perThousand=30&kinds=serverBusy,detach,abort,lostAck");
            struck._cluster = await ClusterProcesses.StartAsync(
                struck._azurite.ConnectionString, Silos, withGateway: true,
                [$"--Pnl:EventHubs:ConnectionString={struck._hub.ConnectionString}", $"--Pnl:EventHubs:Hub={EventHubsProcess.Hub}", "--Pnl:EventHubs:CheckpointSeconds=1", .. struck._market.Settings]);
            return struck;
        }
        catch
        {
            await struck.DisposeAsync();
            throw;
        }
    }

    /// <summary>So many blows, of which the seed decides.</summary>
    /// <param name="blows">How many.</param>
    /// <param name="most">The last kind that may come.</param>
    public Blow[] Sequence(int blows, Blow most) => [.. Enumerable.Range(0, blows).Select(_ => (Blow)_random.Next((int)most + 1))];

    /// <summary>Strikes, and checks all that must hold meanwhile and in the end.</summary>
    /// <param name="sequence">The blows.</param>
    /// <param name="untouched">A silo that nothing befalls.</param>
    /// <returns>What came of it, for the log.</returns>
    public async Task<string> RunAsync(Blow[] sequence, HttpClient untouched)
    {
        DisturbedIngest ingest = new("struck", _seed, Tokens, [.. _market.Tokens]);
        DisturbedLedgers ledgers = new(_seed, Portfolios, [.. ingest.Acknowledged.Select(token => token.Token)]);
        await _market.SettledAsync(_cluster.Http, 1); // registered, and on its way
        using CancellationTokenSource ending = new();
        Task<string> writing = ledgers.RunAsync(_cluster.Http, ending.Token);
        int bars = 0;
        string outcome = await ingest.RunAsync(
            _cluster.Http, [], 50,
            async () =>
            {
                foreach (Blow blow in sequence)
                {
                    await StrikeAsync(blow);
                }

                Tell("calm");
                bars = await _market.SettledAsync(_cluster.Http, SlotsAfter);
            },
            50);
        await ending.CancelAsync();
        outcome = $"{string.Join(", ", sequence)}: {outcome}; {await writing}; {bars} bars of the feed; {ingest.FailedQueries.Count} queries failed{(ingest.FailedQueries.Count > 0 ? $", such as {ingest.FailedQueries.First()}" : "")}; kills: {ingest.QueriesAt(_kills)}; "
            + $"hub: {(await _hub.StateAsync()).GetProperty("faults")}; load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}";
        Tell("checks");
        await ingest.CheckAsync(_cluster.Http, untouched);
        await ledgers.CheckAsync(_cluster.Http, untouched);
        await EndSilosAsync();
        await AssertStoredAsync(ingest);
        Tell("start again");
        await _cluster.AddSiloAsync();
        await _market.SettledAsync(_cluster.Http, SlotsAfter); // what the end cut off, too
        await EndSilosAsync();
        await AssertStoredAsync(ingest);
        return outcome;
    }

    /// <summary>What the processes wrote, to explain a failure.</summary>
    public string Output => string.Join("\n\n", _gone.Concat(_cluster.Silos).Append(_cluster.Gateway).Select(silo => silo.Output));

    public async ValueTask DisposeAsync()
    {
        _cluster?.Dispose();
        _hub?.Dispose();
        await (_azurite?.DisposeAsync() ?? default);
        _market.Dispose();
        _events.Dispose();
        _stored.Dispose();
    }

    private static void Tell(string what) => TestContext.Current.TestOutputHelper!.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss} {what}");

    private async Task EndSilosAsync()
    {
        foreach (SiloProcess silo in _cluster.Silos.ToArray())
        {
            Tell("end of a silo");
            await EndAsync(silo);
        }
    }

    private async Task EndAsync(SiloProcess silo)
    {
        _gone.Add(silo);
        if (silo.HasExited) // it stood still, and learnt late that it is dead
        {
            _cluster.Kill(silo);
        }
        else
        {
            await _cluster.TerminateAsync(silo);
        }
    }

    private async Task AssertStoredAsync(DisturbedIngest ingest)
    {
        Tell("what is stored");
        await using AzureSegmentStore store = await AzureSegmentStore.OpenAsync(new(new TableServiceClient(_azurite.ConnectionString), _cluster.Prefix, TimeProvider.System), (ulong)_seed);
        await _market.AssertStoredAsync(store);
        foreach ((string token, IReadOnlyDictionary<long, decimal> acknowledged) in ingest.Acknowledged)
        {
            await Pnl.Tests.Cluster.CleanBuild.AssertStoredAsync(store, token, acknowledged.Select(bar => new Bar(BarTime.SlotAtSeconds(bar.Key), bar.Value)));
        }
    }

    private async Task StrikeAsync(Blow blow)
    {
        Tell($"{blow}");
        switch (blow)
        {
            case Blow.SiloKilled:
                Kill(Any());
                await WaitAsync();
                break;
            case Blow.SiloStandsStill:
                SiloProcess still = Any();
                still.Pause();
                await Task.Delay(TimeSpan.FromSeconds(4 + _random.Next(4)), Cancellation);
                still.Resume();
                await WaitAsync();
                break;
            case Blow.SiloReplaced:
                SiloProcess old = Any();
                await _cluster.AddSiloAsync();
                await EndAsync(old);
                break;
            case Blow.StorageKilled:
                await _azurite.KillAsync();
                await WaitAsync();
                await _azurite.RestartAsync();
                break;
            case Blow.SiloKilledWithoutStorage:
                await _azurite.KillAsync();
                await WaitAsync();
                Kill(Any());
                await WaitAsync();
                await _azurite.RestartAsync();
                break;
            case Blow.HubKilled:
                _hub.Kill();
                await WaitAsync();
                await _hub.RestartAsync();
                await _hub.MakeAsync($"chance?seed={_random.Next()}&perThousand=30&kinds=serverBusy,detach,abort,lostAck");
                break;
            case Blow.AllKilled or Blow.CheckpointsLost:
                foreach (SiloProcess silo in _cluster.Silos.ToArray())
                {
                    Kill(silo);
                }

                if (blow == Blow.CheckpointsLost)
                {
                    await ForgetCheckpointsAsync();
                }

                break;
            default:
                throw new UnreachableException($"{blow}");
        }

        // Who was declared dead ends by itself, and is replaced, as Kubernetes would.
        foreach (SiloProcess dead in _cluster.Silos.Where(silo => silo.HasExited).ToArray())
        {
            Kill(dead);
        }

        await Task.WhenAll(Enumerable.Range(0, Silos - _cluster.Silos.Count).Select(_ => _cluster.AddSiloAsync()));
    }

    private SiloProcess Any() => _cluster.Silos[_random.Next(_cluster.Silos.Count)];

    private void Kill(SiloProcess silo)
    {
        if (!silo.HasExited)
        {
            _kills.Add(Stopwatch.GetTimestamp());
        }

        _gone.Add(silo);
        _cluster.Kill(silo);
    }

    private Task WaitAsync() => Task.Delay(TimeSpan.FromMilliseconds(_random.Next(3000)), Cancellation);

    private async Task ForgetCheckpointsAsync()
    {
        TableClient table = new(_azurite.ConnectionString, _cluster.Prefix + "checkpoints");
        await foreach (TableEntity checkpoint in table.QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            await table.DeleteEntityAsync(checkpoint.PartitionKey, checkpoint.RowKey, cancellationToken: Cancellation);
        }
    }
}

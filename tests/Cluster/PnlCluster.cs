using Azure.Data.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.TestingHost;
using Pnl.Client;
using Pnl.Client.Testing;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster;

/// <summary>
/// One silo as the host program puts it together, in this process, with a real store in a folder of its own, under a
/// clock that a test moves. Orleans itself lives by the real clock, all but the timers of grains: see <see cref="GrainClock"/>.
/// </summary>
public sealed class PnlCluster : IAsyncLifetime
{
    /// <summary>Two minutes into a bar, so that what closes now is plain.</summary>
    public static readonly DateTimeOffset Noon = new(2026, 6, 15, 12, 2, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _ownFolder = new();
    private SqliteDatabase? _database;
    private SqliteSegmentStore? _bars;
    private readonly List<AzureSegmentStore> _azureStores = [];
    private InProcessTestCluster? _cluster;

    /// <summary>The connection string of the account of Azure Storage in which everything is kept, by a store of each silo; in SQLite without.</summary>
    public string? Azure { get; init; }

    /// <summary>What the names of its tables begin with in that account; also the container of grain state.</summary>
    public string Prefix { get; init; } = $"t{Guid.NewGuid():n}"[..20];

    /// <summary>Where the store lies; a folder of its own by default.</summary>
    public string? Folder { get; init; }

    public FakeTimeProvider Clock { get; init; } = new(Noon);

    /// <summary>The clock of the client; the real one without.</summary>
    public TimeProvider? ClientClock { get; init; }

    /// <summary>What the feed plays; no feed without.</summary>
    public IRateSource? Source { get; init; }

    /// <summary>What backfills fetch from.</summary>
    public ICandleSource[] CandleSources { get; init; } = [];

    /// <summary>The daily comparison with a source of candles; none without.</summary>
    public ReconcileOptions? Reconcile { get; init; }

    public FolderLanding Landing => new(Path.Combine(Folder ?? _ownFolder.Path, "landing"));

    public int Silos { get; init; } = 1;

    /// <summary>The services of the first silo.</summary>
    public IServiceProvider Services => _cluster!.GetSiloServiceProvider();

    public int HistoryBars { get; init; } = 2 * BarTime.BarsPerDay;

    /// <summary>Bytes of months that the silo keeps at hand; null for what production has.</summary>
    public long? CacheBytes { get; init; }

    /// <summary>What a test adds to the silo.</summary>
    public Action<ISiloBuilder>? Configure { get; init; }

    public WatchedStore Store { get; private set; } = null!;

    public IPnlClient Client { get; private set; } = null!;

    public InProcessTestCluster Orleans => _cluster!;

    public async ValueTask InitializeAsync()
    {
        if (Azure is null)
        {
            _database = SqliteDatabase.Open(Folder ?? _ownFolder.Path);
            _bars = new(_database);
            Store = new(_bars);
        }
        else
        {
            Store = new(await OpenAsync());
        }

        InProcessTestClusterBuilder builder = new((short)Silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<TimeProvider>(Clock);
            silo.Services.AddSingleton(new LeaderboardOptions { Refresh = TimeSpan.Zero, Gathering = TimeSpan.Zero }); // the clock stands still
            KeepOrleansOnRealTime(silo.Services);
            silo.Services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.Grains, new GrainClock(Clock));
            if (_database is null)
            {
                silo.Services.AddSingleton<ISegmentStore>(new WatchedStore(OpenAsync().GetAwaiter().GetResult()));
                silo.Services.AddSingleton<IPortfolioStore>(AzurePortfolioStore.OpenAsync(Tables, NewWriter()).GetAwaiter().GetResult());
                silo.AddBlobGrainStorage(new(Azure, Prefix));
            }
            else
            {
                silo.Services.AddSingleton<ISegmentStore>(Store);
                silo.Services.AddSingleton(_database);
                silo.Services.AddSingleton<IPortfolioStore, SqlitePortfolioStore>();
                silo.AddSqliteGrainStorage();
            }

            silo.Services.AddSingleton<ILanding>(Landing);
            silo.Services.AddSingleton(new CandleSources(CandleSources));
            if (Source is not null)
            {
                silo.Services.AddSingleton(Source);
            }

            silo.AddMemoryStreams(RateEvent.StreamProvider, streams => streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly));
            silo.AddPnlGrains(new RateFeedOptions { Source = Source?.Name, HistoryBars = HistoryBars }, Reconcile);
            Configure?.Invoke(silo);
            if (CacheBytes is { } bytes)
            {
                silo.Services.AddSingleton(new SegmentCache(bytes));
            }
        });
        builder.ConfigureClient(client =>
        {
            client.AddMemoryStreams(RateEvent.StreamProvider, streams => streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly));
            if (ClientClock is not null)
            {
                client.Services.AddSingleton(ClientClock);
                KeepOrleansOnRealTime(client.Services);
            }

            client.Services.AddPnlClient();
        });
        builder.ConfigureHost(host => host.Logging.SetMinimumLevel(LogLevel.Error));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        Client = _cluster.Client.ServiceProvider.GetRequiredService<IPnlClient>();
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.StopAllSilosAsync();
            await _cluster.DisposeAsync();
        }

        if (_bars is not null)
        {
            await _bars.DisposeAsync();
        }

        foreach (AzureSegmentStore store in _azureStores)
        {
            await store.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        _ownFolder.Dispose();
    }

    private AzureTables Tables => new(new(Azure, AzureTables.Patient(new TableClientOptions())), Prefix, TimeProvider.System);

    private async Task<AzureSegmentStore> OpenAsync()
    {
        AzureSegmentStore store = await AzureSegmentStore.OpenAsync(Tables, NewWriter());
        lock (_azureStores)
        {
            _azureStores.Add(store);
        }

        return store;
    }

    private static ulong NewWriter() => BitConverter.ToUInt64(Guid.NewGuid().ToByteArray());

    /// <summary>Gives the parts of Orleans the real clock, where it would take the test's.</summary>
    public static void KeepOrleansOnRealTime(IServiceCollection services) => services.KeepOrleansOnRealTime();

    public ITokenGrain Token(string id) => Orleans.Client.GetGrain<ITokenGrain>(id);

    /// <summary>Registers a token of a name that no other test has.</summary>
    public async Task<string> NewTokenAsync(string name)
    {
        string id = $"{name}-{Guid.NewGuid():n}"[..Math.Min(name.Length + 13, 64)];
        await Client.RegisterTokenAsync(id, new TokenDetails(), TestContext.Current.CancellationToken);
        return id;
    }

    public IAsyncStream<RateEvent> Stream(string token) =>
        Orleans.Client.GetStreamProvider(RateEvent.StreamProvider).GetStream<RateEvent>(StreamId.Create(RateEvent.StreamNamespace, token));

    public async Task PublishAsync(string token, IEnumerable<Bar> bars)
    {
        foreach (Bar bar in bars)
        {
            await Stream(token).OnNextAsync(new(BarTime.OpenSeconds(bar.Slot), bar.Rate));
        }
    }

    /// <summary>Waits until the grain has dealt with whatever was published of a token: by an event behind it that is put aside.</summary>
    public async Task DrainAsync(string token)
    {
        await Stream(token).OnNextAsync(new(0, 0));
        while (await Store.Watch(token).NextDeadLetterAsync() is not { Reason: "rate.zero" })
        {
        }
    }

    public async Task<IngestResult> IngestAsync(string token, params Bar[] bars) =>
        await Client.IngestAsync(token, Batches.Of(bars), TestContext.Current.CancellationToken);
}

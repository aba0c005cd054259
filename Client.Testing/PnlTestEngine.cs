using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.TestingHost;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Client.Testing;

/// <summary>
/// The engine in the process of a test: not a mock, but its own grains and store, in a folder that goes with it, without a port
/// or another process. What it answers is what a silo answers, for every call of <see cref="IPnlClient"/>. No feed and no
/// exchange is there: rates are those that the test hands in.
/// </summary>
/// <remarks>
/// A test begins with an engine of its own, or a class of tests shares one and gives each a token of its own. What depends on time,
/// such as <c>Stale</c>, and the refusal of bars of the future, goes by <see cref="Clock"/>, which stands still until it is moved.
/// </remarks>
public sealed class PnlTestEngine : IAsyncDisposable
{
    private readonly string _folder;
    private readonly SqliteDatabase _database;
    private readonly SqliteSegmentStore _bars;
    private readonly InProcessTestCluster _silo;

    private PnlTestEngine(FakeTimeProvider clock)
    {
        Clock = clock;
        _folder = Directory.CreateTempSubdirectory("orleans-pnl-").FullName;
        _database = SqliteDatabase.Open(_folder);
        _bars = new(_database);
        InProcessTestClusterBuilder builder = new(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<TimeProvider>(Clock);
            silo.Services.AddSingleton(new LeaderboardOptions { Refresh = TimeSpan.Zero, Gathering = TimeSpan.Zero }); // the clock stands still
            silo.Services.KeepOrleansOnRealTime();
            silo.Services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.Grains, new GrainClock(Clock));
            silo.Services.AddSingleton<ISegmentStore>(_bars);
            silo.Services.AddSingleton(_database);
            silo.Services.AddSingleton<IPortfolioStore, SqlitePortfolioStore>();
            silo.Services.AddSingleton<ILanding>(new FolderLanding(Path.Combine(_folder, "landing")));
            silo.Services.AddSingleton(new CandleSources([]));
            silo.AddSqliteGrainStorage();
            silo.AddMemoryStreams(RateEvent.StreamProvider, streams => streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly));
            silo.AddPnlGrains(new RateFeedOptions());
        });
        builder.ConfigureClient(client => client.Services.AddPnlClient());
        builder.ConfigureHost(host => host.Logging.SetMinimumLevel(LogLevel.Error));
        _silo = builder.Build();
    }

    /// <summary>Asks this engine; to be registered as the <see cref="IPnlClient"/> of the service under test.</summary>
    public IPnlClient Client => field ??= _silo.Client.ServiceProvider.GetRequiredService<IPnlClient>();

    /// <summary>The time that the engine has.</summary>
    public FakeTimeProvider Clock { get; }

    /// <summary>Starts an engine without tokens, which takes about a second.</summary>
    /// <param name="now">The time of its clock; 2026-01-01 00:00 UTC without.</param>
    public static async Task<PnlTestEngine> StartAsync(DateTimeOffset? now = null)
    {
        PnlTestEngine engine = new(new(now ?? new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        try
        {
            await engine._silo.DeployAsync();
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _silo.StopAllSilosAsync();
        await _silo.DisposeAsync();
        await _bars.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

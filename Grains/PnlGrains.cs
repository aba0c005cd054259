using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Metadata;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Adds what the grains need to a silo.</summary>
public static class PnlGrains
{
    private const long CacheBytes = 96 << 20;

    /// <summary>Adds the grains' services (without options nothing is reconciled); the store, the sources and the stream provider are the host's to choose.</summary>
    public static ISiloBuilder AddPnlGrains(this ISiloBuilder silo, RateFeedOptions feed, ReconcileOptions? reconcile = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.AddSingleton(feed);
        silo.Services.AddSingleton(reconcile ?? new());
        silo.Services.AddSingleton(new SegmentCache(CacheBytes));
        silo.Services.AddSingleton<LiveTokens>();
        silo.Services.AddRebalancing();
        silo.Services.AddSingleton<FeedLoadLimiter>();
        silo.Services.AddSingleton<StandingsOutbox>();
        silo.Services.AddSingleton<TokenRevisions>();
        silo.Services.AddMetrics();
        silo.Services.AddActivatedSingleton<PnlMeter>();
        silo.Services.TryAddSingleton(new LeaderboardOptions());
        silo.Services.TryAddSingleton(new QuotaOptions());
        silo.Services.AddHostedService<StandingsStarter>();
        silo.Services.Configure<ExceptionSerializationOptions>(exceptions => exceptions.SupportedNamespacePrefixes.Add(nameof(Pnl)));
        silo.Services.AddHostedService<RateFeedStarter>();
        silo.Services.AddSingleton<IRequestQuota, LeasedQuota>(); // in place of one of this process alone
        silo.Services.AddHostedService<BackfillContinuer>();
        silo.Services.AddSingleton<IGrainPropertiesProvider, StoredForms>();
        silo.Services.AddHostedService<StoreRenewer>();

        // A silo that nears its limit lets go of the tokens that were longest not asked, rather than be killed with all of them.
        silo.Configure<GrainCollectionOptions>(collection =>
        {
            collection.EnableActivationSheddingOnMemoryPressure = true;
            collection.MemoryUsageLimitPercentage = 80;
            collection.MemoryUsageTargetPercentage = 70;
        });
        return silo;
    }

    /// <summary>Keeps the state of grains in the database of one machine.</summary>
    public static ISiloBuilder AddSqliteGrainStorage(this ISiloBuilder silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.AddGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, (services, _) => new SqliteGrainStorage(services.GetRequiredService<SqliteDatabase>()));
        return silo;
    }

    /// <summary>Keeps the state of grains in Azure Blob Storage, a blob each: the list of a backfill's failures has no bound that a table's row has.</summary>
    public static ISiloBuilder AddBlobGrainStorage(this ISiloBuilder silo, BlobContainerClient container)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.AddGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, (_, _) => new BlobGrainStorage(container));
        return silo;
    }
}

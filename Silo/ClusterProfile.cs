using System.Security.Cryptography;
using Orleans.Clustering.AzureStorage;
using Orleans.Configuration;
using Orleans.Hosting;
using Pnl.Gateway;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Silo;

/// <summary>Several silos over Azure Storage.</summary>
internal static class ClusterProfile
{
    private const int MissedProbes = 3, Votes = 2;

    /// <summary>Keeps bars and portfolios in Azure Tables.</summary>
    /// <exception cref="IOException">The tables cannot be reached or made.</exception>
    public static async Task AddClusterStoresAsync(this IServiceCollection services, AzureStorageSettings storage)
    {
        AzureTables tables = new(storage.Tables, storage.Prefix, TimeProvider.System);
        AzureSegmentStore bars = await AzureSegmentStore.OpenAsync(tables, NewWriter());
        AzurePortfolioStore portfolios = await AzurePortfolioStore.OpenAsync(tables, NewWriter());
        services.AddSingleton<ISegmentStore>(_ => bars); // the container closes what its factory gave, last of all
        services.AddSingleton<IPortfolioStore>(portfolios);
    }

    /// <summary>Has the tables asked in which life their store is. A gateway lives though it does not reach them.</summary>
    public static void AddClusterEpoch(this IServiceCollection services, AzureStorageSettings storage)
    {
        services.AddSingleton(new StoreEpoch());
        services.AddHealthChecks().AddReadyCheck<EpochHealth>("store");
        services.AddHostedService(provider => new EpochReader(storage, provider.GetRequiredService<StoreEpoch>(), TimeProvider.System, provider.GetRequiredService<ILogger<EpochReader>>()));
    }

    /// <summary>Joins the cluster as a silo. Why these numbers: docs/decisions/0014-cluster-storage.md.</summary>
    public static void JoinCluster(this ISiloBuilder silo, PnlSettings settings, ClusterCertificates? certificates, int siloPort, int gatewayPort)
    {
        (AzureStorageSettings storage, ClusterSettings cluster) = (settings.AzureStorage!, settings.Cluster);
        silo.Configure<ClusterOptions>(options => Name(options, cluster));
        silo.ConfigureEndpoints(cluster.AdvertisedAddress, siloPort, gatewayPort, listenOnAnyHostAddress: !System.Net.IPAddress.IsLoopback(cluster.AdvertisedAddress));
        silo.UseAzureStorageClustering(options => Members(options, storage));
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            (options.ProbeTimeout, options.MinProbeTimeout, options.NumMissedProbesLimit, options.NumVotesForDeathDeclaration) = (cluster.Probe, cluster.Probe, MissedProbes, Votes);
            options.TableRefreshTimeout = TimeSpan.FromSeconds(2);
            (options.IAmAliveTablePublishTimeout, options.NumMissedTableIAmAliveLimit) = (TimeSpan.FromSeconds(5), 3);
        });

        // A silo that cannot know that it was declared dead answers until its lease is over.
        TimeSpan pause = cluster.Probe * (MissedProbes - 1), lease = 2.5 * pause, declared = cluster.Probe * MissedProbes;
        silo.AddMembershipGuard(pause, lease, Votes);
        if (certificates is not null)
        {
            silo.UseTls(certificates.Configure); // after the guard's own part in connections
        }

        // Where tokens live is agreed on anew when silos come and go before anybody is sent there. With the directory that is Orleans' default a
        // second activation may come up before the first learns of it, which then answers what it knew.
#pragma warning disable ORLEANSEXP003
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003

        // Until the lease of one that died is over the others give its tokens no new places. Orleans takes four times what its probes take off what is
        // set here; as it comes (30 s), tokens of a silo that died are away for 24 s.
        silo.Configure<GrainDirectoryOptions>(options => options.RangeLeaseDuration = 4 * declared + (lease - declared));
        silo.AddBlobGrainStorage(storage.States);
    }

    /// <summary>Enters the cluster as a client of it.</summary>
    public static void EnterCluster(this IClientBuilder client, PnlSettings settings, ClusterCertificates? certificates)
    {
        client.Configure<ClusterOptions>(options => Name(options, settings.Cluster));
        client.UseAzureStorageClustering(options => Members(options, settings.AzureStorage!));
        client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
        if (certificates is not null)
        {
            client.UseTls(certificates.Configure);
        }

        client.UseConnectionRetryFilter(async (_, cancellation) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellation); // silos may start later than this
            return true;
        });
    }

    private static void Name(ClusterOptions options, ClusterSettings cluster) => (options.ClusterId, options.ServiceId) = (cluster.Id, cluster.ServiceId);

    private static void Members(AzureStorageOperationOptions options, AzureStorageSettings storage) =>
        (options.TableServiceClient, options.TableName) = (storage.Members, storage.Prefix + "members");

    private static ulong NewWriter() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
}

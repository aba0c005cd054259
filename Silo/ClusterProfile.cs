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
    /// <summary>Keeps bars and portfolios in Azure Tables.</summary>
    /// <exception cref="IOException">The tables cannot be reached or made.</exception>
    public static async Task AddClusterStoresAsync(this IServiceCollection services, AzureStorage storage)
    {
        AzureTables tables = new(storage.Tables, storage.Prefix, TimeProvider.System);
        AzureSegmentStore bars = await AzureSegmentStore.OpenAsync(tables, NewWriter());
        AzurePortfolioStore portfolios = await AzurePortfolioStore.OpenAsync(tables, NewWriter());
        services.AddSingleton<ISegmentStore>(_ => bars); // the container closes what its factory gave, last of all
        services.AddSingleton<IPortfolioStore>(portfolios);
    }

    /// <summary>Has the tables asked in which life their store is. A gateway lives though it does not reach them.</summary>
    public static void AddClusterEpoch(this IServiceCollection services, AzureStorage storage)
    {
        services.AddSingleton(new StoreEpoch());
        services.AddHealthChecks().AddReadyCheck<EpochHealth>("store");
        services.AddHostedService(provider => new EpochReader(storage, provider.GetRequiredService<StoreEpoch>(), TimeProvider.System, provider.GetRequiredService<ILogger<EpochReader>>()));
    }

    /// <summary>Joins the cluster as a silo.</summary>
    public static void JoinCluster(this ISiloBuilder silo, PnlSettings settings, ClusterCertificates? certificates, int siloPort, int gatewayPort)
    {
        (AzureStorage storage, ClusterSettings cluster) = (settings.Storage!, settings.Cluster);
        silo.Configure<ClusterOptions>(options => Name(options, cluster));
        silo.ConfigureEndpoints(cluster.Address, siloPort, gatewayPort, listenOnAnyHostAddress: !System.Net.IPAddress.IsLoopback(cluster.Address));
        silo.UseAzureStorageClustering(options => Members(options, storage));
        silo.AddPnlClustering(cluster.Probe, certificates is null ? null : secured => secured.UseTls(certificates.Configure));
        silo.AddBlobGrainStorage(storage.States);
    }

    /// <summary>Enters the cluster as a client of it.</summary>
    public static void EnterCluster(this IClientBuilder client, PnlSettings settings, ClusterCertificates? certificates)
    {
        client.Configure<ClusterOptions>(options => Name(options, settings.Cluster));
        client.UseAzureStorageClustering(options => Members(options, settings.Storage!));
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

    private static void Members(AzureStorageOperationOptions options, AzureStorage storage) =>
        (options.TableServiceClient, options.TableName) = (storage.Members, storage.Prefix + "members");

    private static ulong NewWriter() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
}

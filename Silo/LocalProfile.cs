using System.Net;
using Orleans.Configuration;
using Orleans.Hosting;
using Pnl.Gateway;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Silo;

/// <summary>One silo, over the data folder.</summary>
internal static class LocalProfile
{
    /// <summary>Keeps bars and portfolios in the SQLite database of the data folder.</summary>
    /// <exception cref="IOException">Another process has the folder open, or it cannot be written.</exception>
    public static void AddLocalStores(this IServiceCollection services, string dataDirectory)
    {
        SqliteDatabase database = SqliteDatabase.Open(dataDirectory);
        services.AddSingleton(_ => database); // the container closes what its factory gave, last of all
        services.AddSingleton(new StoreEpoch(database.Identity.Epoch));
        services.AddSingleton<ISegmentStore, SqliteSegmentStore>();
        services.AddSingleton<IPortfolioStore, SqlitePortfolioStore>();
        services.AddHealthChecks().AddReadyCheck<StoreHealth>("store");
        services.AddHostedService<StoreWatch>();
    }

    /// <summary>Offers backups of the data folder, and of the landing if that is in it.</summary>
    public static void AddBackups(this IServiceCollection services, string? landing)
    {
        services.AddSingleton(provider => new StoreBackup(provider.GetRequiredService<SqliteDatabase>(), landing, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IBackupSource, LocalBackup>();
    }

    /// <summary>Is a cluster by itself.</summary>
    public static void StandAlone(this ISiloBuilder silo, int siloPort, int gatewayPort)
    {
        silo.UseLocalhostClustering(siloPort, gatewayPort, new IPEndPoint(IPAddress.Loopback, siloPort), "pnl", "pnl");
        silo.Configure<EndpointOptions>(endpoint => endpoint.AdvertisedIPAddress = IPAddress.Loopback);
        silo.AddSqliteGrainStorage();
    }
}

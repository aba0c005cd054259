using System.Net;
using Orleans.Dashboard;
using Orleans.Hosting;
using Pnl.Gateway;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Rates.Simulation;

namespace Pnl.Silo;

/// <summary>Puts silo, store, feed and gateway together in one process; or the gateway alone.</summary>
internal static class PnlSilo
{
    public static async Task<WebApplication> BuildAsync(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            // Settings lie beside the program, wherever it is started from.
            ContentRootPath = AppContext.BaseDirectory,
        });
        PnlSettings settings = PnlSettings.Read(builder.Configuration);
        HttpAddresses.Check(builder.Configuration, settings.AccessOptions);
        builder.AddTelemetry(settings);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.UseUtcTimestamp = true;
        });
        NeedlessWarnings.LeaveOut(builder.Services);
        builder.Services.AddSingleton(TimeProvider.System);
        bool isSilo = settings.Role == Role.Silo;
        builder.Services.AddPnlGateway(new PnlGatewayOptions { Feed = isSilo ? settings.FeedSource : null, StreamListeners = settings.StreamListeners, Connections = settings.Connections ?? Descriptors.Connections, Quotas = settings.Quotas.ToOptions(), Drain = settings.Drain, Access = settings.AccessOptions });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Drain + settings.ShutdownLimit);
        if (settings.Profile == Profile.Cluster)
        {
            builder.Services.AddClusterEpoch(settings.Storage!);
        }

        ClusterCertificates? certificates = settings.Tls is { } tls ? ClusterCertificates.Open(tls, TimeProvider.System) : null;
        if (isSilo)
        {
            await AddSiloAsync(builder, settings, certificates);
        }
        else
        {
            builder.UseOrleansClient(client => client.EnterCluster(settings, certificates));
            builder.Services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true); // it says that it lives before any silo does
        }

        WebApplication app = builder.Build();
        // A port of its own is the network's to guard; beside the API, whoever asks for meters must be allowed to.
        if (settings.MetricsPort is not null)
        {
            app.UseTelemetry(settings);
        }

        app.MapPnlGateway();
        if (settings.MetricsPort is null)
        {
            app.UseTelemetry(settings);
        }

        if (isSilo)
        {
            app.MapOrleansDashboard(routePrefix: "/dashboard").RequireScope(Scope.Admin);
        }

        LoadedAtStart.All();
        PoolThreads.StartAll();
        ILogger log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Pnl.Silo");
        log.LogInformation("{Access}", AccessSettings.Told(settings.AccessOptions));
        if (certificates is not null)
        {
            certificates.Log = log;
        }

        return app;
    }

    private static async Task AddSiloAsync(WebApplicationBuilder builder, PnlSettings settings, ClusterCertificates? certificates)
    {
        IPAddress address = settings.Profile == Profile.Cluster && !IPAddress.IsLoopback(settings.Cluster.Address) ? IPAddress.Any : IPAddress.Loopback;
        (int siloPort, int gatewayPort) = (FreePort.Of(nameof(settings.SiloPort), address, settings.SiloPort), FreePort.Of(nameof(settings.GatewayPort), address, settings.GatewayPort));
        ILanding landing = settings.LandingPlace.Open();
        if (settings.Profile == Profile.Cluster)
        {
            await builder.Services.AddClusterStoresAsync(settings.Storage!);
        }
        else
        {
            builder.Services.AddLocalStores(settings.DataDirectory);
            builder.Services.AddBackups(settings.LandingPlace.Folder);
        }

        builder.Services.AddSingleton(settings.Quotas.ToOptions());
        builder.Services.AddSingleton(landing);
        builder.Services.AddCandleSources(settings.Configure);
        builder.Services.AddSingleton(_ => new SimulatedMarket(settings.Simulated.ToOptions()));
        builder.Services.AddSingleton<IRateSource, SimulatedSource>();
        if (settings.FeedSource is { } feed and not "simulated")
        {
            builder.Services.AddSingleton<IRateSource>(services =>
            {
                ICandleSource source = services.GetRequiredService<CandleSources>().Named(feed);
                return feed == "replay" ? new ReplaySource(source, settings.Replay.Factor) : new ExchangeRateSource(source, services.GetRequiredService<TimeProvider>());
            });
        }

        builder.Services.AddSingleton<ICandleSource, SimulatedCandleSource>();
        builder.UseOrleans(silo =>
        {
            if (settings.Profile == Profile.Cluster)
            {
                silo.JoinCluster(settings, certificates, siloPort, gatewayPort);
            }
            else
            {
                silo.StandAlone(siloPort, gatewayPort);
            }

            silo.AddRateStreams(settings);
            silo.AddPnlGrains(new RateFeedOptions { Source = settings.FeedSource, HistoryBars = settings.Simulated.HistoryDays * BarTime.BarsPerDay, TokensAtOnce = settings.Profile == Profile.Cluster ? 64 : 8 }, settings.ReconcileOptions);
            silo.AddDashboard();
        });
    }
}

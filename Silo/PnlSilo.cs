using System.Net;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Hosting;
using Orleans.Streams;
using Pnl.Gateway;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Rates.Simulation;

namespace Pnl.Silo;

/// <summary>Puts silo, store, feed and gateway together in one process.</summary>
internal static class PnlSilo
{
    public static WebApplication Build(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            // Settings lie beside the program, wherever it is started from.
            ContentRootPath = AppContext.BaseDirectory,
        });
        PnlSettings settings = PnlSettings.Read(builder.Configuration);
        HttpAddresses.Check(builder.Configuration, settings.Access);
        (int siloPort, int gatewayPort) = (FreePort.Of(nameof(settings.SiloPort), settings.SiloPort), FreePort.Of(nameof(settings.GatewayPort), settings.GatewayPort));
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.UseUtcTimestamp = true;
        });
        builder.Services.AddSingleton(TimeProvider.System);
        ILanding landing = settings.Landing.Open();
        SqliteDatabase database = SqliteDatabase.Open(settings.DataDirectory);
        builder.Services.AddSingleton(_ => database); // the container closes what its factory gave, last of all
        builder.Services.AddSingleton<ISegmentStore, SqliteSegmentStore>();
        builder.Services.AddSingleton<IPortfolioStore, SqlitePortfolioStore>();
        builder.Services.AddSingleton(landing);
        builder.Services.AddCandleSources(settings.Configure);
        builder.Services.AddSingleton(_ => new SimulatedMarket(settings.Simulated));
        builder.Services.AddSingleton<IRateSource, SimulatedSource>();
        if (settings.Feed is { } feed and not "simulated")
        {
            builder.Services.AddSingleton<IRateSource>(services =>
            {
                ICandleSource source = services.GetRequiredService<CandleSources>().Named(feed);
                return feed == "replay" ? new ReplaySource(source, settings.ReplaySpeed) : new ExchangeRateSource(source, services.GetRequiredService<TimeProvider>());
            });
        }

        builder.Services.AddSingleton<ICandleSource, SimulatedCandleSource>();
        builder.Services.AddPnlGateway(new PnlGatewayOptions { Feed = settings.Feed, StreamListeners = settings.StreamListeners, Access = settings.Access });
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort, new IPEndPoint(IPAddress.Loopback, siloPort), "pnl", "pnl");
            silo.Configure<EndpointOptions>(endpoint => endpoint.AdvertisedIPAddress = IPAddress.Loopback);
            silo.AddMemoryStreams(RateEvent.StreamProvider, streams => streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly));
            silo.AddSqliteGrainStorage();
            silo.AddPnlGrains(new RateFeedOptions { Source = settings.Feed, HistoryBars = settings.HistoryDays * BarTime.BarsPerDay }, settings.Reconcile);
            silo.AddDashboard();
        });

        WebApplication app = builder.Build();
        app.MapPnlGateway();
        app.MapOrleansDashboard(routePrefix: "/dashboard").RequireScope(Scope.Admin);
        app.MapGet("/", () => TypedResults.Redirect("/dashboard")).ExcludeFromDescription().RequireScope(Scope.Read);
        app.Logger.LogInformation("{Access}", AccessSettings.Told(settings.Access));
        return app;
    }
}

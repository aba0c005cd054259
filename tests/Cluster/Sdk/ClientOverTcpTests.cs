using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Streams;
using Pnl.Client;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Rates.Simulation;

namespace Pnl.Tests.Cluster.Sdk;

/// <summary>A service of its own, with nothing but the SDK, talks to a silo through its gateway's port.</summary>
public sealed class ClientOverTcpTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_call_arrives_whole_and_every_answer_comes_back_as_the_silo_gave_it()
    {
        using TemporaryFolder folder = new();
        await using SqliteDatabase database = SqliteDatabase.Open(folder.Path);
        (int siloPort, int gatewayPort) = (FreePort(), FreePort());
        using IHost silo = await StartSiloAsync(database, siloPort, gatewayPort);
        using IHost service = await StartServiceAsync(gatewayPort);
        IPnlClient far = service.Services.GetRequiredService<IPnlClient>(), near = silo.Services.GetRequiredService<IPnlClient>();

        // Every field of what is sent.
        TokenDetails details = new()
        {
            Symbol = "ÆTH", Name = "Ether, of a kind", Quote = "usdt", StalenessSeconds = 1234, Sources = new() { ["kraken"] = "XETHZ", ["binance"] = "ETH" },
            Listed = PnlCluster.Noon.AddYears(-9), Delisted = PnlCluster.Noon.AddYears(9),
        };
        RegisterResult registered = await far.RegisterTokenAsync("eth", details, Cancellation);
        Assert.True(registered.Created);
        Assert.Equal(
            ("ÆTH", "Ether, of a kind", "usdt", 1234, details.Listed, details.Delisted),
            (registered.Token.Symbol, registered.Token.Name, registered.Token.Quote, registered.Token.StalenessSeconds, registered.Token.Listed, registered.Token.Delisted));
        Assert.Equal(details.Sources, registered.Token.Sources);

        // Columns that are slices of longer ones, with rates at both ends of what a decimal holds.
        int last = BarTime.LastClosedSlot(PnlCluster.Noon), from = last - 3 * BarTime.BarsPerDay;
        long[] times = [.. Enumerable.Range(from - 10, 900).Select(BarTime.OpenSeconds)];
        decimal[] rates = [.. times.Select((_, i) => i % 100 == 0 ? 0m : 1e-18m * (i + 1) + (i % 2 == 0 ? 0 : 999_999_999m))];
        IngestResult result = await far.IngestAsync(
            "eth", new() { Time = times.AsMemory(10, 800), Rate = rates.AsMemory(10, 800), CoveredFrom = times[5], CoveredTo = times[850] }, Cancellation);
        Assert.Equal((792, 0, 0, 793L), (result.Accepted, result.Unchanged, result.Corrected, result.Revision));
        Assert.Equal(Enumerable.Range(1, 8).Select(i => new RejectedBar(i * 100 - 10, times[i * 100], "rate.zero")), result.Rejected);
        RateCandles stored = await far.GetRatesAsync("eth", new(), Cancellation);
        Assert.Equal(rates[10..810].Where(rate => rate != 0), stored.Close);

        // Every answer, with every field of what is asked.
        SeriesQuery query = new() { From = BarTime.Open(from + 7), To = BarTime.Open(from + 700), Interval = Interval.FifteenMinutes, Quantity = 0.25m, Limit = 20 };
        Func<IPnlClient, Task<object>>[] calls =
        [
            async client => await client.GetTokenAsync("eth", Cancellation),
            async client => await client.GetCoverageAsync("eth", 3, Cancellation),
            async client => await client.GetPnlAsync("eth", Cancellation),
            async client => await client.GetWindowAsync("eth", new(BarTime.Open(from + 7), BarTime.Open(from + 400), 0.5m), Cancellation),
            async client => await client.GetWindowAsync("eth", new(null, null), Cancellation),
            async client => await client.GetSeriesAsync("eth", query, Cancellation),
            async client => await client.GetSeriesAsync("eth", new() { MaxPoints = 10, Interval = Interval.Hour }, Cancellation),
            async client => await client.GetRatesAsync("eth", query, Cancellation),
            async client => await client.ListTokensAsync("of a KIND", "a", 5, Cancellation),
            async client => await client.GetFeedProgressAsync("simulated", Cancellation),
            async client => await client.RegisterTokenAsync("eth", new(), Cancellation),
        ];
        foreach (Func<IPnlClient, Task<object>> call in calls)
        {
            Assert.Equal(Json(await call(near)), Json(await call(far)));
        }

        PnlSeries series = await far.GetSeriesAsync("eth", query, Cancellation);
        Assert.Equal((20, Interval.FifteenMinutes, true), (series.Time.Length, series.Interval, series.Next is not null));
        Assert.Equal(9, (await far.GetPnlAsync("eth", Cancellation)).Windows.Count);

        // And what is refused.
        Assert.Equal("btc", (await Assert.ThrowsAsync<TokenUnknownException>(() => far.GetPnlAsync("btc", Cancellation))).Token);
        Assert.Equal("usdt", (await Assert.ThrowsAsync<QuoteConflictException>(() => far.RegisterTokenAsync("eth", new() { Quote = "eur" }, Cancellation))).Token?.Quote);
        await Assert.ThrowsAsync<ArgumentException>(() => far.IngestAsync("eth", new() { Time = times, Rate = rates.AsMemory(1) }, Cancellation));
        using CancellationTokenSource impatient = new();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => far.GetPnlAsync("eth", impatient.Token));

        await service.StopAsync(Cancellation);
        await silo.StopAsync(Cancellation);
    }

    private static async Task<IHost> StartSiloAsync(SqliteDatabase database, int siloPort, int gatewayPort)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(PnlCluster.Noon));
        PnlCluster.KeepOrleansOnRealTime(builder.Services);
        builder.Services.AddSingleton(database);
        builder.Services.AddSingleton<ISegmentStore, SqliteSegmentStore>();
        builder.Services.AddSingleton<IRateSource>(new SimulatedSource(new SimulatedMarket(new() { Tokens = 1 })));
        builder.Services.AddSingleton(new CandleSources([]));
        builder.Services.AddPnlClient();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort, new IPEndPoint(IPAddress.Loopback, siloPort), "pnl", "pnl");
            silo.Configure<EndpointOptions>(endpoint => endpoint.AdvertisedIPAddress = IPAddress.Loopback);
            silo.AddMemoryStreams(RateEvent.StreamProvider, streams => streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly));
            silo.AddSqliteGrainStorage();
            silo.AddPnlGrains(new RateFeedOptions());
        });
        IHost host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }

    private static async Task<IHost> StartServiceAsync(int gatewayPort)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
        builder.UseOrleansClient(client => client.UseLocalhostClustering(gatewayPort, "pnl", "pnl"));
        builder.Services.AddPnlClient();
        IHost host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }

    private static string Json(object answer) => JsonSerializer.Serialize(answer, answer.GetType());

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

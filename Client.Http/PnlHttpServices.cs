using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Pnl.Client.Http;

/// <summary>Adds the client to a service that reaches the engine by HTTP alone.</summary>
public static class PnlHttpServices
{
    private const int ConnectionIdleSeconds = 20, ConnectionProbeSeconds = 5, ConnectionProbes = 3;

    /// <summary>Adds the client for a gateway, with the times of <see cref="PnlHttpOptions"/> as they are.</summary>
    /// <param name="services">The service's.</param>
    /// <param name="address">Where the gateway listens, such as <c>https://pnl.example.com</c>.</param>
    /// <param name="apiKey">An API key or a token; null where access is open.</param>
    /// <returns>The builder of the HTTP client behind it, to add to.</returns>
    /// <exception cref="ArgumentException">The address is none of HTTP, or the key cannot be one.</exception>
    public static IHttpClientBuilder AddPnlHttpClient(this IServiceCollection services, Uri address, string? apiKey = null) =>
        services.AddPnlHttpClient(options => (options.Address, options.ApiKey) = (address, apiKey));

    /// <summary>
    /// Adds <see cref="IPnlClient"/> and <see cref="IPnlHttpClient"/> over the HTTP API. It does what the client over Orleans does, but for
    /// what the API has not: an owner is named by the key and not by <see cref="IPnlClient.For"/>; there is no
    /// <see cref="IPnlClient.GetFeedProgressAsync"/>; <see cref="IPnlClient.GetChangedFromAsync"/> only tells whether anything changed;
    /// <c>PortfolioSeries.ValuedAt</c> is empty. What is refused is thrown as the exceptions of that client, or as
    /// <see cref="PnlProblemException"/>. A call that failed on the way, or is answered 408, 429 or 5xx, is made again for
    /// <see cref="PnlHttpOptions.RetryFor"/>, after <c>Retry-After</c> where that is given, but for deletions; where nothing has ever
    /// answered, for <see cref="PnlHttpOptions.ReachWithin"/>.
    /// </summary>
    /// <param name="services">The service's.</param>
    /// <param name="configure">Sets the address, and what is to differ from the defaults.</param>
    /// <returns>The builder of the HTTP client behind it, to add to.</returns>
    /// <exception cref="ArgumentException">The address is none of HTTP, the key cannot be one, or a time is out of its bounds.</exception>
    public static IHttpClientBuilder AddPnlHttpClient(this IServiceCollection services, Action<PnlHttpOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        PnlHttpOptions options = new();
        configure(options);
        Uri root = options.Root();
        services.TryAddSingleton(TimeProvider.System);
        services.AddLogging();
        services.TryAddSingleton<IPnlHttpClient>(provider => new PnlHttpClient(
            () => provider.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(PnlHttpClient)), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IPnlClient>(provider => provider.GetRequiredService<IPnlHttpClient>());
        services.TryAddSingleton(provider => new GatewayReach(root, options.ReachWithin, provider.GetRequiredService<TimeProvider>()));
        IHttpClientBuilder builder = services.AddHttpClient(nameof(PnlHttpClient), http =>
        {
            http.BaseAddress = new(root, "v1/");
            http.Timeout = Timeout.InfiniteTimeSpan; // a try has its own
            http.DefaultRequestHeaders.Authorization = options.ApiKey is null ? null : new AuthenticationHeaderValue("Bearer", options.ApiKey);
        }).ConfigurePrimaryHttpMessageHandler(provider => new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectCallback = (context, cancellation) => ConnectAsync(provider.GetRequiredService<GatewayReach>(), context, cancellation),
        });
        builder.AddResilienceHandler("pnl", pipeline =>
        {
            HttpRetryStrategyOptions retry = new()
            {
                MaxRetryAttempts = int.MaxValue, Delay = TimeSpan.FromMilliseconds(100), MaxDelay = TimeSpan.FromSeconds(2), BackoffType = DelayBackoffType.Exponential, UseJitter = true,
            };
            retry.DisableFor(HttpMethod.Delete); // made twice, the second is answered that there is none
            pipeline.AddTimeout(options.RetryFor).AddRetry(retry).AddTimeout(options.TryFor);
        });
        return builder.AddHttpMessageHandler(provider => provider.GetRequiredService<GatewayReach>().Handler());
    }

    /// <summary>Connects so that a machine that is gone is noticed while a stream is quiet.</summary>
    private static async ValueTask<Stream> ConnectAsync(GatewayReach reach, SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, ConnectionIdleSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ConnectionProbeSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, ConnectionProbes);
            await reach.ConnectAsync(socket, context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

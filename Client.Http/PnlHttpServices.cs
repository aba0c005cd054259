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
    private static readonly TimeSpan RetryFor = TimeSpan.FromSeconds(60), OneTry = TimeSpan.FromSeconds(30);
    private const int ConnectionIdleSeconds = 20, ConnectionProbeSeconds = 5, ConnectionProbes = 3;

    /// <summary>
    /// Adds <see cref="IPnlClient"/> over the HTTP API. It does what the client over Orleans does, but for what the API has not: an
    /// owner is named by the key and not by <see cref="IPnlClient.For"/>; there is no <see cref="IPnlClient.GetFeedProgressAsync"/>;
    /// <see cref="IPnlClient.GetChangedFromAsync"/> only tells whether anything changed; <c>PortfolioSeries.ValuedAt</c> is empty.
    /// What is refused is thrown as the exceptions of that client, or as <see cref="PnlProblemException"/>. A call that failed on the
    /// way, or is answered 408, 429 or 5xx, is made again for 60 s, after <c>Retry-After</c> where that is given, but for deletions.
    /// </summary>
    /// <param name="services">The service's.</param>
    /// <param name="address">Where the gateway listens, such as <c>https://pnl.example.com</c>.</param>
    /// <param name="apiKey">An API key or a token; null where access is open.</param>
    /// <returns>The builder of the HTTP client behind it, to add to.</returns>
    /// <exception cref="ArgumentException">The address is none of HTTP, or the key cannot be one.</exception>
    public static IHttpClientBuilder AddPnlHttpClient(this IServiceCollection services, Uri address, string? apiKey = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException($"'{address}' is no address of a gateway; make it one such as https://pnl.example.com", nameof(address));
        }

        if (apiKey is not null && (apiKey.Length == 0 || apiKey.Any(c => c is <= ' ' or > '~')))
        {
            throw new ArgumentException("the API key is empty, or has characters that none has; make it the whole key, pnl_…, or null where access is open", nameof(apiKey));
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddLogging();
        services.TryAddSingleton<IPnlClient>(provider => new PnlHttpClient(
            () => provider.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(PnlHttpClient)), provider.GetRequiredService<TimeProvider>()));
        IHttpClientBuilder builder = services.AddHttpClient(nameof(PnlHttpClient), http =>
        {
            http.BaseAddress = new(address.AbsoluteUri.EndsWith('/') ? address : new(address.AbsoluteUri + "/"), "v1/");
            http.Timeout = Timeout.InfiniteTimeSpan; // a try has its own
            http.DefaultRequestHeaders.Authorization = apiKey is null ? null : new AuthenticationHeaderValue("Bearer", apiKey);
        }).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectCallback = ConnectAsync,
        });
        builder.AddResilienceHandler("pnl", pipeline =>
        {
            HttpRetryStrategyOptions retry = new()
            {
                MaxRetryAttempts = int.MaxValue, Delay = TimeSpan.FromMilliseconds(100), MaxDelay = TimeSpan.FromSeconds(2), BackoffType = DelayBackoffType.Exponential, UseJitter = true,
            };
            retry.DisableFor(HttpMethod.Delete); // made twice, the second is answered that there is none
            pipeline.AddTimeout(RetryFor).AddRetry(retry).AddTimeout(OneTry);
        });
        return builder;
    }

    /// <summary>Connects so that a machine that is gone is noticed while a stream is quiet.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, ConnectionIdleSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ConnectionProbeSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, ConnectionProbes);
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

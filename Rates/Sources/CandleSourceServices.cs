using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Pnl.Rates.Exchanges;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Pnl.Rates;

/// <summary>Sets up the sources of candles.</summary>
public static class CandleSourceServices
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Adds <see cref="CandleSources"/> with all exchanges, the source <c>files</c> if it has a folder, and every
    /// <see cref="ICandleSource"/> that is registered besides. Requests go by
    /// the <see cref="IRequestQuota"/> that is registered, or one of this process; time by the <see cref="TimeProvider"/>.
    /// </summary>
    public static IServiceCollection AddCandleSources(this IServiceCollection services, Action<CandleSourcesOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<CandleSourcesOptions>()
            .Validate(
                o => o.TryTimeout > TimeSpan.Zero && o.Retries is > 0 and <= 100 && o.MaxBodyBytes > 0,
                "The time for a try, the retries and the largest body must be greater than zero.")
            .Validate(
                o => o.Sources.Values.All(s => s.Address is null or { IsAbsoluteUri: true }),
                "The address of a source must be absolute.")
            .Validate(
                o => Dialects(o).All(d => Limits(d, o) is var l && l.PermitsAWindow >= Math.Max(l.CandlesCost, Math.Max(l.LatestCost, l.ListCost))),
                "PermitsAWindow of a source must suffice for its dearest request; for binance that is 20.")
            .ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        if (services.Any(s => s.ServiceType == typeof(CandleSources)))
        {
            return services; // a second time only adds to the settings: each client would get its handlers twice
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new CandleSources(Sources(provider)));
        services.TryAddSingleton<IRequestQuota>(provider => new LocalQuota(
            provider.GetRequiredService<CandleSources>().All.ToDictionary(s => s.Name, s => s.Limits),
            provider.GetRequiredService<TimeProvider>()));
        foreach (ExchangeDialect dialect in Dialects(new CandleSourcesOptions()))
        {
            AddClient(services, dialect.Name);
        }

        return services;
    }

    private static IEnumerable<ExchangeDialect> Dialects(CandleSourcesOptions options) =>
    [
        new BinanceDialect(),
        new BitfinexDialect(),
        new BitstampDialect(),
        new BybitDialect(),
        new CoinbaseDialect(),
        new CoinGeckoDialect(options.CoinGeckoWholeHistory),
        new KrakenDialect(),
        new OkxDialect(),
    ];

    private static IEnumerable<ICandleSource> Sources(IServiceProvider provider)
    {
        CandleSourcesOptions options = Options(provider);
        IHttpClientFactory clients = provider.GetRequiredService<IHttpClientFactory>();
        TimeProvider time = provider.GetRequiredService<TimeProvider>();
        foreach (ExchangeDialect dialect in Dialects(options))
        {
            yield return new ExchangeSource(dialect, Limits(dialect, options), clients, time);
        }

        if (options.FilesPath is { Length: > 0 } folder)
        {
            yield return new FileSource(folder, time);
        }

        if (options.ReplayPath is { Length: > 0 } replay)
        {
            yield return new FileSource(replay, time, "replay");
        }

        foreach (ICandleSource source in provider.GetServices<ICandleSource>())
        {
            yield return source;
        }
    }

    private static CandleSourcesOptions Options(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<CandleSourcesOptions>>().Value;

    private static ExchangeDialect Dialect(IServiceProvider provider, string name) =>
        Dialects(Options(provider)).Single(d => d.Name == name);

    private static SourceLimits Limits(ExchangeDialect dialect, CandleSourcesOptions options)
    {
        CandleSourceOptions? own = options.Sources.GetValueOrDefault(dialect.Name);
        return dialect.Limits with
        {
            PermitsAWindow = own?.PermitsAWindow ?? dialect.Limits.PermitsAWindow,
            Window = own?.Window ?? dialect.Limits.Window,
        };
    }

    private static void AddClient(IServiceCollection services, string name)
    {
        IHttpClientBuilder client = services.AddHttpClient(ExchangeSource.ClientName(name), (provider, http) =>
        {
            CandleSourceOptions? own = Options(provider).Sources.GetValueOrDefault(name);
            http.BaseAddress = own?.Address ?? Dialect(provider, name).Address;
            http.Timeout = Timeout.InfiniteTimeSpan; // each try has its own limit
            http.DefaultRequestHeaders.UserAgent.ParseAdd("Orleans.Pnl/1.0"); // Coinbase and Kraken refuse the nameless
            http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
            if (own is { ApiKey: { Length: > 0 } key, ApiKeyHeader: { Length: > 0 } header })
            {
                http.DefaultRequestHeaders.Add(header, key);
            }
        });
        client.ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            AllowAutoRedirect = false, // an API that moves says so in its documentation; a captive portal redirects
            ConnectTimeout = TimeSpan.FromSeconds(10),
        });

        // A request a line at level Information would be thousands in a minute; retries are told by the pipeline.
        client.RemoveAllLoggers();
        client.AddResilienceHandler("retry", (pipeline, context) => AddRetries(pipeline, context.ServiceProvider));
        client.AddHttpMessageHandler(provider => new QuotaGate(Dialect(provider, name), provider.GetRequiredService<IRequestQuota>(), provider.GetRequiredService<TimeProvider>()));
        client.AddResilienceHandler("try", (pipeline, context) =>
        {
            pipeline.TimeProvider = context.ServiceProvider.GetRequiredService<TimeProvider>();
            pipeline.AddTimeout(Options(context.ServiceProvider).TryTimeout);
        });
        client.AddHttpMessageHandler(provider =>
        {
            CandleSourcesOptions options = Options(provider);
            ExchangeDialect dialect = Dialect(provider, name);
            return new WholeAnswer(dialect, Limits(dialect, options), options.MaxBodyBytes, provider.GetRequiredService<TimeProvider>());
        });
    }

    private static void AddRetries(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, IServiceProvider provider)
    {
        CandleSourcesOptions options = Options(provider);
        pipeline.TimeProvider = provider.GetRequiredService<TimeProvider>();
        RetryStrategyOptions<HttpResponseMessage> retry = new()
        {
            MaxRetryAttempts = options.Retries,
            Delay = options.RetryDelay,
            MaxDelay = LongestBackoff,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = outcome => ValueTask.FromResult(outcome.Outcome.Exception switch
            {
                SourceException { IsTransient: true } e => !(e.RetryAfter > options.LongestWait),
                HttpRequestException or IOException or TimeoutRejectedException => true,
                _ => false,
            }),

            // Null leaves it to the backoff; what the source itself says comes first.
            DelayGenerator = outcome => ValueTask.FromResult((outcome.Outcome.Exception as SourceException)?.RetryAfter),
        };
        if (options.Jitter is { } jitter)
        {
            retry.Randomizer = jitter;
        }

        pipeline.AddRetry(retry).AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
        {
            FailureRatio = 0.5,
            MinimumThroughput = 20,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = options.BreakDuration,

            // A refusal is not a failure of the source, and the quota already sees to it.
            ShouldHandle = outcome => ValueTask.FromResult(outcome.Outcome.Exception switch
            {
                SourceException { IsTransient: true } e => e.Code != "source.refused",
                HttpRequestException or IOException or TimeoutRejectedException => true,
                _ => false,
            }),
        });
    }
}

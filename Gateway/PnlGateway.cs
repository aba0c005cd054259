using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Pnl.Client;

namespace Pnl.Gateway;

/// <summary>The HTTP API and the web page, in whatever host has an Orleans client.</summary>
public static class PnlGateway
{
    private static readonly string[] Ready = ["ready"];

    /// <summary>Adds the gateway's services, the SDK among them.</summary>
    public static IServiceCollection AddPnlGateway(this IServiceCollection services, PnlGatewayOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddPnlClient();
        services.AddSingleton<LeaderboardAnswers>();
        services.AddSingleton<SnapshotJson>();
        services.AddSingleton<GatewayMeter>();
        services.AddSingleton<ListenerSlots>();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Converters.Add(new UtcTimeConverter());
            json.SerializerOptions.Converters.Add(new AmountConverter());
            json.SerializerOptions.Converters.Add(new IntervalConverter());
            json.SerializerOptions.Converters.Add(new DecimalColumnConverter());
            json.SerializerOptions.Converters.Add(new DoubleColumnConverter());
            json.SerializerOptions.Converters.Add(new TimeColumnConverter());
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.MaxDepth = 32; // bodies are flat, but the schemas of the OpenAPI document are written by the same options
            json.SerializerOptions.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        });
        services.Configure<RouteHandlerOptions>(route => route.ThrowOnBadRequest = true);
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Limits.BodyBytes;
            kestrel.Limits.RequestHeadersTimeout = Limits.HeaderTime;
            kestrel.Limits.MinRequestBodyDataRate = kestrel.Limits.MinResponseDataRate = new(Limits.SlowestBytesASecond, Limits.SlowTime);
        });
        services.AddProblemDetails();
        services.AddExceptionHandler<ProblemAnswers>();
        services.AddPnlOpenApi();
        services.AddAccessControl(options.Access);
        services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
        });
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Fastest);
        services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = Limits.RequestTime,
            TimeoutStatusCode = StatusCodes.Status504GatewayTimeout,
        });
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = (context, _) =>
            {
                AccessControl.TellWhen(context.HttpContext, context.Lease);
                return ValueTask.CompletedTask;
            };
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http => AccessControl.ShareOf(http, options.Access));
            limiter.AddPolicy("api", _ => RateLimitPartition.GetConcurrencyLimiter("all", _ => new()
            {
                PermitLimit = Limits.ConcurrentRequests,
                QueueLimit = Limits.QueuedRequests,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }));
        });
        services.AddHostedService<Drain>();
        services.AddHealthChecks()
            .AddCheck<SyntheticQuery>("query", HealthStatus.Unhealthy, Ready, Limits.ProbeTime)
            .AddCheck<FeedHealth>("feed", HealthStatus.Unhealthy, Ready, Limits.ProbeTime);
        return services;
    }

    /// <summary>Maps the gateway's paths.</summary>
    public static WebApplication MapPnlGateway(this WebApplication app)
    {
        _ = app.Services.GetRequiredService<ListenerSlots>(); // what it measures is there before the first listener
        app.UseAnswerHeaders();
        app.UseAuditLog();
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => ProblemAnswers.WriteUnexplainedAsync(context.HttpContext));
        app.UseResponseCompression();
        app.UseRequestTimeouts();
        app.UseAccessControl();
        app.RefuseOversizedBodies();
        RouteGroupBuilder api = app.MapGroup("").RequireRateLimiting("api").AfterEntry();
        api.MapTokens();
        api.MapPortfolios();
        api.MapBackfills();
        api.MapLeaderboard();
        api.MapKeys();
        api.MapAudit();
        api.MapSparklines();
        app.MapGroup("").AfterEntry().MapStream(); // with a bound of its own: a stream is under way for hours
        app.MapPage();
        app.MapOpenApi("/openapi/v1.json").AllowAnonymous();
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready[0]), ResponseWriter = WriteHealth }).AllowAnonymous();
        return app;
    }

    private static Task WriteHealth(HttpContext http, HealthReport report)
    {
        if (report.Status != HealthStatus.Healthy)
        {
            http.Response.Headers.RetryAfter = "1";
        }

        return http.Response.WriteAsJsonAsync(new
        {
            status = report.Status == HealthStatus.Healthy ? "ready" : "notReady",
            checks = report.Entries.ToDictionary(entry => entry.Key, entry => new { detail = entry.Value.Description ?? entry.Value.Exception?.Message, entry.Value.Data }),
        });
    }
}

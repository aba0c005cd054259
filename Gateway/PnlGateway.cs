using System.IO.Compression;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>The HTTP API and the web page, in whatever host has an Orleans client.</summary>
public static class PnlGateway
{
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
        services.AddSingleton<NewNames>();
        services.ConfigureHttpJsonOptions(json =>
        {
            PnlJson.AddTo(json.SerializerOptions);
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.MaxDepth = 32; // bodies are flat, but the schemas of the OpenAPI document are written by the same options
            json.SerializerOptions.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        });
        services.AddCursorsOfEpoch();
        services.Configure<RouteHandlerOptions>(route => route.ThrowOnBadRequest = true);
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Limits.BodyBytes;
            kestrel.Limits.RequestHeadersTimeout = Limits.HeaderTime;
            kestrel.Limits.MinRequestBodyDataRate = new(Limits.SlowestBytesASecond, Limits.SlowTime);
            kestrel.Limits.MinResponseDataRate = new(Limits.SlowestAnswerBytesASecond, Limits.SlowTime);
            (kestrel.Limits.MaxRequestBufferSize, kestrel.Limits.MaxResponseBufferSize) = (Limits.BufferBytes, Limits.BufferBytes);
        });
        services.AddProblemDetails();
        services.AddExceptionHandler<ProblemAnswers>();
        services.AddPnlOpenApi();
        services.AddAccessControl(options.Access);
        services.AddSingleton<IStartupFilter, OpenAccess>();
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
        services.AddCallerShares(options.Access);
        services.AddHostedService<Drain>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<TokensHealth>(); // it remembers
        services.AddHealthChecks()
            .AddReadyCheck<TokensHealth>("query")
            .AddReadyCheck<PortfoliosHealth>("portfolios")
            .AddReadyCheck<FeedHealth>("feed");
        return services;
    }

    /// <summary>Adds a check without which a process is not ready. What it says is told to everybody: it names no ids and no paths.</summary>
    public static IHealthChecksBuilder AddReadyCheck<TCheck>(this IHealthChecksBuilder checks, string name)
        where TCheck : class, IHealthCheck => checks.AddCheck<TCheck>(name, HealthStatus.Unhealthy, [Readiness.Tag], Limits.ProbeTime);

    /// <summary>Maps the gateway's paths.</summary>
    public static WebApplication MapPnlGateway(this WebApplication app)
    {
        _ = app.Services.GetRequiredService<ListenerSlots>(); // what it measures is there before the first listener
        app.UseAnswerHeaders();
        app.UseAuditLog();
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => ProblemAnswers.WriteUnexplainedAsync(context.HttpContext));
        app.RefuseShiftedAddresses();
        app.UseResponseCompression();
        app.UseRequestTimeouts();
        app.UseAccessControl();
        app.RefuseOversizedBodies();
        app.UseCursorsOfEpoch();
        RouteGroupBuilder api = app.MapGroup("").RequireRateLimiting(CallerShares.Policy).AfterEntry();
        api.MapTokens();
        api.MapPortfolios();
        api.MapBackfills();
        api.MapDeadLetters();
        api.MapLeaderboard();
        api.MapKeys();
        api.MapAudit();
        api.MapSparklines();
        api.MapVersion();
        app.MapGroup("").AfterEntry().MapStream(); // with a bound of its own: a stream is under way for hours
        app.MapGroup("").AfterEntry().MapBackups(); // with a bound of its own: one at a time
        app.MapPage();
        app.MapOpenApi("/openapi/v1.json").AllowAnonymous();
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false }).AllowAnonymous();
        app.MapMethods("/health/ready", [HttpMethods.Get, HttpMethods.Head], (RequestDelegate)app.Services.GetRequiredService<Readiness>().AnswerAsync).ExcludeFromDescription().AllowAnonymous();
        return app;
    }
}

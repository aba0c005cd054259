using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Pnl.Gateway;

/// <summary>
/// What one caller may have under way, beside what all may: so many requests a second, so many at once, and of those that take
/// much work, memory or time fewer. What is beyond waits, and what is beyond that is refused with 429, which says whose limit it was.
/// Where access is open there are no callers to tell apart, and only what all may have counts.
/// </summary>
internal static class CallerShares
{
    /// <summary>The policy of what is beside the streams.</summary>
    public const string Policy = "api";

    private const int LargeBody = 64 << 10;
    private static readonly object OfAll = new();

    public static void AddCallerShares(this IServiceCollection services, AccessOptions access)
    {
        services.AddSingleton<ClientConnections>();
        services.AddSingleton<Microsoft.Extensions.Options.IConfigureOptions<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>>(provider => provider.GetRequiredService<ClientConnections>());
        services.AddSingleton(provider => DescriptorReserve.OfProcess(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<GuardedListeners>();
        services.AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<GuardedListeners>()); // the last one is asked first
        services.AddHostedService(provider => provider.GetRequiredService<GuardedListeners>());
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = (context, _) =>
            {
                context.HttpContext.RequestServices.GetRequiredService<GatewayMeter>().RequestRefused(RefusalCode(context.HttpContext));
                TellWhen(context.HttpContext, context.Lease);
                return ValueTask.CompletedTask;
            };
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PartitionedRateLimiter.Create<HttpContext, string>(http => ASecond(http, access)),
                PartitionedRateLimiter.Create<HttpContext, string>(http => AtOnce(http, access)),
                PartitionedRateLimiter.Create<HttpContext, string>(http => HeavyAtOnce(http, access)));
            limiter.AddPolicy(Policy, http =>
            {
                http.Items[OfAll] = true; // what the caller may have is taken by now
                return IsHeavy(http)
                    ? RateLimitPartition.GetConcurrencyLimiter("heavy", _ => Limit(Limits.HeavyRequests, Limits.QueuedHeavyRequests))
                    : RateLimitPartition.GetConcurrencyLimiter("all", _ => Limit(Limits.ConcurrentRequests, Limits.QueuedRequests));
            });
        });
    }

    /// <summary>Counts the connection as its caller's while the request is under way.</summary>
    public static void UseCallersConnections(this WebApplication app)
    {
        ClientConnections connections = app.Services.GetRequiredService<ClientConnections>();
        app.Use(async (http, next) =>
        {
            using IDisposable use = connections.Begin(http, CallerOf(http));
            await next(http);
        });
    }

    /// <summary>Says that a call takes much work or memory for each answer.</summary>
    public static TBuilder IsHeavy<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(HeavyWork.Instance);

    /// <summary>Who calls, by key or subject, or by address if he shows none.</summary>
    public static string CallerOf(HttpContext http) => http.User.Name() ?? AccessControl.AddressOf(http.Connection.RemoteIpAddress);

    /// <summary>The code of a refusal by a limit: whether it was the caller's own or that of all.</summary>
    public static string RefusalCode(HttpContext http) => http.Items.ContainsKey(OfAll) ? "server.full" : "requests.tooMany";

    private static RateLimitPartition<string> ASecond(HttpContext http, AccessOptions access) =>
        access.IsOpen || http.Request.Path.StartsWithSegments("/health") ? RateLimitPartition.GetNoLimiter("")
        : RateLimitPartition.GetTokenBucketLimiter(CallerOf(http), _ => new()
        {
            TokenLimit = 2 * access.RequestsASecond,
            TokensPerPeriod = access.RequestsASecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        });

    // Not streams, which are under way for hours and have slots of their own.
    private static RateLimitPartition<string> AtOnce(HttpContext http, AccessOptions access) =>
        access.IsOpen || http.Request.Path.StartsWithSegments("/health") || http.Request.Path.StartsWithSegments("/v1/stream") ? RateLimitPartition.GetNoLimiter("")
        : RateLimitPartition.GetConcurrencyLimiter(CallerOf(http), _ => Limit(access.ShareOf(Limits.ConcurrentRequests), access.ShareOf(Limits.QueuedRequests)));

    private static RateLimitPartition<string> HeavyAtOnce(HttpContext http, AccessOptions access) =>
        access.IsOpen || !IsHeavy(http) ? RateLimitPartition.GetNoLimiter("")
        : RateLimitPartition.GetConcurrencyLimiter(CallerOf(http), _ => Limit(access.ShareOf(Limits.HeavyRequests), access.ShareOf(Limits.QueuedHeavyRequests)));

    private static ConcurrencyLimiterOptions Limit(int most, int queued) => new() { PermitLimit = most, QueueLimit = queued, QueueProcessingOrder = QueueProcessingOrder.OldestFirst };

    // A small body costs little, whatever becomes of it; of one whose length is not told nobody knows.
    private static bool IsHeavy(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<HeavyWork>() is not null
        && (!CrossSite.IsChange(http.Request.Method) || http.Request.ContentLength is null or > LargeBody);

    /// <summary>Tells when to come again.</summary>
    private static void TellWhen(HttpContext http, RateLimitLease lease) => http.Response.Headers.RetryAfter =
        (lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1).ToString(CultureInfo.InvariantCulture);

    private sealed class HeavyWork
    {
        public static readonly HeavyWork Instance = new();
    }
}

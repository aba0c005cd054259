using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>
/// Tells of every change that somebody asked for, let in or not: who, what, and what came of it. No body and no query is in it,
/// and no key but by its id. Each is a line of the log; that of somebody known is kept besides, before it is answered. Whoever is
/// not known could fill what is kept with nothing. Where access is open there is nobody to tell from another, and nothing is told.
/// </summary>
internal static class AuditLog
{
    public const string Category = "Pnl.Audit";

    private const int LongestPath = 512;

    public static void UseAuditLog(this WebApplication app)
    {
        if (app.Services.GetRequiredService<AccessOptions>().IsOpen)
        {
            return;
        }

        ILogger log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(Category);
        AuditTrail trail = app.Services.GetRequiredService<AuditTrail>();
        TimeProvider time = app.Services.GetRequiredService<TimeProvider>();
        app.Use(async (http, next) =>
        {
            if (!CrossSite.IsChange(http.Request.Method))
            {
                await next(http);
                return;
            }

            bool isKept = false;
            http.Response.OnStarting(KeepAsync);
            try
            {
                await next(http);
            }
            finally
            {
                Write(log, http); // an answer that broke off too
                await KeepAsync();
            }

            Task KeepAsync()
            {
                bool first = !isKept;
                isKept = true;
                return first && http.User.Name() is { } who ? AuditLog.KeepAsync(trail, time, log, http, who) : Task.CompletedTask;
            }
        });
    }

    private static async Task KeepAsync(AuditTrail trail, TimeProvider time, ILogger log, HttpContext http, string who)
    {
        string what = $"{http.Request.Method} {http.Request.Path}";
        try
        {
            await trail.AddAsync(new()
            {
                Time = time.GetUtcNow(),
                Who = who,
                Address = http.Connection.RemoteIpAddress?.ToString() ?? "",
                What = what.Length > LongestPath ? what[..LongestPath] : what,
                Status = http.Response.StatusCode,
                Request = http.TraceIdentifier,
            });
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The change is done, or refused, all the same: to say that it failed would be wrong. The log has its line.
            log.LogError(e, "What {Who} asked for is in the log alone ({Request}): it could not be kept", who, http.TraceIdentifier);
        }
    }

    private static void Write(ILogger log, HttpContext http)
    {
        HttpRequest request = http.Request;
        log.LogInformation(
            "{Who} from {Address}: {Method} {Path}: {Status} ({Request})",
            http.User.Name() ?? "nobody known", http.Connection.RemoteIpAddress, request.Method, request.Path, http.Response.StatusCode, http.TraceIdentifier);
    }
}

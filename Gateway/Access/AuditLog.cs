using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Pnl.Gateway;

/// <summary>
/// A line of the log for every change that somebody asked for, let in or not: who, what, and what came of it. No body and no
/// query is in it, and no key but by its id. Where access is open there is nobody to tell from another, and no line.
/// </summary>
internal static class AuditLog
{
    public const string Category = "Pnl.Audit";

    public static void UseAuditLog(this WebApplication app)
    {
        if (app.Services.GetRequiredService<AccessOptions>().IsOpen)
        {
            return;
        }

        ILogger log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(Category);
        app.Use(async (http, next) =>
        {
            try
            {
                await next(http);
            }
            finally
            {
                Write(log, http); // an answer that broke off too
            }
        });
    }

    private static void Write(ILogger log, HttpContext http)
    {
        HttpRequest request = http.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method))
        {
            log.LogInformation(
                "{Who} from {Address}: {Method} {Path}: {Status} ({Request})",
                http.User.Name() ?? "nobody known", http.Connection.RemoteIpAddress, request.Method, request.Path, http.Response.StatusCode, http.TraceIdentifier);
        }
    }
}

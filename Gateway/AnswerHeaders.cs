using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Pnl.Gateway;

/// <summary>
/// What every answer tells a browser or a cache, unless it says otherwise itself: data are data and never run or framed, and what was
/// answered to one caller is kept for no other.
/// </summary>
internal static class AnswerHeaders
{
    // The dashboard is Orleans' own, with scripts in its page.
    private static readonly PathString Dashboard = new("/dashboard");

    public static void UseAnswerHeaders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        http.Response.OnStarting(static of => Add((HttpContext)of), http); // not now: an exception takes headers away
        return next(http);
    });

    private static Task Add(HttpContext http)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.TryAdd("X-Frame-Options", "DENY");
        headers.TryAdd("Referrer-Policy", "no-referrer");
        headers.TryAdd("Cache-Control", "no-store");
        if (!http.Request.Path.StartsWithSegments(Dashboard))
        {
            headers.TryAdd("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        }

        return Task.CompletedTask;
    }
}

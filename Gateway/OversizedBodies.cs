using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Pnl.Gateway;

/// <summary>
/// Refuses bodies that say to be too large, or to be compressed: a few kilobytes would be any number of megabytes. One that is too large by mistake is read to its end and forgotten before: to a
/// client that still sends, an early answer is a broken connection. A client that asks first (Expect) is told at once.
/// </summary>
internal static class OversizedBodies
{
    public static void RefuseOversizedBodies(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        if (http.Request.Headers.ContentEncoding is [{ } encoding, ..] && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            http.Response.Headers.AcceptEncoding = "identity";
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "contentEncoding.unsupported", $"A body is taken as it is, and not as '{encoding}'.", "Content-Encoding", "identity, or none");
        }

        if (http.Request.ContentLength is not (> Limits.BodyBytes and long length))
        {
            await next(http);
            return;
        }

        if (length <= Limits.ForgottenBytes && http.Request.Headers.Expect.Count == 0
            && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = Limits.ForgottenBytes;
            await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
        }

        throw ApiException.BodyTooLarge();
    });
}

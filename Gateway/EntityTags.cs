using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;

namespace Pnl.Gateway;

/// <summary>Answers that need not be sent again.</summary>
internal static class EntityTags
{
    public static StatusCodeHttpResult NotModified() => TypedResults.StatusCode(StatusCodes.Status304NotModified);

    /// <summary>Sets the ETag, and tells whether the client has the answer already.</summary>
    public static bool IsUnchanged(this HttpContext http, long revision, string suffix)
    {
        string state = revision.ToString(CultureInfo.InvariantCulture) + (suffix.Length == 0 ? "" : "-" + suffix.ToLowerInvariant());
        string tag = $"\"{http.RequestServices.GetRequiredService<StoreEpoch>().Mark(state)}\"";
        http.Response.Headers.ETag = tag;
        http.Response.Headers.CacheControl = "private, no-cache";
        foreach (string? value in http.Request.Headers.IfNoneMatch)
        {
            foreach (string candidate in (value ?? "").Split(','))
            {
                string trimmed = candidate.Trim();
                if (trimmed == "*" || trimmed == tag || trimmed == "W/" + tag)
                {
                    return true;
                }
            }
        }

        return false;
    }
}

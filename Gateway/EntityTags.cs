using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Pnl.Gateway;

/// <summary>Answers that need not be sent again.</summary>
internal static class EntityTags
{
    public static StatusCodeHttpResult NotModified() => TypedResults.StatusCode(StatusCodes.Status304NotModified);

    /// <summary>Sets the ETag, and tells whether the client has the answer already.</summary>
    public static bool IsUnchanged(this HttpContext http, long revision, string suffix)
    {
        string tag = suffix.Length == 0 ? $"\"{revision.ToString(CultureInfo.InvariantCulture)}\"" : $"\"{revision.ToString(CultureInfo.InvariantCulture)}-{suffix.ToLowerInvariant()}\"";
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

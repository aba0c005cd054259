using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Pnl.Gateway;

/// <summary>
/// The API key that a request shows: <c>X-Api-Key</c>, <c>Authorization: Bearer pnl_…</c>, or as the password of
/// <c>Authorization: Basic</c>, which is the one way by which a browser shows it with every request by itself.
/// </summary>
internal static class PresentedKey
{
    public const string Header = "X-Api-Key";
    public const string Bearer = "Bearer ";
    private const string Basic = "Basic ";

    /// <summary>What is shown as a key, of whatever form; null if nothing is.</summary>
    public static string? Of(HttpRequest request)
    {
        if (request.Headers[Header] is [{ } key, ..])
        {
            return key;
        }

        string? authorization = request.Headers.Authorization;
        return authorization is null ? null
            : authorization.StartsWith(Bearer + ApiKey.Prefix, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim()
            : IsBasic(authorization) ? Password(authorization[Basic.Length..])
            : null;
    }

    /// <summary>
    /// Whether a page of another site may have sent the request: a browser sends a password that it knows with whatever
    /// page asks it to, and says from which site that page is.
    /// </summary>
    public static bool IsCrossSite(HttpRequest request) =>
        request.Headers.Authorization is [{ } authorization, ..] && IsBasic(authorization) && CrossSite.IsForeignChangeBehindProxies(request);

    /// <summary>Asks for a key; with the window of a browser for its user, where a user looks at a page.</summary>
    public static void Ask(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        http.Response.Headers.Append(HeaderNames.WWWAuthenticate, "Bearer realm=\"Orleans.Pnl\"");
        if (http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            http.Response.Headers.Append(HeaderNames.WWWAuthenticate, "Basic realm=\"Orleans.Pnl: an API key as the password\", charset=\"UTF-8\"");
        }
    }

    private static bool IsBasic(string authorization) => authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase);

    private static string Password(string base64)
    {
        try
        {
            string pair = Encoding.UTF8.GetString(Convert.FromBase64String(base64.Trim()));
            return pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..];
        }
        catch (FormatException)
        {
            return "";
        }
    }
}

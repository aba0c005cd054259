using Microsoft.AspNetCore.Http;

namespace Pnl.Gateway;

/// <summary>
/// Whether a page of elsewhere may have a browser ask for a change. A browser sends what its user may send with whatever page
/// asks it to, a form or a text without asking us before, and says of which site and of which origin that page is. Others than
/// browsers say neither.
/// </summary>
internal static class CrossSite
{
    private const string Site = "Sec-Fetch-Site";

    /// <summary>Whether a method changes something.</summary>
    public static bool IsChange(string method) => !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method);

    /// <summary>Whether the request is a change, and what the browser says of its page is not that it is ours: neither may tell otherwise.</summary>
    public static bool IsForeignChange(HttpRequest request) =>
        IsChange(request.Method) && (IsForeignSite(request) == true || (request.Headers.Origin is [{ } origin, ..] && !IsOwn(origin, request.Host)));

    /// <summary>
    /// The same where a proxy may have put its own name in place of the one that the browser asked for: the origin is looked at
    /// only if the browser does not say of which site the page is.
    /// </summary>
    public static bool IsForeignChangeBehindProxies(HttpRequest request) =>
        IsChange(request.Method) && (IsForeignSite(request) ?? (request.Headers.Origin is [{ } origin, ..] && !IsOwn(origin, request.Host)));

    private static bool? IsForeignSite(HttpRequest request) =>
        request.Headers[Site] is [{ } site, ..] ? site is not ("same-origin" or "none") : null;

    // "null" is the origin of a page without one, such as a file.
    private static bool IsOwn(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && page.Scheme is "http" or "https"
        && string.Equals(page.IdnHost.Trim('[', ']'), host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)
        && (host.Port is { } port ? page.Port == port : page.IsDefaultPort);
}

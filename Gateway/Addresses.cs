using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Pnl.Gateway;

/// <summary>
/// What an address names as it was sent. The server decodes a path, all but <c>%2F</c>, and takes <c>..</c> for what is above
/// before any of ours sees it: <c>DELETE /v1/portfolios/p/entries/..</c> would be <c>DELETE /v1/portfolios/p/</c>.
/// </summary>
internal static class Addresses
{
    /// <summary>
    /// Refuses changes at addresses that mean another one once they are normalised: what was sent with <c>.</c> or <c>..</c>, and
    /// what a client that normalises leaves of that, which is a path that ends with a slash.
    /// </summary>
    public static void RefuseShiftedAddresses(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        string method = http.Request.Method;
        if (!CrossSite.IsChange(method))
        {
            return next(http);
        }

        ReadOnlySpan<char> sent = SentPath(http.Request);
        foreach (Range part in sent.Split('/'))
        {
            if (HasDots(Uri.UnescapeDataString(sent[part])))
            {
                throw Shifted("The path has a part that is '.' or '..', or would be once it is decoded: it names something else than it seems to.");
            }
        }

        if (!HttpMethods.IsPost(method) && sent is [.., '/'] and not "/")
        {
            throw Shifted("The path ends with a slash, as is left of one that ended with '..': it may be meant for something below what it names.");
        }

        return next(http);
    });

    /// <summary>The last part of the path, decoded once: also <c>%2F</c>, which the path of the server keeps encoded, so that it cannot be told from <c>%252F</c>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="routed">What the route has there, if the request does not tell how it was sent.</param>
    public static string LastName(HttpRequest request, string routed)
    {
        ReadOnlySpan<char> sent = SentPath(request);
        return sent.IsEmpty ? routed : Uri.UnescapeDataString(sent[(sent.LastIndexOf('/') + 1)..]);
    }

    // Without the query; of a request to a proxy the whole address is sent, of which the parts before the path have no dots between slashes.
    private static ReadOnlySpan<char> SentPath(HttpRequest request)
    {
        ReadOnlySpan<char> target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget;
        int end = target.IndexOfAny('?', '#');
        return end < 0 ? target : target[..end];
    }

    private static bool HasDots(ReadOnlySpan<char> decoded)
    {
        foreach (Range part in decoded.SplitAny('/', '\\'))
        {
            if (AddressName.IsDots(decoded[part]))
            {
                return true;
            }
        }

        return false;
    }

    private static ApiException Shifted(string detail) =>
        ApiException.BadRequest("path.ambiguous", detail, "path", "a path as it is meant; an entry whose id is '.' or '..' is named in the query: PUT or DELETE /v1/portfolios/{id}/entries?id=..");
}

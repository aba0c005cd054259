using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Pnl.Gateway;

/// <summary>
/// Where access is open, whoever reaches the loopback address may do everything, and browsers of this machine reach it for
/// any page: one whose name its owner points here asks as if the page were ours, and one of another site sends changes. So what
/// is asked for by a name that is not this machine's is refused, and so is a change that another page asks for. Before all else:
/// also what others than the API answer, such as the dashboard and meters.
/// </summary>
internal sealed class OpenAccess(AccessOptions access) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (access.IsOpen)
        {
            app.Use((http, go) => Refusal(http.Request) is { } refusal ? RefuseAsync(http, refusal) : go(http));
        }

        next(app);
    };

    private ApiException? Refusal(HttpRequest request) =>
        !IsTaken(request.Host.Host) ? new(
            StatusCodes.Status421MisdirectedRequest, "host.unknown",
            $"'{request.Host.Host}' is no name by which this server is asked for: no key is asked for here (Pnl:Access is none), so only names of this machine are taken.",
            "Host", "localhost, 127.0.0.1, [::1], or a name that the setting Pnl:Hosts lists")
        : CrossSite.IsForeignChange(request) ? new(
            StatusCodes.Status403Forbidden, "origin.foreign", "A page of another site asks for this change.", "Origin", "a change from the page of this server, or from no page: without Origin and Sec-Fetch-Site")
        : null;

    private bool IsTaken(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address))
        || access.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    private static Task RefuseAsync(HttpContext http, ApiException refusal)
    {
        http.Response.StatusCode = refusal.Status;
        return ProblemAnswers.WriteAsync(http, refusal);
    }
}

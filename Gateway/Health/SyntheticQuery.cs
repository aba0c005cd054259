using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>
/// Ready is who answers: it asks what anybody asks, a page of the list and the PnL of a token, through the cluster and from
/// the store. Not ready is who has been told to end.
/// </summary>
internal sealed class SyntheticQuery(IPnlClient client, IHostApplicationLifetime host) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (host.ApplicationStopping.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("ending");
        }

        if (!host.ApplicationStarted.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("the cluster is not reached yet");
        }

        try
        {
            if (await client.ListTokensAsync(null, null, 1, cancellationToken) is not [TokenInfo token, ..])
            {
                return HealthCheckResult.Healthy("answers; there is no token yet");
            }

            TokenPnl pnl = await client.GetPnlAsync(token.Id, cancellationToken);
            return HealthCheckResult.Healthy("answers", new Dictionary<string, object> { ["token"] = pnl.Token, ["revision"] = pnl.Revision });
        }
        catch (Exception e)
        {
            return HealthCheckResult.Unhealthy($"does not answer: {e.Message}"); // whoever probes is told, not the log
        }
    }
}

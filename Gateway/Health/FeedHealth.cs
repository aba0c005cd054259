using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>Not ready while the history of new tokens is still being fetched: answers are yet to come.</summary>
internal sealed class FeedHealth(IPnlClient client, PnlGatewayOptions options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (options.Feed is not { } feed)
        {
            return HealthCheckResult.Healthy("no feed");
        }

        FeedProgress progress = await client.GetFeedProgressAsync(feed, cancellationToken);
        Dictionary<string, object> data = new()
        {
            ["lastTick"] = progress.LastTick?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "",
            ["feed"] = feed,
            ["phase"] = progress.Phase.ToString(),
            ["tokensDone"] = progress.Done,
            ["tokensTotal"] = progress.Total,
            ["bars"] = progress.Bars,
        };
        return progress.Phase is FeedPhase.CatchingUp or FeedPhase.Live
            ? HealthCheckResult.Healthy("the feed is running", data)
            : HealthCheckResult.Unhealthy($"the history of new tokens is being fetched: {progress.Done} of {progress.Total}", null, data);
    }
}

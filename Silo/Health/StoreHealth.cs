using Microsoft.Extensions.Diagnostics.HealthChecks;
using Pnl.Rates;

namespace Pnl.Silo;

/// <summary>Not ready is who could not keep what he is sent: it writes, where all is written.</summary>
internal sealed class StoreHealth(SqliteDatabase database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await database.ProbeAsync().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy("can be written");
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return HealthCheckResult.Unhealthy("cannot be written: " + (database.Fault ?? "the log says why")); // words that name no path
        }
    }
}

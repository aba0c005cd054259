using Microsoft.Extensions.Diagnostics.HealthChecks;
using Pnl.Gateway;

namespace Pnl.Silo;

/// <summary>Not ready is who does not know yet in which life the store is.</summary>
internal sealed class EpochHealth(StoreEpoch epoch) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(epoch.IsKnown ? HealthCheckResult.Healthy("is known") : HealthCheckResult.Unhealthy("is not reached yet"));
}

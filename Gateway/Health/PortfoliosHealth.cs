using Microsoft.Extensions.Diagnostics.HealthChecks;
using Pnl.Client;

namespace Pnl.Gateway;

/// <summary>Asks for a portfolio as anybody does: the list, which is read from the store, and one that there cannot be, which loads what portfolios need.</summary>
internal sealed class PortfoliosHealth(IPnlClient client) : IHealthCheck
{
    private const string None = "0-readiness";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await client.ListPortfoliosAsync(null, 1, cancellationToken);
        try
        {
            await client.GetPortfolioAsync(None, cancellationToken);
        }
        catch (PortfolioUnknownException)
        {
            // As it should be; and if somebody made it, it answers.
        }

        return HealthCheckResult.Healthy("answer");
    }
}

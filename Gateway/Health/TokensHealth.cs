using Microsoft.Extensions.Diagnostics.HealthChecks;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>
/// Asks what anybody asks: a page of the list and the PnL of a token, through the cluster and from the store. A token that does not
/// answer is not the process's fault while another does: of those that were asked one has to be well, and a single one, if there is
/// no other, decides nothing.
/// </summary>
internal sealed class TokensHealth(IPnlClient client, IGrainFactory grains, TimeProvider time) : IHealthCheck
{
    private const int AtOnce = 12, Most = 24;
    private static readonly TimeSpan UntilAnswered = TimeSpan.FromSeconds(2); // twice, and the list, within what a check may take

    private volatile string? _well; // the token that answered last

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<TokenInfo> listed = await client.ListTokensAsync(null, null, Most, cancellationToken);
        if (listed.Count == 0)
        {
            // Those that cannot be read are not listed.
            return await grains.GetGrain<ITokenDirectoryGrain>(0).Count().WaitAsync(cancellationToken) switch
            {
                0 => HealthCheckResult.Healthy("answers; there is no token yet"),
                1 => HealthCheckResult.Healthy("answers; the only token cannot be read"),
                int stored => HealthCheckResult.Unhealthy($"none of {stored} tokens can be read"),
            };
        }

        if (_well is { } last && await IsWellAsync(last, cancellationToken))
        {
            return HealthCheckResult.Healthy("answers");
        }

        foreach (TokenInfo[] some in listed.Chunk(AtOnce))
        {
            bool[] well = await Task.WhenAll(some.Select(token => IsWellAsync(token.Id, cancellationToken)));
            if (Array.IndexOf(well, true) is >= 0 and int first)
            {
                _well = some[first].Id;
                return HealthCheckResult.Healthy("answers");
            }
        }

        return listed.Count == 1
            ? HealthCheckResult.Healthy("answers; the only token does not")
            : HealthCheckResult.Unhealthy($"none of {listed.Count} tokens answers");
    }

    private async Task<bool> IsWellAsync(string token, CancellationToken cancellation)
    {
        try
        {
            await client.GetPnlAsync(token, cancellation).WaitAsync(UntilAnswered, time, cancellation);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return false; // whoever asks for that token is told why
        }
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Pnl.Gateway;

/// <summary>What is asked before the process has entered its cluster is answered that it cannot be answered now.</summary>
internal static class ClusterEntry
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1); // a silo listens a moment before it has started

    /// <summary>Holds requests back until the host has started, of which entering the cluster is a part.</summary>
    public static TBuilder AfterEntry<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.AddEndpointFilter(async (context, next) =>
        {
            IServiceProvider services = context.HttpContext.RequestServices;
            CancellationToken started = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted;
            if (!started.IsCancellationRequested && !await StartsAsync(services.GetRequiredService<TimeProvider>(), started, context.HttpContext.RequestAborted))
            {
                throw new ApiException(StatusCodes.Status503ServiceUnavailable, "cluster.unavailable", "The engine cannot answer now: no silo is reached yet.") { RetryAfterSeconds = 2 };
            }

            return await next(context);
        });

    private static async Task<bool> StartsAsync(TimeProvider time, CancellationToken started, CancellationToken cancellation)
    {
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration _ = started.Register(() => begun.TrySetResult());
        try
        {
            await begun.Task.WaitAsync(Patience, time, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}

using Microsoft.Extensions.Hosting;

namespace Pnl.Gateway;

/// <summary>
/// Lets a process that is told to end answer for a while yet: it says at once that it is not ready, and those who send it
/// requests need some seconds until all of them know. Then what is under way has some seconds more, and no client more than that,
/// however slowly he sends or reads.
/// </summary>
internal sealed class Drain(PnlGatewayOptions options, ClientConnections connections, TimeProvider time) : IHostedLifecycleService
{
    /// <summary>Before anything is stopped.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (options.Drain > TimeSpan.Zero)
        {
            await Task.Delay(options.Drain, time, cancellationToken);
        }

        _ = EndAsync();
    }

    private async Task EndAsync()
    {
        await Task.Delay(Limits.StopTime, time);
        connections.End();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

using Microsoft.Extensions.Hosting;

namespace Pnl.Gateway;

/// <summary>
/// Lets a process that is told to end answer for a while yet: it says at once that it is not ready, and those who send it
/// requests need some seconds until all of them know.
/// </summary>
internal sealed class Drain(PnlGatewayOptions options, TimeProvider time) : IHostedLifecycleService
{
    /// <summary>Before anything is stopped.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) =>
        options.Drain > TimeSpan.Zero ? Task.Delay(options.Drain, time, cancellationToken) : Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

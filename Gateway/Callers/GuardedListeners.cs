using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Pnl.Gateway;

/// <summary>
/// Lets connections in while the process has descriptors to spare. A connection that comes when there are none waits with the system
/// until another has given way. Callers alone cannot so take the descriptors that the process lives by, whatever the limit is, and
/// though it be lowered while the process runs. A few connections are always let in, for as long as there is any descriptor for them.
/// </summary>
internal sealed class GuardedListeners(
    IOptions<SocketTransportOptions> sockets, ClientConnections connections, DescriptorReserve reserve, TimeProvider time, ILogger<GuardedListeners> log)
    : BackgroundService, IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private const int Few = 16; // connections
    private const int AtOnce = 16; // connections that give way beyond what is missing: closing takes a while
    private const int Least = 4; // descriptors: a file with its log, and what the runtime takes for a moment

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1), BetweenTries = TimeSpan.FromMilliseconds(10);

    private readonly TimeProvider _time = time;
    private readonly DescriptorReserve _reserve = reserve;
    private int _isShort;

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or UnixDomainSocketEndPoint or FileHandleEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(new Listener(this, SocketListener.Bind(endpoint, sockets.Value, BetweenTries, _time, log)));

    /// <summary>Looks now and then, because the limit may have been lowered below what is open already.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(BetweenLooks, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            MakeRoom();
        }
    }

    /// <summary>Whether one more may be let in; if not, as many as are missing are told to give way.</summary>
    private bool MakeRoom()
    {
        if (_reserve.Left() is not { } left || left >= DescriptorReserve.Reserve)
        {
            if (Interlocked.Exchange(ref _isShort, 0) == 1)
            {
                log.LogInformation("There are file descriptors to spare again");
            }

            return true;
        }

        if (Interlocked.Exchange(ref _isShort, 1) == 0)
        {
            log.LogWarning(
                "The process may open only {Left} files more: connections that do nothing are ended, and new ones wait. Raise the limit of open files (ulimit -n), or lower Pnl:Connections", left);
        }

        int open = connections.Count;
        connections.GiveWay((int)Math.Min(DescriptorReserve.Reserve - left + AtOnce, open - Few));
        return open < Few && left >= Least;
    }

    private sealed class Listener(GuardedListeners guard, IConnectionListener inner) : IConnectionListener
    {
        private readonly CancellationTokenSource _unbound = new();

        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (!guard.MakeRoom() && !_unbound.IsCancellationRequested)
            {
                await Task.Delay(BetweenTries, guard._time, _unbound.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            ConnectionContext? accepted = await inner.AcceptAsync(cancellationToken);
            if (accepted is not null)
            {
                guard._reserve.Taken();
            }

            return accepted;
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await _unbound.CancelAsync();
            await inner.UnbindAsync(cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _unbound.CancelAsync();
            _unbound.Dispose();
            await inner.DisposeAsync();
        }
    }
}

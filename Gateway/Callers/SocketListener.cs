using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace Pnl.Gateway;

/// <summary>
/// Accepts connections as Kestrel's own listener does, by Kestrel's own connections. But where the system gives no descriptor for one
/// that waits (EMFILE, ENFILE), Kestrel's asks again at once, and keeps a processor busy with that until there is one: this one waits
/// between tries.
/// </summary>
internal sealed class SocketListener : IConnectionListener
{
    private readonly Socket _socket;
    private readonly SocketConnectionContextFactory _connections;
    private readonly bool _noDelay;
    private readonly TimeSpan _betweenTries;
    private readonly TimeProvider _time;

    private SocketListener(Socket socket, SocketTransportOptions options, TimeSpan betweenTries, TimeProvider time, ILogger log)
    {
        (_socket, _noDelay, _betweenTries, _time) = (socket, options.NoDelay, betweenTries, time);
        EndPoint = socket.LocalEndPoint!;
        _connections = new(
            new()
            {
                IOQueueCount = options.IOQueueCount,
                MaxReadBufferSize = options.MaxReadBufferSize,
                MaxWriteBufferSize = options.MaxWriteBufferSize,
                UnsafePreferInlineScheduling = options.UnsafePreferInlineScheduling,
                WaitForDataBeforeAllocatingBuffer = options.WaitForDataBeforeAllocatingBuffer,
            },
            log);
    }

    public EndPoint EndPoint { get; }

    /// <summary>Listens.</summary>
    /// <exception cref="AddressInUseException">Another listens there.</exception>
    public static SocketListener Bind(EndPoint endpoint, SocketTransportOptions options, TimeSpan betweenTries, TimeProvider time, ILogger log)
    {
        Socket socket;
        try
        {
            socket = options.CreateBoundListenSocket(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }

        socket.Listen(options.Backlog);
        return new(socket, options, betweenTries, time, log);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                return Connection(await _socket.AcceptAsync(cancellationToken));
            }
            catch (ObjectDisposedException)
            {
                return null; // unbound
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
            {
                return null; // unbound
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                await Task.Delay(_betweenTries, _time, cancellationToken);
            }
            catch (SocketException)
            {
                // The client went while its connection waited.
            }
        }
    }

    private ConnectionContext Connection(Socket accepted)
    {
        try
        {
            if (accepted.LocalEndPoint is IPEndPoint)
            {
                accepted.NoDelay = _noDelay;
            }

            return _connections.Create(accepted);
        }
        catch
        {
            accepted.Dispose(); // its client went meanwhile
            throw;
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _connections.Dispose();
        return default;
    }
}

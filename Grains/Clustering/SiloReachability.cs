using System.Net.Sockets;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>Tests by a TCP connection whether a silo listens at its address.</summary>
internal static class SiloReachability
{
    private const int Attempts = 2;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(30), ConnectTimeout = TimeSpan.FromSeconds(1);

    /// <summary>
    /// True if the silo's machine refuses connections two times in a row: no process listens there. False if a connection is accepted,
    /// or if nobody answers within a second.
    /// </summary>
    public static async Task<bool> RefusesConnectionsAsync(SiloAddress silo)
    {
        for (int attempt = 1; await ConnectAsync(silo, ConnectTimeout, CancellationToken.None) == SocketError.ConnectionRefused; attempt++)
        {
            if (attempt == Attempts)
            {
                return true;
            }

            await Task.Delay(BetweenAttempts, TimeProvider.System);
        }

        return false;
    }

    /// <summary>Connects to a silo and closes the connection at once. <see cref="SocketError.TimedOut"/> if nobody answers in time.</summary>
    public static async Task<SocketError> ConnectAsync(SiloAddress silo, TimeSpan timeout, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        using Socket socket = new(silo.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(silo.Endpoint, limit.Token);
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
        catch (OperationCanceledException)
        {
            return SocketError.TimedOut;
        }
    }
}

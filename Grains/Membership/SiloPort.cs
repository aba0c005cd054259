using System.Net.Sockets;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>Where silos listen for each other.</summary>
internal static class SiloPort
{
    private const int Looks = 2;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(30), Patience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether a silo's machine says that nothing listens there, and not just now. False for one that takes connections, and where
    /// nobody has said anything in time.
    /// </summary>
    public static async Task<bool> RefusesAsync(SiloAddress silo)
    {
        for (int look = 1; await ConnectAsync(silo, Patience, CancellationToken.None) == SocketError.ConnectionRefused; look++)
        {
            if (look == Looks)
            {
                return true;
            }

            await Task.Delay(BetweenLooks, TimeProvider.System);
        }

        return false;
    }

    /// <summary>What becomes of a connection to a silo, which is closed at once: <see cref="SocketError.TimedOut"/> where nobody has said anything in time.</summary>
    public static async Task<SocketError> ConnectAsync(SiloAddress silo, TimeSpan patience, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience);
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

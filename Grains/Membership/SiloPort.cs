using System.Net.Sockets;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>Where silos listen for each other.</summary>
internal static class SiloPort
{
    /// <summary>
    /// What becomes of a connection to a silo, which is closed at once: <see cref="SocketError.ConnectionRefused"/> is its machine's
    /// word that nothing listens there, <see cref="SocketError.TimedOut"/> that nobody has said anything in time.
    /// </summary>
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

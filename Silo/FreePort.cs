using System.Net;
using System.Net.Sockets;

namespace Pnl.Silo;

/// <summary>Finds ports of the loopback address that nobody listens on.</summary>
internal static class FreePort
{
    public static int Or(int port)
    {
        if (port != 0)
        {
            return port;
        }

        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

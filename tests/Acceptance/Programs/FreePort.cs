using System.Net;
using System.Net.Sockets;

namespace Pnl.Tests.Acceptance.Programs;

/// <summary>A port that nobody listens on, for a program that must be found where it is said to be.</summary>
internal static class FreePort
{
    public static int Find()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

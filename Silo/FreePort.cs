using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pnl.Silo;

/// <summary>
/// Ports that nobody listens on. One that is taken is found before the silo starts: later it would be an error of the
/// network in the midst of a start, which names no setting.
/// </summary>
internal static class FreePort
{
    /// <summary>The port of a setting; for 0 one of the address that is free.</summary>
    /// <exception cref="SettingsException">The port is taken.</exception>
    public static int Of(string setting, IPAddress address, int port)
    {
        try
        {
            return Listen(address, port);
        }
        catch (SocketException e)
        {
            throw new SettingsException(setting, port.ToString(CultureInfo.InvariantCulture), $"0, or a port that is free ({e.Message})");
        }
    }

    /// <summary>Listens for a moment, and tells on which port.</summary>
    /// <exception cref="SocketException">The port is taken, or none that this process may have.</exception>
    public static int Listen(IPAddress address, int port)
    {
        using TcpListener listener = new(address, port);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

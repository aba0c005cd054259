using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Pnl.Gateway;

namespace Pnl.Silo;

/// <summary>Where HTTP is to listen: the setting <c>urls</c>, checked before anything starts.</summary>
internal static class HttpAddresses
{
    private const string Setting = "urls";

    /// <exception cref="SettingsException">An address is none, its port is taken, or access is open and others than this machine can reach it.</exception>
    public static void Check(IConfiguration configuration, AccessOptions access)
    {
        IEnumerable<string?> endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]);
        foreach (string url in endpoints.OfType<string>().Concat((configuration[Setting] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            BindingAddress address;
            try
            {
                address = BindingAddress.Parse(url);
            }
            catch (FormatException)
            {
                throw Wrong(url, "an address such as http://localhost:8080");
            }

            if (address.IsUnixPipe || address.IsNamedPipe)
            {
                continue;
            }

            AccessSettings.Check(access, url, address.Host);
            if (address.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            {
                throw Wrong(url, "an address with a port from 0 to 65535");
            }

            try
            {
                FreePort.Listen(
                    IPAddress.TryParse(address.Host, out IPAddress? ip) ? ip : address.Host == "localhost" ? IPAddress.Loopback : IPAddress.Any, address.Port);
            }
            catch (SocketException e)
            {
                throw Wrong(url, $"an address with a port that is free, or with port 0 ({e.Message})");
            }
        }
    }

    /// <summary>Listens on a further port, of the first address.</summary>
    public static void AlsoListen(WebApplicationBuilder builder, int port)
    {
        string urls = builder.Configuration[Setting] ?? "http://localhost:8080";
        string host = BindingAddress.Parse(urls.Split(';', StringSplitOptions.TrimEntries)[0]).Host;
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"{urls};http://{host}:{port}"));
    }

    private static SettingsException Wrong(string url, string expected) => SettingsException.OfHost(Setting, url, expected);
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Pnl.Client;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Sdk;

/// <summary>A silo on a port for Orleans clients that is known, so that it comes back where it was.</summary>
internal sealed class SdkSilo : IDisposable
{
    private readonly DataFolder _folder = new();
    private SiloProcess? _silo;

    public int GatewayPort { get; } = FreePort();

    public HttpClient Http => _silo!.Http;

    public async Task StartAsync()
    {
        _silo?.Dispose();
        _silo = await SiloProcess.ListeningAsync(_folder, "--Pnl:Feed=none", "--Pnl:GatewayPort", GatewayPort.ToString(CultureInfo.InvariantCulture));
        await _silo.ReadyAsync(TimeSpan.FromMinutes(2));
    }

    /// <summary>kill -9.</summary>
    public void Kill() => _silo!.Kill();

    /// <summary>A service that has nothing but the SDK.</summary>
    public async Task<IHost> ConnectAsync(Action<PnlClientOptions>? options = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
        builder.UseOrleansClient(client => client.UseLocalhostClustering(GatewayPort, "pnl", "pnl"));
        builder.Services.AddPnlClient(options ?? (_ => { }));
        IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public void Dispose()
    {
        _silo?.Dispose();
        _folder.Dispose();
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

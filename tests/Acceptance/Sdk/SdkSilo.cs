using System.Globalization;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Sdk;

/// <summary>A silo on ports that are known, so that it comes back where it was.</summary>
internal sealed class SdkSilo : IDisposable
{
    private readonly DataFolder _folder = new();
    private SiloProcess? _silo;

    public int GatewayPort { get; } = FreePort.Find();

    /// <summary>Where it answers HTTP.</summary>
    public Uri Address { get; } = new($"http://127.0.0.1:{FreePort.Find()}");

    public HttpClient Http => _silo!.Http;

    public async Task StartAsync(params string[] settings)
    {
        _silo?.Dispose();
        _silo = await SiloProcess.StartAsync(
            _folder, ["--Pnl:GatewayPort", GatewayPort.ToString(CultureInfo.InvariantCulture), "--urls", Address.GetLeftPart(UriPartial.Authority), .. settings]);
    }

    /// <summary>kill -9.</summary>
    public void Kill() => _silo!.Kill();

    public void Dispose()
    {
        _silo?.Dispose();
        _folder.Dispose();
    }
}

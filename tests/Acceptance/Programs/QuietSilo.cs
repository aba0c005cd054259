using System.Globalization;
using Pnl.Tests.Acceptance.Programs;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // each test has processes of its own to keep the processors busy
[assembly: AssemblyFixture(typeof(QuietSilo))]

namespace Pnl.Tests.Acceptance.Programs;

/// <summary>One silo without a feed for all tests that neither kill it nor mind the tokens of others.</summary>
public sealed class QuietSilo : IAsyncLifetime
{
    private readonly DataFolder _folder = new();
    private SiloProcess? _silo;

    public HttpClient Http => _silo!.Http;

    /// <summary>Where Orleans clients find it.</summary>
    public int GatewayPort { get; } = FreePort.Find();

    /// <summary>What it has written so far.</summary>
    public string Output => _silo!.Output;

    public async ValueTask InitializeAsync() => _silo = await SiloProcess.StartAsync(_folder, "--Pnl:GatewayPort", GatewayPort.ToString(CultureInfo.InvariantCulture));

    public ValueTask DisposeAsync()
    {
        _silo?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

using System.ComponentModel;

namespace Pnl.Tests.Shared;

/// <summary>Azure's storage as a fixture of xunit; the test that asks for it is skipped where there is no npm.</summary>
public sealed class Azurite : IAsyncLifetime
{
    private AzuriteProcess? _process;
    private string? _absent;

    /// <summary>The connection string of the account.</summary>
    public string ConnectionString
    {
        get
        {
            Assert.SkipWhen(_process is null, _absent ?? "");
            return _process!.ConnectionString;
        }
    }

    public async ValueTask InitializeAsync()
    {
        try
        {
            _process = await AzuriteProcess.StartAsync();
        }
        catch (Win32Exception e)
        {
            _absent = $"Azurite needs Node.js with npm, which is not here: {e.Message}";
        }
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}

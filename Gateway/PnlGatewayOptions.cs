using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>Settings of the gateway.</summary>
public sealed record PnlGatewayOptions
{
    /// <summary>The feed on which readiness depends; null for none.</summary>
    public string? Feed { get; init; }

    /// <summary>Who may enter.</summary>
    public AccessOptions Access { get; init; } = new();

    /// <summary>The most listeners to streams at once.</summary>
    public int StreamListeners { get; init; } = 1000;

    /// <summary>The most connections of clients at once.</summary>
    public int Connections { get; init; } = 4096;

    /// <summary>How much there may be.</summary>
    public QuotaOptions Quotas { get; init; } = new();

    /// <summary>How long a process that is told to end goes on answering, while it says that it is not ready.</summary>
    public TimeSpan Drain { get; init; }
}

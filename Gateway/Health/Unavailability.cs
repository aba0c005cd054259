using Orleans.Runtime;
using Pnl.Client;

namespace Pnl.Gateway;

/// <summary>What it means that something cannot be answered now and may be soon, as against what is asked for being damaged.</summary>
internal static class Unavailability
{
    public static bool Is(Exception e) => e is OrleansException or TimeoutException or IOException or OperationCanceledException or PnlUnavailableException;
}

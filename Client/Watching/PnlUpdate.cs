using Pnl.Grains;

namespace Pnl.Client;

/// <summary>A token's newest state.</summary>
/// <param name="Pnl">The rolling windows. Stale and age are as of when they were told.</param>
/// <param name="Skipped">How many states between this and the one before were not read in time, and are left out.</param>
public sealed record PnlUpdate(TokenPnl Pnl, int Skipped);

namespace Pnl.Tests.Cluster;

/// <summary>
/// How long a test waits for what must come. It ends one that went wrong and says nothing of how fast anything is, so it is long
/// enough for a machine that does much else.
/// </summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
}

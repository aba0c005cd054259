namespace Pnl.Tests.Cluster.Tokens;

/// <summary>Bars of rates that tell their place: 100 plus a wave.</summary>
internal static class RegularBars
{
    /// <summary>The last slot that is closed under the cluster's clock.</summary>
    public static readonly int Last = BarTime.LastClosedSlot(PnlCluster.Noon);

    /// <summary>The given number of bars up to the last closed slot, every one or every <paramref name="step"/>th.</summary>
    public static Bar[] UpToNow(int count, int step = 1) => [.. Enumerable.Range(0, count).Select(i => At(Last - (count - 1 - i) * step))];

    public static Bar At(int slot) => new(slot, 100m + slot % 17 + slot % 1009 / 1000m);
}

using CsCheck;

namespace Pnl.Tests.Cluster.Tokens;

/// <summary>Bars at random: runs with gaps between, over the last 100 days.</summary>
internal static class RandomBars
{
    private static readonly int LastSlot = BarTime.LastClosedSlot(PnlCluster.Noon);

    private static readonly Gen<Bar[]> Run =
        from back in Gen.Int[0, 100 * BarTime.BarsPerDay]
        from scale in Gen.Int[0, 12]
        from mantissas in Gen.Int[1, 9_999_999].Array[1, 120]
        select mantissas.Select((mantissa, i) => new Bar(LastSlot - back + i, RateOf(mantissa, scale))).ToArray();

    /// <summary>Bars of one token in order, one a slot.</summary>
    public static Gen<Bar[]> OneToken { get; } =
        from runs in Run.Array[1, 6]
        select runs.SelectMany(run => run).Where(bar => bar.Slot <= LastSlot).DistinctBy(bar => bar.Slot).OrderBy(bar => bar.Slot).ToArray();

    private static decimal RateOf(int mantissa, int scale) => new(mantissa, 0, 0, false, (byte)scale);
}

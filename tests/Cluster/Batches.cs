using Pnl.Grains;

namespace Pnl.Tests.Cluster;

/// <summary>Bars as the batches that callers send.</summary>
internal static class Batches
{
    public static BarBatch Of(IReadOnlyCollection<Bar> bars, SlotRange? covered = null) => new()
    {
        Time = bars.Select(bar => BarTime.OpenSeconds(bar.Slot)).ToArray(),
        Rate = bars.Select(bar => bar.Rate).ToArray(),
        CoveredFrom = covered is { } from ? BarTime.OpenSeconds(from.From) : null,
        CoveredTo = covered is { } to ? BarTime.OpenSeconds(to.To) : null,
    };
}

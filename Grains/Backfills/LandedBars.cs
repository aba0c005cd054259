using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>The bars of candles, as a batch for their token.</summary>
internal static class LandedBars
{
    public static BarBatch Batch(IReadOnlyList<Candle> candles, SlotRange covered) => new()
    {
        Time = candles.Select(candle => BarTime.OpenSeconds(candle.Slot)).ToArray(),
        Rate = candles.Select(candle => candle.Close).ToArray(),
        CoveredFrom = BarTime.OpenSeconds(covered.From),
        CoveredTo = BarTime.OpenSeconds(covered.To),
    };
}

namespace Pnl.Rates;

/// <summary>
/// Sets candles aside whose rate is a bad print: one that leaves the level before it by more than 50 times, up or down, and of
/// which the next is back at that level. A level that stays, such as a redenomination or a collapse, however deep and in however
/// many steps, is the market's doing and is kept; and so is what lies days from its neighbours: there is no level to come back to.
/// </summary>
public static class SpikeCheck
{
    /// <summary>A jump beyond this factor is an anomaly.</summary>
    public const decimal Factor = 50m;

    /// <summary>A rate within this factor of another is back at its level.</summary>
    public const decimal Level = 2m;

    /// <summary>The most 5-minute slots to each of the neighbours: two days.</summary>
    public const int MostSlots = 2 * BarTime.BarsPerDay;

    /// <summary>The code of what is set aside.</summary>
    public const string Code = "rate.jump";

    /// <summary>Divides candles into good ones and those set aside with the code <c>rate.jump</c>.</summary>
    public static (Candles Good, List<QuarantinedRow> Aside) Divide(Candles candles)
    {
        ArgumentNullException.ThrowIfNull(candles);
        if (candles.Close.Mantissas is { } closes && !MayJump(closes))
        {
            return (candles, []);
        }

        List<Candle> good = new(candles.Count);
        List<QuarantinedRow> aside = [];
        for (int i = 0; i < candles.Count; i++)
        {
            Candle candle = candles[i];
            if (good.Count > 0 && i + 1 < candles.Count && LeavesAndComesBack(good[^1], candle, candles[i + 1]))
            {
                aside.Add(new(BarTime.OpenSeconds(candle.Slot), Code, candle.ToString()));
            }
            else
            {
                good.Add(candle);
            }
        }

        return (aside.Count == 0 ? candles : Candles.Of(good), aside);
    }

    /// <summary>Whether any rate is about that far from the one before: almost no history has such, and one look tells.</summary>
    private static bool MayJump(ReadOnlySpan<long> closes)
    {
        for (int i = 1; i < closes.Length; i++)
        {
            if (closes[i] / (long)Factor >= closes[i - 1] || closes[i - 1] / (long)Factor >= closes[i])
            {
                return true;
            }
        }

        return false;
    }

    private static bool LeavesAndComesBack(in Candle before, in Candle candle, in Candle next) =>
        IsJump(before.Close, candle.Close) && IsJump(candle.Close, next.Close)
        && before.Close / Level <= next.Close && next.Close / Level <= before.Close
        && candle.Slot - before.Slot <= MostSlots && next.Slot - candle.Slot <= MostSlots;

    private static bool IsJump(decimal from, decimal to) => to / Factor > from || from / Factor > to;
}

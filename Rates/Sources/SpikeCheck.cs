namespace Pnl.Rates;

/// <summary>
/// Sets candles aside whose rate is a bad print: more than 50 times, or less than a fiftieth of, the rate before, while the
/// next candle is back near the old level (or there is none yet). A level that stays, such as a redenomination or a collapse,
/// is the market's doing and is kept.
/// </summary>
public static class SpikeCheck
{
    /// <summary>A jump beyond this factor is an anomaly.</summary>
    public const decimal Factor = 50m;

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
            bool jumps = good.Count > 0 && IsJump(good[^1].Close, candle.Close);
            bool stays = i + 1 < candles.Count && !IsJump(candle.Close, candles[i + 1].Close);
            if (jumps && !stays)
            {
                aside.Add(new(BarTime.OpenSeconds(candle.Slot), "rate.jump", candle.ToString()));
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

    private static bool IsJump(decimal from, decimal to) => to / Factor > from || from / Factor > to;
}

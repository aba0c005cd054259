namespace Pnl.Rates;

/// <summary>Candles of coarser intervals among slots: a candle stands at the last slot of its period, at whose close its rate is known.</summary>
internal static class Periods
{
    /// <summary>The number of slots of a period; of an interval of a day at most.</summary>
    public static int Slots(this Interval interval) => interval.PeriodEnd(0);

    /// <summary>The periods that lie wholly in a range.</summary>
    public static SlotRange WholeIn(this Interval interval, SlotRange range)
    {
        int from = range.From == interval.PeriodStart(range.From) ? range.From : interval.PeriodEnd(range.From);
        return new(from, Math.Max(from, interval.PeriodStart(range.To)));
    }

    /// <summary>
    /// A page whose candles stand at the opening slots of their periods, as sources write them, with each at its last slot.
    /// Rows that open no period are set aside.
    /// </summary>
    public static CandlePage AtTheirClose(this CandlePage page, Interval interval)
    {
        if (interval == Interval.FiveMinutes)
        {
            return page;
        }

        List<Candle> candles = new(page.Candles.Count);
        List<QuarantinedRow> aside = [.. page.Quarantined];
        foreach (Candle candle in page.Candles)
        {
            if (interval.PeriodStart(candle.Slot) == candle.Slot)
            {
                candles.Add(candle with { Slot = interval.PeriodEnd(candle.Slot) - 1 });
            }
            else
            {
                aside.Add(new(BarTime.OpenSeconds(candle.Slot), BarDefect.TimeUnaligned.Code(), candle.ToString()));
            }
        }

        // Where the source was cut off behind a row, or says which one is open, that row's period ends there.
        int to = page.Covered.IsEmpty ? page.Covered.To : interval.PeriodEnd(page.Covered.To - 1);
        return new(candles, new(interval.PeriodStart(page.Covered.From), to), aside);
    }
}

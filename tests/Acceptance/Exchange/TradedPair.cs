using Pnl.Rates.Simulation;

namespace Pnl.Tests.Acceptance.Exchange;

/// <summary>A pair of the exchange: a token of the simulated market, against USDT.</summary>
internal sealed class TradedPair(SimulatedMarket market, SimulatedToken token)
{
    /// <summary>The most candles that a request answers, as at Binance.</summary>
    public const int PageCandles = 1000;

    public string Base => token.Symbol;

    public string Symbol => token.Symbol + "USDT";

    /// <summary>The token's id in a silo that nobody told otherwise.</summary>
    public string Id { get; } = token.Symbol.ToLowerInvariant();

    public int ListedSlot => token.ListedSlot;

    /// <summary>Decimal places of its rates.</summary>
    public int Scale => token.Scale;

    /// <summary>The closes of a range, in ticks, with their slots.</summary>
    public (int[] Slots, long[] Ticks) Closes(int from, int to)
    {
        from = Math.Min(Math.Max(from, token.ListedSlot), to);
        int[] slots = new int[to - from];
        long[] ticks = new long[to - from];
        int count = market.Read(token.Index, from, to, slots, ticks);
        return (slots[..count], ticks[..count]);
    }

    /// <summary>The first candles of a range, as many as a page holds.</summary>
    public List<KlineTicks> Page(int from, int to)
    {
        List<KlineTicks> page = new(PageCandles);
        for (int at = Math.Max(from, token.ListedSlot); at < to && page.Count < PageCandles;)
        {
            int end = Math.Min(to, at + PageCandles);
            (int[] slots, long[] ticks) = Closes(at, end);
            for (int i = 0; i < slots.Length && page.Count < PageCandles; i++)
            {
                page.Add(KlineTicks.Of(token.Index, slots[i], ticks[i]));
            }

            at = end;
        }

        return page;
    }
}

/// <summary>A candle with its rates in ticks; all but its close follow from pair, slot and close.</summary>
internal readonly record struct KlineTicks(int Slot, long Open, long High, long Low, long Close, long Volume)
{
    public static KlineTicks Of(int pair, int slot, long close)
    {
        ulong chance = SeededHash.At((ulong)pair + 1, slot);
        long reach = 1 + close / 500;
        long Away(int byteAt) => (long)((chance >> (8 * byteAt)) & 0xFF) * reach / 256;
        long open = Math.Max(1, close + Away(0) - Away(1));
        return new(slot, open, Math.Max(open, close) + Away(2), Math.Max(1, Math.Min(open, close) - Away(3)), close, (long)(chance >> 40));
    }
}

using Pnl.Rates.Simulation;

namespace Pnl.Bench.Data;

/// <summary>Bars of the simulated market, cut as the rows want them.</summary>
internal static class TokenMarket
{
    /// <summary>
    /// The first whole days of tokens after their listing, when their rates have the 4 to 7 digits with which they start.
    /// </summary>
    public static TokenBars[] FirstDays(int tokens, int days)
    {
        // A latecomer or a token that is delisted within the days would be short of bars.
        SimulatedMarket market = new(new SimulatedMarketOptions { Tokens = tokens + tokens / 8 + 8 });
        return [.. market.Tokens
            .Select(token => (Token: token, Day: BarTime.DayOf(token.ListedSlot) + 1))
            .Where(t => t.Token.DelistedSlot is not { } end || end >= BarTime.FirstSlotOfDay(t.Day + days))
            .Take(tokens)
            .Select(t => Read(market, t.Token, BarTime.FirstSlotOfDay(t.Day), days * BarTime.BarsPerDay))];
    }

    /// <summary>
    /// The quietest tokens: in ascending order of what a step of their walk comes to in ticks when they are listed, as many
    /// as keep the <see cref="MarketNoise"/> of all their bars within a bound. Of each what <see cref="FirstDays"/> gives.
    /// </summary>
    public static (TokenBars[] Tokens, double LargestStep) QuietestFirstDays(int ofTokens, int days, double noiseBytes)
    {
        SimulatedMarket market = new(new SimulatedMarketOptions { Tokens = ofTokens });
        List<TokenBars> quietest = [];
        double largest = 0, bits = 0;
        long bars = 0;
        foreach (SimulatedToken token in market.Tokens.OrderBy(Step))
        {
            int day = BarTime.DayOf(token.ListedSlot) + 1;
            if (token.DelistedSlot < BarTime.FirstSlotOfDay(day + days))
            {
                continue;
            }

            TokenBars read = Read(market, token, BarTime.FirstSlotOfDay(day), days * BarTime.BarsPerDay);
            bits += MarketNoise.Bits(read);
            bars += read.Count;
            if (bits > noiseBytes * 8 * bars)
            {
                break;
            }

            quietest.Add(read);
            largest = Step(token);
        }

        return ([.. quietest], largest);
    }

    private static double Step(SimulatedToken token) => token.Volatility * token.StartMantissa;

    /// <summary>Tokens that trade over the same days, as of which the windows of all of them are asked.</summary>
    public static TokenBars[] SameDays(int tokens, DateTimeOffset end, int days) => [.. EachOfSameDays(tokens, end, days)];

    /// <summary>The same one by one, for so many that they are better not in memory together.</summary>
    public static IEnumerable<TokenBars> EachOfSameDays(int tokens, DateTimeOffset end, int days)
    {
        int to = BarTime.SlotAt(end), from = to - days * BarTime.BarsPerDay;
        SimulatedMarket market = new(new SimulatedMarketOptions { Tokens = Math.Min(4 * tokens + 8, SimulatedMarketOptions.MaxTokens) });
        return market.Tokens
            .Where(token => token.ListedSlot <= from && (token.DelistedSlot is not { } delisted || delisted >= to))
            .Take(tokens)
            .Select(token => Read(market, token, from, to - from));
    }

    /// <summary>One token with a long life: bars from its listing on, which reach beyond today.</summary>
    public static TokenBars LongLife(int bars)
    {
        SimulatedMarket market = new(new SimulatedMarketOptions { Tokens = 64 });
        SimulatedToken token = market.Tokens.Where(token => token.DelistedSlot is null).MinBy(token => token.ListedSlot)!;

        // A fifth of a per cent of the slots hold no bar.
        return Read(market, token, token.ListedSlot, bars + bars / 100).First(bars);
    }

    private static TokenBars Read(SimulatedMarket market, SimulatedToken token, int from, int length)
    {
        int[] slots = new int[length];
        long[] mantissas = new long[length];
        int count = market.Read(token.Index, from, from + length, slots, mantissas);
        return new(token.Id, token.Scale, slots[..count], mantissas[..count]);
    }
}

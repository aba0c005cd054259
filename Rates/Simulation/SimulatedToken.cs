namespace Pnl.Rates.Simulation;

/// <summary>A token of a <see cref="SimulatedMarket"/>. Immutable.</summary>
public sealed class SimulatedToken
{
    private const int LeastDigits = 4, MostDigits = 7;
    private const long LargestStartMantissa = 9_999_999;

    internal SimulatedToken(ulong seed, int index)
    {
        // Every trait has a position of its own, so that one more trait leaves the others as they are.
        ulong market = SeededHash.At(seed, -1);
        ulong key = SeededHash.At(market, index);
        double Draw(int trait) => SeededHash.Unit(SeededHash.At(key, trait));

        Index = index;
        string name = TokenName.Of(index);
        Id = "sim-" + name;
        Symbol = name.ToUpperInvariant();
        Name = char.ToUpperInvariant(name[0]) + name[1..];

        ListedSlot = ListingDates.Listed(SeededHash.Unit(SeededHash.At(market, -1)), index, Draw(0));
        DelistedSlot = ListingDates.Delisted(ListedSlot, Draw(1), Draw(2));

        (StartMantissa, Scale) = StartOnTick(Draw(3), Draw(4));
        StartPrice = Mantissa.ToRate(StartMantissa, Scale);

        const double ln8 = 2.0794415416798357;
        Volatility = 0.0005 * PortableExp.Of(Draw(5) * ln8);
        Bridge = new BrownianBridge(SeededHash.At(key, 6), Volatility);
        Gaps = new TradingGaps(SeededHash.At(key, 7), SeededHash.At(key, 8));

        Span<double> room = stackalloc double[BrownianBridge.RoomLength];
        WalkAtListing = Bridge.Walk(ListedSlot, ListedSlot + 1, room)[0];
    }

    /// <summary>The number by which <see cref="SimulatedMarket.Read"/> knows the token, 0 or more.</summary>
    public int Index { get; }

    /// <summary>Unique in the market, and the same for an index in every market: <c>sim-bakodi</c>.</summary>
    public string Id { get; }

    /// <summary>The name in upper case: <c>BAKODI</c>.</summary>
    public string Symbol { get; }

    /// <summary>The name as a title: <c>Bakodi</c>.</summary>
    public string Name { get; }

    /// <summary>The currency of the rates: <c>usd</c>.</summary>
    public string Quote { get; } = "usd";

    /// <summary>The slot of the first bar, 2017 to 2034. It is never missing.</summary>
    public int ListedSlot { get; }

    /// <summary>The slot from which there are no bars any more, at least 30 days after listing; null if it stays.</summary>
    public int? DelistedSlot { get; }

    /// <summary>Decimal places of the tick, 0 to 16: rates are whole multiples of 1 / 10^Scale.</summary>
    public int Scale { get; }

    /// <summary>The rate of the first bar in quote currency, 1e-9 to 1e5: 4 to 7 significant digits on the tick.</summary>
    public decimal StartPrice { get; }

    /// <summary>Standard deviation of a 5-minute log return before rounding to ticks, a fraction: 0.0005 to 0.004.</summary>
    public double Volatility { get; }

    internal long StartMantissa { get; }

    internal double WalkAtListing { get; }

    internal BrownianBridge Bridge { get; }

    internal TradingGaps Gaps { get; }

    private static (long Mantissa, int Scale) StartOnTick(double priceDraw, double digitsDraw)
    {
        const double lnLowest = -20.72326583694641; // ln 1e-9
        const double lnRange = 32.23619130191664; // ln 1e14
        double price = PortableExp.Of(lnLowest + priceDraw * lnRange);

        int digits = LeastDigits + (int)(digitsDraw * (MostDigits - LeastDigits + 1));
        double leastMantissa = (double)Mantissa.TenToThe(digits - 1);
        double ticksPerUnit = 1; // stays a power of ten below 1e22 and hence exact
        int scale = 0;
        while (price * ticksPerUnit < leastMantissa)
        {
            ticksPerUnit *= 10;
            scale++;
        }

        return (Math.Min((long)(price * ticksPerUnit + 0.5), LargestStartMantissa), scale);
    }
}

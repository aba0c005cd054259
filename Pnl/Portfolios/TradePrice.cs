namespace Pnl;

/// <summary>
/// What a token is worth at the time of a trade. The last bar may be up to five minutes old then, and the trade itself says more: what is bought and valued within one bar
/// has gained nothing. A price far from the market is not taken for it: a gift, a mistake, or one agreed long before.
/// </summary>
internal static class TradePrice
{
    private const int Far = 2; // times the last bar's rate, or that part of it

    /// <summary>The price of a trade within a bar, in the base currency; null of other entries, and where a bar closes at the time of the trade.</summary>
    public static Amount? Of(PostedEntry posted) => posted.Entry is { Price: { } price, Currency: { } currency } entry && entry.Kind.IsTrade()
        && entry.Time.UtcTicks % (BarTime.SecondsPerBar * TimeSpan.TicksPerSecond) != 0 ? price * posted.Conversion(currency).Factor : null;

    /// <summary>Whether a price is near the market's rate.</summary>
    public static bool IsNear(Amount price, Amount market) => price * Far >= market && price <= market * Far;

    /// <inheritdoc cref="IsNear(Amount, Amount)"/>
    public static bool IsNear(double price, double market) => price * Far >= market && price <= market * Far;
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Pnl;

/// <summary>
/// One instrument at one source, of which a token takes its rates. A token has an ordered list of them: its bar of a slot is
/// that of the first one that has a bar there, among those of the finest interval. Immutable; equal if all of it is equal.
/// </summary>
/// <param name="Source">Name of the source, such as <c>binance</c>; <see cref="Api"/> for what callers send.</param>
/// <param name="Symbol">The source's own name of the instrument; empty where it has none, as for <see cref="Api"/>.</param>
/// <param name="Quote">Id of the currency of its rates, lower case.</param>
/// <param name="Interval">Length of its bars: 5m, 15m, 1h, 4h or 1d.</param>
/// <param name="From">Bars that open before this instant are not the token's; null for no bound. UTC.</param>
/// <param name="To">Nor are those that open at or after this one; null for no bound. UTC.</param>
public sealed record Listing(
    string Source, string Symbol, string Quote, Interval Interval = Interval.FiveMinutes, DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    /// <summary>The source of bars that callers send.</summary>
    public const string Api = "api";

    /// <summary>
    /// What tells it apart from others, whatever its bounds: <c>binance/5m/usdt/BTCUSDT</c>. The symbol comes last, since it
    /// may hold a slash.
    /// </summary>
    [JsonIgnore]
    public string Key => $"{Source}/{Interval.Name()}/{Quote}/{Symbol}";

    /// <summary>The slots that its bounds leave.</summary>
    [JsonIgnore]
    public SlotRange Bounds => new(
        From is { } from ? BarTime.SlotAtSeconds(from.ToUnixTimeSeconds() + BarTime.SecondsPerBar - 1) : 0,
        To is { } to ? BarTime.SlotAtSeconds(to.ToUnixTimeSeconds() + BarTime.SecondsPerBar - 1) : int.MaxValue);

    /// <summary>Whether two are the same instrument, whatever their bounds.</summary>
    public bool IsSame([NotNullWhen(true)] Listing? other) =>
        other is not null && Source == other.Source && Symbol == other.Symbol && Quote == other.Quote && Interval == other.Interval;

    /// <summary>Reads a <see cref="Key"/>; the bounds are open.</summary>
    public static bool TryParse(string key, [NotNullWhen(true)] out Listing? listing)
    {
        ArgumentNullException.ThrowIfNull(key);
        string[] parts = key.Split('/', 4);
        listing = parts is [{ Length: > 0 } source, var interval, { Length: > 0 } quote, var symbol] && Intervals.TryParse(interval, out Interval of) && of <= Interval.Day
            ? new(source, symbol, quote, of) : null;
        return listing is not null;
    }
}

using System.Diagnostics.CodeAnalysis;
using Pnl.Grains;

namespace Pnl.Cli.Tokens;

/// <summary>
/// A listing in one word: <c>source:symbol[:quote[:interval]][@from..to]</c>, such as <c>binance:BTCUSDT:usdt:5m</c>, and for
/// what callers send <c>api[:quote][:interval]</c>. A symbol may hold colons (Bitfinex's <c>tAVAX:USD</c>), so it is read from
/// both ends: quotes are lower case, which the symbols with colons are not.
/// </summary>
internal static class ListingText
{
    /// <summary>What is wanted, for messages.</summary>
    public const string Form = "source:symbol[:quote[:interval]][@from..to], such as binance:BTCUSDT:usdt:5m, or api[:quote][:interval]";

    private const string Intervals = "5m, 15m, 1h, 4h, 1d";

    /// <summary>Writes a listing, its bounds included.</summary>
    public static string Of(TokenListing listing) =>
        Of(listing.Source, listing.Symbol, listing.Quote, listing.Interval)
        + (listing.From is null && listing.To is null ? "" : $"@{(listing.From is { } from ? Utc.Bound(from) : "")}..{(listing.To is { } to ? Utc.Bound(to) : "")}");

    /// <summary>Writes a listing without bounds.</summary>
    public static string Of(string source, string? symbol, string quote, Interval interval) =>
        string.IsNullOrEmpty(symbol) ? $"{source}:{quote}:{interval.Name()}" : $"{source}:{symbol}:{quote}:{interval.Name()}";

    /// <summary>Reads a listing; a quote or a symbol that it leaves out is null, and the server's to fill in.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="listing">The listing.</param>
    /// <param name="error">What is wrong with it, in words.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TokenListing? listing, [NotNullWhen(false)] out string? error)
    {
        listing = null;
        (string instrument, string? from, string? to) = Bounds(text);
        List<string> parts = [.. instrument.Split(':')];
        string source = parts[0];
        parts.RemoveAt(0);
        bool isApi = source == Listing.Api;
        int least = isApi ? 0 : 1; // parts that are the symbol's whatever they look like
        Interval length = default;
        string? interval = parts.Count > least && LooksLikeInterval(parts[^1]) ? Last(parts) : null;
        string? quote = parts.Count > least && TokenId.IsValid(parts[^1]) ? Last(parts) : null;
        error = !TokenId.IsValid(source) ? $"'{source}' is no name of a source"
            : interval is not null && !(Pnl.Intervals.TryParse(interval, out length) && length <= Interval.Day) ? $"'{interval}' is no interval of bars ({Intervals})"
            : isApi && parts.Count > 0 ? $"what callers send has no symbol, as '{string.Join(':', parts)}' would be"
            : !isApi && (parts.Count == 0 || parts.Contains("")) ? "the symbol is absent"
            : Array.Find([from, to], bound => bound is not null && !Utc.TryRead(bound, out _)) is { } bound ? $"'{bound}' is no date or time"
            : parts.Skip(1).FirstOrDefault(part => TokenId.IsValid(part)) is { } stray ? $"it is not clear what '{stray}' is: after the quote comes the interval, and after that nothing"
            : null;
        if (error is not null)
        {
            error = $"'{text}' is no listing: {error}. Wanted {Form}.";
            return false;
        }

        listing = new(source, isApi ? null! : string.Join(':', parts), quote!, length, Utc.Read(from), Utc.Read(to));
        return true;
    }

    /// <summary>What comes behind the last @, if it is a range.</summary>
    private static (string Instrument, string? From, string? To) Bounds(string text)
    {
        int at = text.LastIndexOf('@');
        int dots = at < 0 ? -1 : text.IndexOf("..", at, StringComparison.Ordinal);
        return dots < 0 ? (text, null, null) : (text[..at], Given(text[(at + 1)..dots]), Given(text[(dots + 2)..]));
    }

    private static string? Given(string text) => text.Length == 0 ? null : text;

    private static string Last(List<string> parts)
    {
        string last = parts[^1];
        parts.RemoveAt(parts.Count - 1);
        return last;
    }

    private static bool LooksLikeInterval(string text) =>
        text.Length >= 2 && text[^1] is 's' or 'm' or 'h' or 'd' or 'w' or 'M' && text.AsSpan(0, text.Length - 1).IndexOfAnyExceptInRange('0', '9') < 0;
}

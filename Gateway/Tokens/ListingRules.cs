using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>Checks the listings of a registration, and names the element at fault.</summary>
internal static class ListingRules
{
    private const string IntervalNames = "5m, 15m, 1h, 4h or 1d";
    private const int SymbolLength = 64;

    /// <param name="token">The token's id.</param>
    /// <param name="listings">What the body says.</param>
    /// <param name="quote">The token's quote, that of listings without one of their own.</param>
    public static TokenListing[] Read(string token, IReadOnlyList<ListingRequest?> listings, string quote)
    {
        if (listings.Count > Limits.Listings)
        {
            throw ApiException.BadRequest("listings.outOfRange", $"{listings.Count} listings are named.", "listings", $"at most {Limits.Listings}");
        }

        TokenListing[] read = new TokenListing[listings.Count];
        Dictionary<Listing, int> known = [];
        for (int i = 0; i < read.Length; i++)
        {
            read[i] = Read(token, listings[i], quote, $"listings[{i}]");
            Listing instrument = new(read[i].Source, read[i].Symbol, read[i].Quote, read[i].Interval);
            if (!known.TryAdd(instrument, i))
            {
                throw ApiException.BadRequest(
                    "listings.repeated", $"'listings[{i}]' is 'listings[{known[instrument]}]' again: the same source, symbol, quote and interval.", $"listings[{i}]", "each instrument once");
            }
        }

        return read;
    }

    private static TokenListing Read(string token, ListingRequest? listing, string quote, string field)
    {
        if (listing is null)
        {
            throw ApiException.BadRequest("listings.malformed", $"'{field}' is null.", field, """an object such as {"source":"binance","symbol":"BTCUSDT","quote":"usdt","interval":"5m"}""");
        }

        if (listing.Source is not { } source || !TokenId.IsValid(source))
        {
            throw ApiException.BadRequest(
                "listings.malformed", listing.Source is null ? $"'{field}' names no source." : $"'{listing.Source}' is no name of a source.", field + ".source", $"{TokenId.Rule}; {Listing.Api} for what callers send");
        }

        string symbol = Symbol(source, listing.Symbol, field + ".symbol");
        string own = listing.Quote ?? quote;
        if (!TokenId.IsValid(own))
        {
            throw ApiException.BadRequest("quote.malformed", $"'{own}' is no currency.", field + ".quote", TokenId.Rule);
        }

        if (own == token)
        {
            throw ApiException.BadRequest("quote.ofItself", $"The rates of '{token}' cannot be in '{token}' itself.", field + ".quote", "another currency or token");
        }

        Interval interval = default;
        if (listing.Interval is { } name && !(Intervals.TryParse(name, out interval) && interval <= Interval.Day))
        {
            throw ApiException.BadRequest("interval.unknown", $"'{name}' is no interval of bars.", field + ".interval", IntervalNames);
        }

        return listing.From >= listing.To
            ? throw ApiException.BadRequest("range.reversed", $"The 'to' of '{field}' is not behind its 'from'.", field + ".to", "a time behind 'from'")
            : new(source, symbol, own, interval, listing.From, listing.To);
    }

    private static string Symbol(string source, string? symbol, string field)
    {
        if (source == Listing.Api)
        {
            return string.IsNullOrEmpty(symbol) ? ""
                : throw ApiException.BadRequest("listings.malformed", $"What callers send has no symbol: '{symbol}'.", field, $"nothing, for the source {Listing.Api}");
        }

        return symbol is { Length: > 0 and <= SymbolLength } && !symbol.Any(char.IsControl) ? symbol
            : throw ApiException.BadRequest(
                "listings.malformed", symbol is null ? $"'{field}' is absent." : $"'{field}' has {symbol.Length} characters or holds control characters.", field, $"the source's own name of the instrument, 1 to {SymbolLength} characters");
    }
}

using System.Text.Json.Serialization;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>A listing as a registration names it.</summary>
internal sealed record ListingRequest(
    string? Source = null, string? Symbol = null, string? Quote = null, string? Interval = null,
    [property: JsonConverter(typeof(DateOrTimeConverter))] DateTimeOffset? From = null,
    [property: JsonConverter(typeof(DateOrTimeConverter))] DateTimeOffset? To = null);

/// <summary>A listing of a token, and how much is kept of it.</summary>
internal sealed record ListingAnswer
{
    /// <summary>Name of the source; <c>api</c> for what callers send.</summary>
    public required string Source { get; init; }

    /// <summary>The source's own name of the instrument; empty for <c>api</c>.</summary>
    public required string Symbol { get; init; }

    /// <summary>Currency of its rates; where it is not the token's, they are converted.</summary>
    public required string Quote { get; init; }

    /// <summary>Length of its bars.</summary>
    public required Interval Interval { get; init; }

    /// <summary>Only bars that open at this time or later are the token's; null for no bound.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only bars that open before this time are; null for no bound.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Open time of its first bar; null if there is none.</summary>
    public DateTimeOffset? FirstBar { get; init; }

    /// <summary>Open time of its last bar; null if there is none.</summary>
    public DateTimeOffset? LastBar { get; init; }

    /// <summary>Number of bars kept of it, whether the token takes them or those of another.</summary>
    public long Bars { get; init; }

    /// <summary>Ranges over which it was read to the end, the newest ones if there are many.</summary>
    public required TimeRange[] Fetched { get; init; }

    /// <summary>Whether nothing was ever fetched of it.</summary>
    public bool NeverFetched { get; init; }

    /// <summary>Why none of its bars are the token's, though they are kept: there are no rates to convert them by. Null if they are in its quote, or are converted.</summary>
    public string? NotConverted { get; init; }

    /// <summary>What is kept of a token's listings, in their order.</summary>
    public static ListingAnswer[] Of(TokenCoverage token) =>
        [.. token.Token.Listings.Select(listing => Of(listing, Array.Find(token.Listings, state => IsSame(state.Listing, listing))))];

    /// <summary>What is kept of instruments that are not among the token's listings any more.</summary>
    public static ListingAnswer[] FormerOf(TokenCoverage token) =>
        [.. token.Listings.Where(state => !Array.Exists(token.Token.Listings, listing => IsSame(state.Listing, listing))).Select(state => Of(state.Listing, state))];

    private static ListingAnswer Of(TokenListing listing, ListingState? state) => new()
    {
        Source = listing.Source,
        Symbol = listing.Symbol,
        Quote = listing.Quote,
        Interval = listing.Interval,
        From = listing.From,
        To = listing.To,
        FirstBar = state?.FirstBar,
        LastBar = state?.LastBar,
        Bars = state?.Bars ?? 0,
        Fetched = state?.Fetched ?? [],
        NeverFetched = state?.IsFetched != true,
        NotConverted = state?.NotConverted,
    };

    /// <summary>Whether two are the same instrument, whatever their bounds.</summary>
    private static bool IsSame(TokenListing one, TokenListing other) =>
        (one.Source, one.Symbol, one.Quote, one.Interval) == (other.Source, other.Symbol, other.Quote, other.Interval);
}

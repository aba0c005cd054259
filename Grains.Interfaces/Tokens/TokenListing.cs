using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>One instrument at one source, of which a token takes its rates, in an order of preference.</summary>
/// <param name="Source">Name of the source, such as <c>binance</c>; <c>api</c> for bars that callers send.</param>
/// <param name="Symbol">The source's own name of the instrument; empty for <c>api</c>.</param>
/// <param name="Quote">Id of the currency of its rates. Where it differs from the token's, its rates are converted.</param>
/// <param name="Interval">Length of its bars: 5m, 15m, 1h, 4h or 1d.</param>
/// <param name="From">Only bars that open at this instant or later are the token's, UTC; null for no bound.</param>
/// <param name="To">Only bars that open before this one are, UTC; null for no bound.</param>
[GenerateSerializer, Immutable, Alias("Pnl.TokenListing")]
public sealed record TokenListing(
    [property: Id(0)] string Source,
    [property: Id(1)] string Symbol,
    [property: Id(2)] string Quote,
    [property: Id(3)] Interval Interval = Interval.FiveMinutes,
    [property: Id(4)] DateTimeOffset? From = null,
    [property: Id(5)] DateTimeOffset? To = null);

/// <summary>A listing, and how much of it is kept.</summary>
/// <param name="Source">As of a <see cref="TokenListing"/>.</param>
/// <param name="Symbol">As of a <see cref="TokenListing"/>.</param>
/// <param name="Quote">As of a <see cref="TokenListing"/>.</param>
/// <param name="Interval">As of a <see cref="TokenListing"/>.</param>
/// <param name="From">As of a <see cref="TokenListing"/>.</param>
/// <param name="To">As of a <see cref="TokenListing"/>.</param>
/// <param name="FirstBar">Open time of the period of its first bar; null if there is none.</param>
/// <param name="LastBar">Open time of the period of its last bar; null if there is none.</param>
/// <param name="Bars">Number of bars kept of it, whether they are the token's or not.</param>
/// <param name="Fetched">Ranges over which it was read to the end, the newest at most.</param>
/// <param name="NeverFetched">Whether neither bars nor ranges are known of it.</param>
/// <param name="NotConverted">Why none of its bars are the token's, which are in another currency; null if they are in its own, or are converted.</param>
[GenerateSerializer, Immutable, Alias("Pnl.ListingState")]
public sealed record ListingState(
    [property: Id(0)] string Source,
    [property: Id(1)] string Symbol,
    [property: Id(2)] string Quote,
    [property: Id(3)] Interval Interval,
    [property: Id(4)] DateTimeOffset? From,
    [property: Id(5)] DateTimeOffset? To,
    [property: Id(6)] DateTimeOffset? FirstBar,
    [property: Id(7)] DateTimeOffset? LastBar,
    [property: Id(8)] long Bars,
    [property: Id(9)] TimeRange[] Fetched,
    [property: Id(10)] bool NeverFetched,
    [property: Id(11)] string? NotConverted = null)
{
    /// <summary>The listing.</summary>
    [JsonIgnore]
    public TokenListing Listing => new(Source, Symbol, Quote, Interval, From, To);
}

/// <summary>A part of a token's life whose bars are those of one listing.</summary>
/// <param name="From">Open time of the period of its first bar, UTC.</param>
/// <param name="To">Close time of its last bar.</param>
/// <param name="Source">The listing's source.</param>
/// <param name="Symbol">The listing's symbol.</param>
/// <param name="Quote">The listing's quote.</param>
/// <param name="Interval">The listing's interval.</param>
/// <param name="Bars">Number of bars.</param>
[GenerateSerializer, Immutable, Alias("Pnl.LifeRange")]
public sealed record LifeRange(
    [property: Id(0)] DateTimeOffset From,
    [property: Id(1)] DateTimeOffset To,
    [property: Id(2)] string Source,
    [property: Id(3)] string Symbol,
    [property: Id(4)] string Quote,
    [property: Id(5)] Interval Interval,
    [property: Id(6)] long Bars);

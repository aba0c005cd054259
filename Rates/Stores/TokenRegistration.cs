using System.Text.Json.Serialization;

namespace Pnl.Rates;

/// <summary>What is known of a token besides its bars. Immutable.</summary>
public sealed record TokenRegistration
{
    /// <summary>Label; may be shared by tokens and change.</summary>
    public required string Symbol { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Id of the currency in which rates are quoted, such as <c>usd</c> or <c>usdt</c>.</summary>
    public required string Quote { get; init; }

    /// <summary>When the token began to trade, if somebody said so; UTC.</summary>
    public DateTimeOffset? Listed { get; init; }

    /// <summary>When it ceased to trade, if it did; UTC.</summary>
    public DateTimeOffset? Delisted { get; init; }

    /// <summary>Age in seconds beyond which a last rate is stale; 15 minutes by default.</summary>
    public int StalenessSeconds { get; init; } = 900;

    /// <summary>The symbol of the token at each source, by the source's name.</summary>
    [JsonObjectCreationHandling(JsonObjectCreationHandling.Replace)]
    public IReadOnlyDictionary<string, string> Sources { get; init; } = new Dictionary<string, string>();

    /// <summary>The listings that were named, in their order of preference.</summary>
    [JsonObjectCreationHandling(JsonObjectCreationHandling.Replace)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Listing>? Listings { get; init; }

    /// <summary>
    /// Whose the bars are where they are one listing's and are kept once: its <see cref="Listing.Key"/>. Null for the first
    /// listing, or for <see cref="Listing.Api"/> where there is none, as in tokens of releases that kept no listings.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Whose { get; init; }

    /// <summary>
    /// The <see cref="Listing.Key"/>s of what is kept in rows of its own, by their numbers (<see cref="ListingRow"/>), where
    /// the token's bars are put together from them; null where they are one listing's.
    /// </summary>
    [JsonObjectCreationHandling(JsonObjectCreationHandling.Replace)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Kept { get; init; }

    /// <summary>
    /// When the token was deleted, UTC; null if it is there. What is left of one that was is its revision, so that one that is
    /// registered under its id later goes on from there.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Deleted { get; init; }

    /// <summary>The slots of which a listing's bars are the token's: within its bounds as registered, and not before the token was listed.</summary>
    public SlotRange BoundsOf(Listing listing) => BoundsOf(listing, InOrder());

    /// <inheritdoc cref="BoundsOf(Listing)"/>
    /// <param name="listing">The listing.</param>
    /// <param name="order">What <see cref="InOrder"/> gives, of those who ask often.</param>
    public SlotRange BoundsOf(Listing listing, IReadOnlyList<Listing> order)
    {
        ArgumentNullException.ThrowIfNull(listing);
        ArgumentNullException.ThrowIfNull(order);
        SlotRange bounds = listing.Bounds;
        for (int i = 0; i < order.Count; i++)
        {
            if (order[i].IsSame(listing))
            {
                bounds = order[i].Bounds;
                break;
            }
        }

        return Listed is { } listed ? bounds.Intersect(new(BarTime.SlotAt(listed), int.MaxValue)) : bounds;
    }

    /// <summary>
    /// All listings in their order of preference: those that were named, then one of each source in the token's quote that is
    /// not among them.
    /// </summary>
    public IReadOnlyList<Listing> InOrder()
    {
        List<Listing> all = [.. Listings ?? []];
        foreach ((string source, string symbol) in Sources.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!all.Exists(listing => listing.Source == source && listing.Symbol == symbol))
            {
                all.Add(new(source, symbol, Quote));
            }
        }

        return all;
    }
}

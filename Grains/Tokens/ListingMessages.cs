namespace Pnl.Grains;

/// <summary>Listings as messages and as the domain has them.</summary>
internal static class ListingMessages
{
    public static Listing Domain(this TokenListing listing) => new(listing.Source, listing.Symbol, listing.Quote, listing.Interval, listing.From, listing.To);

    public static TokenListing Message(this Listing listing) => new(listing.Source, listing.Symbol, listing.Quote, listing.Interval, listing.From, listing.To);
}

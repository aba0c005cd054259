namespace Pnl.Grains;

/// <summary>A listing as messages tell it, and as the core knows it.</summary>
internal static class ListingMessages
{
    public static TokenListing Message(this Listing listing) =>
        new(listing.Source, listing.Symbol, listing.Quote, listing.Interval, listing.From, listing.To);

    public static Listing Listing(this TokenListing message) =>
        new(message.Source, message.Symbol, message.Quote, message.Interval, message.From, message.To);
}

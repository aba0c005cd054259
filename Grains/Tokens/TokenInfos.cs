using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Tells of a token what is stored of it.</summary>
internal static class TokenInfos
{
    public static TokenInfo Of(string id, long revision, TokenRegistration registration, int? firstSlot, int? lastSlot, long bars, int staleAfter, DateTimeOffset now) => new()
    {
        Id = id,
        Symbol = registration.Symbol,
        Name = registration.Name,
        Quote = registration.Quote,
        FirstBar = firstSlot is { } first ? BarTime.Open(first) : null,
        LastBar = lastSlot is { } last ? BarTime.Open(last) : null,
        Bars = bars,
        Status = Status(registration, lastSlot, staleAfter, now),
        Listed = registration.Listed,
        Delisted = registration.Delisted,
        StalenessSeconds = registration.StalenessSeconds,
        Sources = registration.Sources,
        Revision = revision,
        Listings = [.. registration.InOrder().Select(listing => listing.Message())],
    };

    /// <summary>A token with what is known of its bars and listings.</summary>
    /// <param name="token">The token.</param>
    /// <param name="coverage">Its coverage.</param>
    /// <param name="kept">What is kept of each listing, those that are not among the token's any more included.</param>
    /// <param name="life">Whose rates it has.</param>
    public static TokenCoverage Coverage(this TokenInfo token, BarCoverage coverage, ListingState[] kept, LifeRange[] life) => new()
    {
        Id = token.Id,
        Symbol = token.Symbol,
        Name = token.Name,
        Quote = token.Quote,
        FirstBar = token.FirstBar,
        LastBar = token.LastBar,
        Bars = token.Bars,
        Status = token.Status,
        Listed = token.Listed,
        Delisted = token.Delisted,
        StalenessSeconds = token.StalenessSeconds,
        Sources = token.Sources,
        Revision = token.Revision,
        Coverage = coverage,
        Listings = Array.ConvertAll(token.Listings, listing => Array.Find(kept, state => state.IsOf(listing)) is { } state ? state with { From = listing.From, To = listing.To } : listing.State()),
        FormerListings = [.. kept.Where(state => !Array.Exists(token.Listings, state.IsOf))],
        Life = life,
        Interval = token.Interval,
    };

    /// <summary>A listing of which nothing is kept.</summary>
    public static ListingState State(this TokenListing listing) =>
        new(listing.Source, listing.Symbol, listing.Quote, listing.Interval, listing.From, listing.To, null, null, 0, [], NeverFetched: true);

    /// <summary>Whether it is the same instrument, whatever the bounds.</summary>
    private static bool IsOf(this ListingState state, TokenListing listing) =>
        (state.Source, state.Symbol, state.Quote, state.Interval) == (listing.Source, listing.Symbol, listing.Quote, listing.Interval);

    /// <summary>
    /// The named listings once a registration is changed: those that are named now, or else those that were, without those
    /// that only stood for a symbol at a source that is another now.
    /// </summary>
    public static IReadOnlyList<Listing>? ListingsAfter(this TokenRegistration? known, TokenDetails details)
    {
        if (details.Listings is { } named)
        {
            return named.Length == 0 ? null : [.. named.Select(listing => listing.Listing())];
        }

        return details.Sources is not { } sources || known?.Listings is null ? known?.Listings
            : [.. known.Listings.Where(listing => !Stands(known, listing) || sources.GetValueOrDefault(listing.Source) == listing.Symbol)];

        static bool Stands(TokenRegistration known, Listing listing) =>
            known.Sources.TryGetValue(listing.Source, out string? symbol) && listing == new Listing(listing.Source, symbol, known.Quote);
    }

    /// <summary>Whether two registrations say the same.</summary>
    public static bool IsSame(this TokenRegistration one, TokenRegistration other) =>
        one with { Sources = other.Sources, Listings = other.Listings } == other &&
        (one.Listings ?? []).SequenceEqual(other.Listings ?? []) &&
        one.Sources.Count == other.Sources.Count && !one.Sources.Except(other.Sources).Any();

    private static TokenStatus Status(TokenRegistration registration, int? lastSlot, int staleAfter, DateTimeOffset now)
    {
        if (registration.Delisted <= now)
        {
            return TokenStatus.Delisted;
        }

        return lastSlot is not { } last ? TokenStatus.Registered
            : now.ToUnixTimeSeconds() - BarTime.CloseSeconds(last) > staleAfter ? TokenStatus.Stale
            : TokenStatus.Live;
    }
}

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

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
    };

    /// <summary>Whether two registrations say the same.</summary>
    public static bool IsSame(this TokenRegistration one, TokenRegistration other) =>
        one with { Sources = other.Sources } == other &&
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

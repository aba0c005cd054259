namespace Pnl.Cli.Server;

/// <summary>A registered token. Times are those at which bars open.</summary>
internal sealed record TokenAnswer(
    string Id, string? Symbol, string? Name, string Quote, DateTimeOffset? FirstBar, DateTimeOffset? LastBar, long Bars, string? Status,
    string? Interval = null, ListingAnswer[]? Listings = null, ListingAnswer[]? FormerListings = null, LifeAnswer[]? Life = null, long? SetAside = null);

/// <summary>A listing, and what is kept of it; of a list of tokens, the listing alone.</summary>
internal sealed record ListingAnswer(
    string Source, string? Symbol, string Quote, string Interval, DateTimeOffset? From = null, DateTimeOffset? To = null,
    DateTimeOffset? FirstBar = null, DateTimeOffset? LastBar = null, long Bars = 0, bool NeverFetched = false, string? NotConverted = null);

/// <summary>A part of a token's life, and whose bars it has there.</summary>
internal sealed record LifeAnswer(DateTimeOffset From, DateTimeOffset To, string Source, string? Symbol, string Quote, string Interval, long Bars);

/// <summary>A page of the token list.</summary>
internal sealed record TokensAnswer(TokenAnswer[] Items, string? NextCursor);

/// <summary>What is told about a token to register it.</summary>
internal sealed record TokenRequest(string Symbol, string Name, string Quote);

/// <summary>What is told about a token; null stays as it is. Times are as they were typed, for the server to read.</summary>
internal sealed record TokenBody(
    string? Symbol, string? Name, string? Quote, string? Listed, string? Delisted, int? StalenessSeconds, IReadOnlyList<ListingBody>? Listings);

/// <summary>A listing as it was typed.</summary>
internal sealed record ListingBody(string Source, string? Symbol, string? Quote, string? Interval, string? From, string? To);

/// <summary>What deleting bars came to.</summary>
internal sealed record RemovalAnswer(int Removed, long Revision);

using System.Text.Json.Serialization;

namespace Pnl.Gateway;

/// <summary>A page of a list.</summary>
internal sealed record ListAnswer<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>What to register of a token.</summary>
internal sealed record TokenRequest(
    string? Symbol = null, string? Name = null, string? Quote = null,
    [property: JsonConverter(typeof(DateOrTimeConverter))] DateTimeOffset? Listed = null,
    [property: JsonConverter(typeof(DateOrTimeConverter))] DateTimeOffset? Delisted = null,
    int? StalenessSeconds = null, Dictionary<string, string>? Sources = null, ListingRequest?[]? Listings = null);

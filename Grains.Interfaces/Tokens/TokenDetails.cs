namespace Pnl.Grains;

/// <summary>What to register of a token. Whatever is null stays as it is, or takes its default for a new token.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.TokenDetails")]
public sealed record TokenDetails
{
    /// <summary>Label, 1 to 32 characters; by default the id in upper case.</summary>
    [Id(0)]
    public string? Symbol { get; init; }

    /// <summary>Name for people, 1 to 128 characters; by default the symbol.</summary>
    [Id(1)]
    public string? Name { get; init; }

    /// <summary>Id of the currency of the rates; by default <c>usd</c>. Fixed once there are bars.</summary>
    [Id(2)]
    public string? Quote { get; init; }

    /// <summary>When the token began to trade, UTC.</summary>
    [Id(3)]
    public DateTimeOffset? Listed { get; init; }

    /// <summary>When it ceased to trade, UTC.</summary>
    [Id(4)]
    public DateTimeOffset? Delisted { get; init; }

    /// <summary>Age in seconds beyond which the last rate is stale, 300 to 31,536,000; by default 900.</summary>
    [Id(5)]
    public int? StalenessSeconds { get; init; }

    /// <summary>The token's symbol at each source, by the source's name.</summary>
    [Id(6)]
    public Dictionary<string, string>? Sources { get; init; }

    /// <summary>The token's listings in their order of preference; those of <see cref="Sources"/> that are not among them follow.</summary>
    [Id(7)]
    public TokenListing[]? Listings { get; init; }

    /// <summary>A listing to be put behind the others unless it is there; what a feed adds to a token of another quote than its own.</summary>
    [Id(8)]
    public TokenListing? AddListing { get; init; }
}

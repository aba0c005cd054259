namespace Pnl.Grains;

/// <summary>A token.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.TokenInfo")]
public sealed partial record TokenInfo
{
    /// <summary>Id, which never changes.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>Label.</summary>
    [Id(1)]
    public required string Symbol { get; init; }

    /// <summary>Name for people.</summary>
    [Id(2)]
    public required string Name { get; init; }

    /// <summary>Currency of the rates.</summary>
    [Id(3)]
    public required string Quote { get; init; }

    /// <summary>Open time of the first bar; null if there is none.</summary>
    [Id(4)]
    public DateTimeOffset? FirstBar { get; init; }

    /// <summary>Open time of the last bar; null if there is none.</summary>
    [Id(5)]
    public DateTimeOffset? LastBar { get; init; }

    /// <summary>Number of bars.</summary>
    [Id(6)]
    public long Bars { get; init; }

    /// <summary>Whether it trades.</summary>
    [Id(7)]
    public TokenStatus Status { get; init; }

    /// <summary>When it began to trade, if known.</summary>
    [Id(8)]
    public DateTimeOffset? Listed { get; init; }

    /// <summary>When it ceased to trade, if it did.</summary>
    [Id(9)]
    public DateTimeOffset? Delisted { get; init; }

    /// <summary>Age in seconds beyond which the last rate is stale.</summary>
    [Id(10)]
    public int StalenessSeconds { get; init; }

    /// <summary>The token's symbol at each source.</summary>
    [Id(11)]
    public required IReadOnlyDictionary<string, string> Sources { get; init; }

    /// <summary>Grows with every accepted change.</summary>
    [Id(12)]
    public long Revision { get; init; }

    /// <summary>The token's listings in their order of preference, those of <see cref="Sources"/> included.</summary>
    [Id(13)]
    public TokenListing[] Listings { get; init; } = [];

    /// <summary>The coarsest interval that its bars stand on.</summary>
    [Id(14)]
    public Interval Interval { get; init; }
}

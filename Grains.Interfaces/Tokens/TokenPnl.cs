namespace Pnl.Grains;

/// <summary>The rolling windows of a token as of its last known bar.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.TokenPnl")]
public sealed partial record TokenPnl
{
    /// <summary>The token's id.</summary>
    [Id(0)]
    public required string Token { get; init; }

    /// <summary>Currency of all money here.</summary>
    [Id(1)]
    public required string Quote { get; init; }

    /// <summary>Close time of the last bar counted; null if there is none.</summary>
    [Id(2)]
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>The last rate.</summary>
    [Id(3)]
    public decimal? Rate { get; init; }

    /// <summary>Whether the last rate is older than the token's staleness limit.</summary>
    [Id(4)]
    public bool Stale { get; init; }

    /// <summary>Age of the last rate in seconds.</summary>
    [Id(5)]
    public long? AgeSeconds { get; init; }

    /// <summary>Grows with every accepted change.</summary>
    [Id(6)]
    public long Revision { get; init; }

    /// <summary>Whether every slot from the first bar to the last holds a bar or had none at the source.</summary>
    [Id(7)]
    public bool Complete { get; init; }

    /// <summary>Windows by name: 5m, 1h, 24h, 7d, 30d, 90d, 1y, ytd, inception. Empty if there is no bar.</summary>
    [Id(8)]
    public required IReadOnlyDictionary<string, WindowPnl> Windows { get; init; }
}

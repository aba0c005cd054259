namespace Pnl.Grains;

/// <summary>What history to fetch.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.BackfillRequest")]
public sealed record BackfillRequest
{
    /// <summary>Ids of tokens; null for all that the source has.</summary>
    [Id(0)]
    public string[]? Tokens { get; init; }

    /// <summary>First open time; null for as early as the source goes.</summary>
    [Id(1)]
    public DateTimeOffset? From { get; init; }

    /// <summary>End, not included; null for what is closed when the backfill begins.</summary>
    [Id(2)]
    public DateTimeOffset? To { get; init; }

    /// <summary>Name of the source.</summary>
    [Id(3)]
    public required string Source { get; init; }

    /// <summary>Whether each token's months are fetched oldest first; newest first otherwise.</summary>
    [Id(4)]
    public bool OldestFirst { get; init; }
}

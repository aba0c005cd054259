namespace Pnl.Grains;

/// <summary>What history to fetch.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.BackfillRequest")]
public sealed record BackfillRequest
{
    /// <summary>
    /// Ids of tokens; null for all that the source has, or that name it among their sources if what they hold is compared.
    /// </summary>
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

    /// <summary>Whether only what was never fetched is fetched, or everything.</summary>
    [Id(5)]
    public BackfillKind Kind { get; init; }

    /// <summary>
    /// Whether what was fetched before is fetched again, as a reconciliation does, but of all tokens that the source has if
    /// none are named.
    /// </summary>
    [Id(6)]
    public bool Again { get; init; }
}

/// <summary>What a backfill fetches.</summary>
[GenerateSerializer, Alias("Pnl.BackfillKind")]
public enum BackfillKind
{
    /// <summary>What no source was read for yet.</summary>
    Backfill,

    /// <summary>
    /// All of a range again, whoever filled it: what differs from the source is corrected, what is missing filled. What the
    /// source does not have is kept.
    /// </summary>
    Reconciliation,
}

using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>How far a backfill is.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.BackfillStatus")]
public sealed record BackfillStatus
{
    /// <summary>Id.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>What it fetches.</summary>
    [Id(1)]
    public BackfillKind Kind { get; init; }

    /// <summary>What it is doing.</summary>
    [Id(2), JsonPropertyName("status")]
    public BackfillPhase Phase { get; init; }

    /// <summary>Name of the source.</summary>
    [Id(3)]
    public required string Source { get; init; }

    /// <summary>First open time; null for as early as the source goes.</summary>
    [Id(4)]
    public DateTimeOffset? From { get; init; }

    /// <summary>End, not included; null for what is closed when it begins.</summary>
    [Id(5)]
    public DateTimeOffset? To { get; init; }

    /// <summary>Numbers of tokens.</summary>
    [Id(6)]
    public BackfillTokens Tokens { get; init; }

    /// <summary>Numbers of bars.</summary>
    [Id(7)]
    public BackfillBars Bars { get; init; }

    /// <summary>Bars landed a second, since it began or went on.</summary>
    [Id(8)]
    public double BarsPerSecond { get; init; }

    /// <summary>When it will end at this pace; null if that cannot be said.</summary>
    [Id(9)]
    public DateTimeOffset? Eta { get; init; }

    /// <summary>Work that was tried again.</summary>
    [Id(10)]
    public int Retries { get; init; }

    /// <summary>When it began.</summary>
    [Id(11)]
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended; null while it has not.</summary>
    [Id(12)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Tokens given up, with the reason; the first 1,000.</summary>
    [Id(13)]
    public required BackfillFailure[] Failures { get; init; }

    /// <summary>Why nothing was fetched of the tokens that are done though; the first 100.</summary>
    [Id(14)]
    public BackfillFailure[] Empty { get; init; } = [];

    /// <summary>Whether what was fetched before is fetched again.</summary>
    [Id(15)]
    public bool Again { get; init; }

    /// <summary>Pairs of tokens that were fetched from another pair of theirs, by token; the first 1,000. They are no failures.</summary>
    [Id(16)]
    public BackfillFailure[] LeftOut { get; init; } = [];
}

/// <summary>Numbers of tokens of a backfill.</summary>
/// <param name="Total">In all; 0 until planned.</param>
/// <param name="Done">Those that are finished.</param>
/// <param name="Failed">Those given up.</param>
/// <param name="Empty">Those among the finished of which nothing was fetched.</param>
[GenerateSerializer, Immutable, Alias("Pnl.BackfillTokens")]
public readonly record struct BackfillTokens([property: Id(0)] int Total, [property: Id(1)] int Done, [property: Id(2)] int Failed, [property: Id(3)] int Empty);

/// <summary>Numbers of bars of a backfill.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.BackfillBars")]
public readonly record struct BackfillBars
{
    /// <summary>Written to the landing.</summary>
    [Id(0)]
    public long Landed { get; init; }

    /// <summary>New, or another rate than before.</summary>
    [Id(1)]
    public long Imported { get; init; }

    /// <summary>Those of the imported that replaced another rate.</summary>
    [Id(2)]
    public long Corrected { get; init; }

    /// <summary>Those of the imported that filled a slot without one.</summary>
    public long Filled => Imported - Corrected;

    /// <summary>Rows of the source that are kept aside.</summary>
    [Id(3)]
    public long Quarantined { get; init; }
}

/// <summary>A token that could not be fetched.</summary>
/// <param name="Token">Id.</param>
/// <param name="Code">Stable code.</param>
/// <param name="Detail">What happened.</param>
[GenerateSerializer, Immutable, Alias("Pnl.BackfillFailure")]
public sealed record BackfillFailure([property: Id(0)] string Token, [property: Id(1)] string Code, [property: Id(2)] string Detail);

/// <summary>What a backfill is doing.</summary>
[GenerateSerializer, Alias("Pnl.BackfillPhase")]
public enum BackfillPhase
{
    /// <summary>Accepted, not begun.</summary>
    Planned,

    /// <summary>Fetching.</summary>
    Running,

    /// <summary>Held by a user.</summary>
    Paused,

    /// <summary>All is fetched.</summary>
    Completed,

    /// <summary>Ended, with tokens given up.</summary>
    CompletedWithFailures,

    /// <summary>Ended by a user; what is done stays.</summary>
    Cancelled,

    /// <summary>It could not even begin.</summary>
    Failed,
}

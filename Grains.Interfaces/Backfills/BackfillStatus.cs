namespace Pnl.Grains;

/// <summary>How far a backfill is.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.BackfillStatus")]
public sealed record BackfillStatus
{
    /// <summary>Id.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>What it is doing.</summary>
    [Id(1)]
    public BackfillPhase Phase { get; init; }

    /// <summary>What was asked for.</summary>
    [Id(2)]
    public required BackfillRequest Request { get; init; }

    /// <summary>Tokens in all; 0 until planned.</summary>
    [Id(3)]
    public int TokensTotal { get; init; }

    /// <summary>Tokens that are finished.</summary>
    [Id(4)]
    public int TokensDone { get; init; }

    /// <summary>Tokens given up.</summary>
    [Id(5)]
    public int TokensFailed { get; init; }

    /// <summary>Bars written to the landing.</summary>
    [Id(6)]
    public long BarsLanded { get; init; }

    /// <summary>Bars that were new or corrected something.</summary>
    [Id(7)]
    public long BarsImported { get; init; }

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

    /// <summary>Rows of the source that are kept aside.</summary>
    [Id(14)]
    public long Quarantined { get; init; }

    /// <summary>Bars that replaced another rate; the other ones imported filled slots that had none.</summary>
    [Id(15)]
    public long BarsCorrected { get; init; }

    /// <summary>Tokens that are done though nothing was fetched of them, those among <see cref="TokensDone"/>.</summary>
    [Id(16)]
    public int TokensEmpty { get; init; }

    /// <summary>Why nothing was fetched of them; the first 100.</summary>
    [Id(17)]
    public BackfillFailure[] Empty { get; init; } = [];
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

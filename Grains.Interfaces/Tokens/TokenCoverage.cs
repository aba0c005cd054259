namespace Pnl.Grains;

/// <summary>A token, what is known of the bars that it lacks, and whose its bars are.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.TokenCoverage")]
public sealed record TokenCoverage
{
    /// <summary>As of a <see cref="TokenInfo"/>.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <inheritdoc cref="Id"/>
    [Id(1)]
    public required string Symbol { get; init; }

    /// <inheritdoc cref="Id"/>
    [Id(2)]
    public required string Name { get; init; }

    /// <inheritdoc cref="Id"/>
    [Id(3)]
    public required string Quote { get; init; }

    /// <inheritdoc cref="Id"/>
    [Id(4)]
    public DateTimeOffset? FirstBar { get; init; }

    /// <inheritdoc cref="Id"/>
    [Id(5)]
    public DateTimeOffset? LastBar { get; init; }

    /// <inheritdoc cref="Id"/>
    [Id(6)]
    public long Bars { get; init; }

    /// <inheritdoc cref="Id"/>
    [Id(7)]
    public TokenStatus Status { get; init; }

    /// <inheritdoc cref="Id"/>
    [Id(8)]
    public DateTimeOffset? Listed { get; init; }

    /// <inheritdoc cref="Id"/>
    [Id(9)]
    public DateTimeOffset? Delisted { get; init; }

    /// <inheritdoc cref="Id"/>
    [Id(10)]
    public int StalenessSeconds { get; init; }

    /// <inheritdoc cref="Id"/>
    [Id(11)]
    public required IReadOnlyDictionary<string, string> Sources { get; init; }

    /// <inheritdoc cref="Id"/>
    [Id(12)]
    public long Revision { get; init; }

    /// <summary>Which bars were fetched, and which are not there.</summary>
    [Id(13)]
    public required BarCoverage Coverage { get; init; }

    /// <summary>Rows that were not taken as bars; null where that was not asked, or cannot be told.</summary>
    [Id(14)]
    public long? SetAside { get; init; }

    /// <summary>Its listings in their order of preference.</summary>
    [Id(15)]
    public ListingState[] Listings { get; init; } = [];

    /// <summary>Instruments that are not among its listings any more, and of which bars are kept.</summary>
    [Id(16)]
    public ListingState[] FormerListings { get; init; } = [];

    /// <summary>Whose rates it has, in order of time; the newest ranges at most.</summary>
    [Id(17)]
    public LifeRange[] Life { get; init; } = [];

    /// <inheritdoc cref="TokenInfo.Interval"/>
    [Id(18)]
    public Interval Interval { get; init; }
}

/// <summary>Ranges of bar open times; the newest ones if there are many.</summary>
/// <param name="Fetched">Ranges over which a source was read to the end.</param>
/// <param name="Absent">Ranges between first and last bar in which the source had no bar.</param>
/// <param name="Missing">Ranges between first and last bar that nobody has fetched.</param>
/// <param name="AbsentBars">Number of slots absent at the source, in all.</param>
/// <param name="MissingBars">Number of slots not fetched, in all.</param>
/// <param name="Truncated">Whether there are more ranges than are listed.</param>
[GenerateSerializer, Immutable, Alias("Pnl.BarCoverage")]
public sealed record BarCoverage(
    [property: Id(0)] TimeRange[] Fetched,
    [property: Id(1)] TimeRange[] Absent,
    [property: Id(2)] TimeRange[] Missing,
    [property: Id(3)] long AbsentBars,
    [property: Id(4)] long MissingBars,
    [property: Id(5)] bool Truncated);

/// <summary>A range of bar open times, UTC.</summary>
/// <param name="From">First open time.</param>
/// <param name="To">End, not included.</param>
[GenerateSerializer, Immutable, Alias("Pnl.TimeRange")]
public readonly record struct TimeRange([property: Id(0)] DateTimeOffset From, [property: Id(1)] DateTimeOffset To);

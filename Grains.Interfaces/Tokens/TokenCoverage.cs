namespace Pnl.Grains;

/// <summary>A token and what is known of the bars that it lacks.</summary>
/// <param name="Token">The token.</param>
/// <param name="Fetched">Ranges over which a source was read to the end.</param>
/// <param name="Absent">Ranges between first and last bar in which the source had no bar, the newest at most.</param>
/// <param name="Missing">Ranges between first and last bar that nobody has fetched, the newest at most.</param>
/// <param name="AbsentBars">Number of slots absent at the source, in all.</param>
/// <param name="MissingBars">Number of slots not fetched, in all.</param>
/// <param name="Truncated">Whether there are more ranges than are listed.</param>
[GenerateSerializer, Immutable, Alias("Pnl.TokenCoverage")]
public sealed record TokenCoverage(
    [property: Id(0)] TokenInfo Token,
    [property: Id(1)] TimeRange[] Fetched,
    [property: Id(2)] TimeRange[] Absent,
    [property: Id(3)] TimeRange[] Missing,
    [property: Id(4)] long AbsentBars,
    [property: Id(5)] long MissingBars,
    [property: Id(6)] bool Truncated)
{
    /// <summary>Whose rates the token has, in order of time; the newest ranges at most.</summary>
    [Id(7)]
    public LifeRange[] Life { get; init; } = [];

    /// <summary>What is kept of each listing, in the order of preference, then of those that are not among the token's listings any more.</summary>
    [Id(8)]
    public ListingState[] Listings { get; init; } = [];
}

/// <summary>A range of bar open times, UTC.</summary>
/// <param name="From">First open time.</param>
/// <param name="To">End, not included.</param>
[GenerateSerializer, Immutable, Alias("Pnl.TimeRange")]
public readonly record struct TimeRange([property: Id(0)] DateTimeOffset From, [property: Id(1)] DateTimeOffset To);

namespace Pnl.Grains;

/// <summary>How a token stands after a change: what its grain tells to whoever ranks it or listens to it.</summary>
/// <param name="Pnl">The rolling windows. Stale and age are as of when it was told.</param>
/// <param name="Symbol">The token's label.</param>
/// <param name="StalenessSeconds">Age in seconds beyond which the last rate is stale.</param>
[GenerateSerializer, Immutable, Alias("Pnl.TokenStanding")]
public sealed record TokenStanding(
    [property: Id(0)] TokenPnl Pnl, [property: Id(1)] string Symbol, [property: Id(2)] int StalenessSeconds);

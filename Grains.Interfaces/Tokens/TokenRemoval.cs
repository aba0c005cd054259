namespace Pnl.Grains;

/// <summary>What taking bars away came to.</summary>
/// <param name="Removed">Bars of the token that are no more.</param>
/// <param name="Revision">The token's revision afterwards.</param>
[GenerateSerializer, Immutable, Alias("Pnl.TokenRemoval")]
public sealed record TokenRemoval([property: Id(0)] int Removed, [property: Id(1)] long Revision);

namespace Pnl.Grains;

/// <summary>What a registration came to.</summary>
/// <param name="Token">The token afterwards.</param>
/// <param name="Created">Whether it was new.</param>
/// <param name="QuoteConflict">True if nothing was changed because the token has bars in another quote currency.</param>
[GenerateSerializer, Immutable, Alias("Pnl.RegisterResult")]
public sealed record RegisterResult(
    [property: Id(0)] TokenInfo Token, [property: Id(1)] bool Created, [property: Id(2)] bool QuoteConflict)
{
    /// <summary>If nothing was changed because a listing would be converted by the token's own rates: how, in words.</summary>
    [Id(3)]
    public string? Circle { get; init; }
}

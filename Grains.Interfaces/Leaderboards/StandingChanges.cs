namespace Pnl.Grains;

/// <summary>What changes to answer.</summary>
/// <param name="Activation">The activation that gave the point; null if there is none yet.</param>
/// <param name="After">The point, as answered before.</param>
/// <param name="Tokens">The tokens that matter.</param>
[GenerateSerializer, Immutable, Alias("Pnl.ChangesQuery")]
public sealed record ChangesQuery(
    [property: Id(0)] string? Activation, [property: Id(1)] long After, [property: Id(2)] string[] Tokens);

/// <summary>Changes of tokens.</summary>
/// <param name="Activation">
/// The activation that answers. If it is not the one that was asked about, nothing is known of what came between, and whoever
/// asks must ask the tokens.
/// </param>
/// <param name="Point">From where to ask for more.</param>
/// <param name="Changed">The tokens that changed, the oldest change first. How they stand now is theirs to say.</param>
[GenerateSerializer, Immutable, Alias("Pnl.StandingChanges")]
public sealed record StandingChanges(
    [property: Id(0)] string Activation, [property: Id(1)] long Point, [property: Id(2)] string[] Changed);

namespace Pnl.Grains;

/// <summary>
/// A bar of a token as it travels on the token's own stream: namespace <see cref="StreamNamespace"/>, key the token's id.
/// </summary>
/// <param name="Time">Open time in Unix seconds, a multiple of 300.</param>
/// <param name="Rate">Rate of the bar.</param>
/// <param name="CoveredFrom">
/// If given: the source was read to the end over the bars that open from here up to this one, in Unix seconds.
/// </param>
/// <param name="Source">The source whose listing of the token it belongs to; null for a caller's.</param>
[GenerateSerializer, Immutable, Alias("Pnl.RateEvent")]
public sealed record RateEvent(
    [property: Id(0)] long Time, [property: Id(1)] decimal Rate, [property: Id(2)] long? CoveredFrom = null, [property: Id(3)] string? Source = null)
{
    /// <summary>Namespace of the streams of rates.</summary>
    public const string StreamNamespace = "rates";

    /// <summary>Name of the stream provider.</summary>
    public const string StreamProvider = "rates";
}

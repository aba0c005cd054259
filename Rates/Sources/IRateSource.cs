namespace Pnl.Rates;

/// <summary>Where rates of many tokens come from.</summary>
public interface IRateSource
{
    /// <summary>The name by which settings and answers call it.</summary>
    string Name { get; }

    /// <summary>How its bars become known, if not as time goes by: null if they do at present.</summary>
    RatePace? Pace => null;

    /// <summary>Whether it has the past of a token that is new, too; else that is a backfill's.</summary>
    bool HasHistory => true;

    /// <summary>The tokens that it knows, in an order that does not change.</summary>
    ValueTask<IReadOnlyList<SourceToken>> ListAsync(CancellationToken cancellation);

    /// <summary>
    /// Bars of a token in a range of closed slots, in order. A slot of the range without a bar had none at the source.
    /// </summary>
    /// <param name="token">One of those that <see cref="ListAsync"/> of this source gave, however often it was called since.</param>
    /// <param name="range">The slots.</param>
    /// <param name="into">Takes the bars; at least as long as the range.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    /// <returns>The number of bars.</returns>
    ValueTask<int> ReadAsync(SourceToken token, SlotRange range, Memory<Bar> into, CancellationToken cancellation);
}

/// <summary>Bars of the past that are played as if they became known now.</summary>
/// <param name="Slots">From the first to the last.</param>
/// <param name="Speed">How many times faster than time; null for as fast as they are taken.</param>
public sealed record RatePace(SlotRange Slots, double? Speed);

/// <summary>A token as a source knows it. A source derives from it to add what it reads the token by.</summary>
/// <param name="Id">The token's id here.</param>
/// <param name="Registration">What the source says of it.</param>
public record SourceToken(string Id, TokenRegistration Registration);

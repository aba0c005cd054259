namespace Pnl.Rates;

/// <summary>Where rates of many tokens come from.</summary>
public interface IRateSource
{
    /// <summary>The name by which settings and answers call it.</summary>
    string Name { get; }

    /// <summary>The tokens that it knows, in an order that does not change.</summary>
    IReadOnlyList<SourceToken> Tokens { get; }

    /// <summary>
    /// Bars of a token in a range of closed slots, in order. A slot of the range without a bar had none at the source.
    /// </summary>
    /// <param name="token">Index into <see cref="Tokens"/>.</param>
    /// <param name="range">The slots.</param>
    /// <param name="into">Takes the bars; at least as long as the range.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    /// <returns>The number of bars.</returns>
    ValueTask<int> ReadAsync(int token, SlotRange range, Memory<Bar> into, CancellationToken cancellation);
}

/// <summary>A token as a source knows it.</summary>
/// <param name="Id">The token's id here.</param>
/// <param name="Registration">What the source says of it.</param>
public sealed record SourceToken(string Id, TokenRegistration Registration);

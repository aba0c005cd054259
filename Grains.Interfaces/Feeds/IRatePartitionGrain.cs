using Orleans.Concurrency;

namespace Pnl.Grains;

/// <summary>A partition of the tokens, by its number: hands the bars of <see cref="RatesEvent"/> to their tokens.</summary>
[Alias("Pnl.IRatePartitionGrain")]
public interface IRatePartitionGrain : IGrainWithStringKey
{
    /// <summary>
    /// Completes when an event with a bar that opens at this time, or later, has been dealt with: with which a feed that
    /// plays faster than time keeps from running away. Gives false if that did not come about within some seconds.
    /// </summary>
    [Alias("Reached"), AlwaysInterleave]
    Task<bool> Reached(long time);
}

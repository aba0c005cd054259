using System.Globalization;
using Orleans.Runtime;
using Orleans.Streams;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Publishes the rates of a source to the streams of the partitions, in events of up to <see cref="RatesEvent.MostBars"/> bars. A bar
/// says from which slot on its token's were published or are not there, so that the token sees what got lost.
/// </summary>
/// <param name="source">The name of the source.</param>
/// <param name="tokens">Its tokens.</param>
/// <param name="from">The first slot: those before it were fetched.</param>
/// <param name="streams">Where it publishes.</param>
/// <param name="grains">The partitions' grains.</param>
internal sealed class RatePublisher(string source, IReadOnlyList<SourceToken> tokens, int from, IStreamProvider streams, IGrainFactory grains)
{
    private readonly int[] _next = [.. Enumerable.Repeat(from, tokens.Count)]; // by token: the first slot that has not been published

    /// <summary>Publishes the rates of a slot, by the numbers of their tokens.</summary>
    public Task PublishAsync(int slot, IEnumerable<(int Token, decimal Rate)> rates) => Task.WhenAll(
        rates.GroupBy(rate => RatesEvent.PartitionOf(tokens[rate.Token].Id)).OrderBy(partition => partition.Key).Select(async partition =>
        {
            IAsyncStream<RatesEvent> stream = streams.GetStream<RatesEvent>(StreamId.Create(RatesEvent.StreamNamespace, KeyOf(partition.Key)));
            foreach ((int Token, decimal Rate)[] some in partition.Chunk(RatesEvent.MostBars))
            {
                await stream.OnNextAsync(new(
                    Array.ConvertAll(some, bar => tokens[bar.Token].Id),
                    Array.ConvertAll(some, _ => BarTime.OpenSeconds(slot)),
                    Array.ConvertAll(some, bar => bar.Rate),
                    Array.ConvertAll(some, bar => BarTime.OpenSeconds(Math.Min(_next[bar.Token], slot))),
                    Source: source));
                foreach ((int token, _) in some)
                {
                    _next[token] = slot + 1; // published: should it get lost, the token sees that it lacks something
                }
            }
        }));

    /// <summary>Waits until the partitions have dealt with a slot, as far as they had a later one.</summary>
    public Task WhenTakenAsync(int slot) => Task.WhenAll(
        tokens.Where((_, i) => _next[i] > slot + 1).Select(token => RatesEvent.PartitionOf(token.Id)).Distinct()
            .Select(partition => grains.GetGrain<IRatePartitionGrain>(KeyOf(partition)).Reached(BarTime.OpenSeconds(slot))));

    private static string KeyOf(int partition) => partition.ToString(CultureInfo.InvariantCulture);
}

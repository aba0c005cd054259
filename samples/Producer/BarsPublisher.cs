using System.Text.Json;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;

namespace Producer;

/// <summary>A bar of a token.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="OpenTime">Open time in Unix seconds, a multiple of 300.</param>
/// <param name="Rate">The rate.</param>
public readonly record struct TokenBar(string Token, long OpenTime, decimal Rate);

/// <summary>Publishes bars in the format of docs/event-format.md, many in an event and many events in a request.</summary>
public sealed class BarsPublisher(EventHubProducerClient hub, int barsAnEvent = BarsPublisher.MostBars)
{
    /// <summary>Bars in an event, and in a request: some 100 KB of the 1 MB that either may have.</summary>
    public const int MostBars = 2000;

    /// <summary>Publishes bars; when this returns, the hub has them. If it throws, it may have some of them: publish all again.</summary>
    public async Task PublishAsync(IEnumerable<TokenBar> bars, CancellationToken cancellation = default)
    {
        // A request goes to one partition, whatever is in it, and the next one to another.
        foreach (TokenBar[] request in bars.Chunk(MostBars))
        {
            using EventDataBatch batch = await hub.CreateBatchAsync(cancellation);
            foreach (TokenBar[] some in request.Chunk(barsAnEvent))
            {
                if (!batch.TryAdd(new EventData(Body(some)) { ContentType = "application/json" }))
                {
                    throw new InvalidOperationException($"{request.Length} bars in events of {barsAnEvent} are more than the hub takes at once");
                }
            }

            await hub.SendAsync(batch, cancellation);
        }
    }

    private static byte[] Body(TokenBar[] bars) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        version = 1,
        token = bars.Select(bar => bar.Token),
        time = bars.Select(bar => bar.OpenTime),
        rate = bars.Select(bar => bar.Rate),
    });
}

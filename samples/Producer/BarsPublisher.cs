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
    /// <summary>Bars in an event: some 100 KB of the 1 MB that it may have.</summary>
    public const int MostBars = 2000;

    /// <summary>Publishes bars; when this returns, the hub has them. If it throws, it may have some of them: publish all again.</summary>
    public async Task PublishAsync(IEnumerable<TokenBar> bars, CancellationToken cancellation = default)
    {
        EventDataBatch batch = await hub.CreateBatchAsync(cancellation);
        try
        {
            foreach (TokenBar[] some in bars.Chunk(barsAnEvent))
            {
                EventData data = new(Body(some)) { ContentType = "application/json" };
                if (!batch.TryAdd(data))
                {
                    await hub.SendAsync(batch, cancellation);
                    batch.Dispose();
                    batch = await hub.CreateBatchAsync(cancellation);
                    if (!batch.TryAdd(data))
                    {
                        throw new InvalidOperationException($"an event of {some.Length} bars is larger than the hub takes");
                    }
                }
            }

            if (batch.Count > 0)
            {
                await hub.SendAsync(batch, cancellation);
            }
        }
        finally
        {
            batch.Dispose();
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

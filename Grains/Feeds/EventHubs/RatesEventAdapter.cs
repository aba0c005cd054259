using Azure.Core.Amqp;
using Azure.Messaging.EventHubs;
using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Streaming.EventHubs;
using Orleans.Streams;

namespace Pnl.Grains;

/// <summary>
/// Between the events of a hub, which are of a documented format that any producer can write (<see cref="BarsEvent"/>), and
/// the events of streams. Whatever lies in the hub must pass here: an event at which this failed would be read again and
/// again, and none behind it.
/// </summary>
internal sealed class RatesEventAdapter(Serializer serializer) : EventHubDataAdapter(serializer)
{
    /// <summary>
    /// The property of an event that names the source whose bars it has; without, they are a caller's. Not in the body: an
    /// earlier release reads on without it.
    /// </summary>
    public const string SourceProperty = "source";

    private const int MostSource = 64;

    public override EventData ToQueueMessage<T>(StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext)
    {
        RatesEvent[] all = [.. events.Select(item => item switch
        {
            RatesEvent rates => rates,
            RateEvent rate => new([streamId.GetKeyAsString()], [rate.Time], [rate.Rate], rate.CoveredFrom is { } from ? [from] : null, Source: rate.Source),
            _ => throw new ArgumentException($"a hub of rates takes no {typeof(T).Name}", nameof(events)),
        })];
        string? source = all.Select(rates => rates.Source).Distinct().ToArray() is [var one] ? one
            : throw new ArgumentException("an event of a hub has bars of one source", nameof(events));
        bool isCovered = all.All(rates => rates.CoveredFrom is not null);
        EventData data = new(BarsEvent.Write(
            [.. all.SelectMany(rates => rates.Tokens)],
            [.. all.SelectMany(rates => rates.Time)],
            [.. all.SelectMany(rates => rates.Rate)],
            isCovered ? [.. all.SelectMany(rates => rates.CoveredFrom!)] : null))
        {
            ContentType = "application/json",
        };
        if (source is not null)
        {
            data.Properties[SourceProperty] = source;
        }

        return data;
    }

    public override StreamPosition GetStreamPosition(string partition, EventData queueMessage) => new(
        StreamId.Create(RatesEvent.StreamNamespace, HubStreams.Key(partition, queueMessage.PartitionKey)),
        new EventHubSequenceTokenV2(queueMessage.OffsetString, queueMessage.SequenceNumber, 0));

    public override IBatchContainer GetBatchContainer(ref CachedMessage cachedMessage)
    {
        int at = 0;
        string offset = SegmentBuilder.ReadNextString(cachedMessage.Segment, ref at)!;
        byte[] body = SegmentBuilder.ReadNextBytes(cachedMessage.Segment, ref at).ToArray();
        return new RatesBatch(cachedMessage.StreamId, offset, cachedMessage.SequenceNumber, body, SegmentBuilder.ReadNextString(cachedMessage.Segment, ref at));
    }

    protected override ArraySegment<byte> EncodeMessageIntoSegment(EventData queueMessage, Func<int, ArraySegment<byte>> getSegment)
    {
        ReadOnlySpan<byte> body = Bytes(queueMessage);
        string? source = Source(queueMessage);
        ArraySegment<byte> segment = getSegment(
            SegmentBuilder.CalculateAppendSize(queueMessage.OffsetString) + SegmentBuilder.CalculateAppendSize(body) + SegmentBuilder.CalculateAppendSize(source));
        int at = 0;
        SegmentBuilder.Append(segment, ref at, queueMessage.OffsetString);
        SegmentBuilder.Append(segment, ref at, body);
        SegmentBuilder.Append(segment, ref at, source);
        return segment;
    }

    /// <summary>What the property says; what is no text of such a length is a blank, which is no name.</summary>
    private static string? Source(EventData data) => !data.Properties.TryGetValue(SourceProperty, out object? value) ? null
        : value is string { Length: <= MostSource } text ? text : " ";

    /// <summary>
    /// The body of an event, as much of it as is kept: a segment holds 1 MiB. What is cut is still too large, and a body that
    /// is no bytes becomes one without any, which is no object: both are told so when they are read.
    /// </summary>
    public static ReadOnlySpan<byte> Bytes(EventData data)
    {
        ReadOnlySpan<byte> body = data.GetRawAmqpMessage().Body is { BodyType: AmqpMessageBodyType.Data } ? data.EventBody.ToMemory().Span : default;
        return body[..Math.Min(body.Length, BarsEvent.MostBytes + 1)];
    }
}

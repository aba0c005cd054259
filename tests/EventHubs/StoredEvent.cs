namespace Pnl.Tests.EventHubs;

/// <summary>An event as it lies in a partition.</summary>
/// <param name="Sequence">Its number in the partition, without gaps.</param>
/// <param name="Offset">Its place in the partition: grows, with gaps.</param>
/// <param name="Enqueued">When it came, UTC, in whole milliseconds.</param>
/// <param name="Encoded">The AMQP message as consumers get it, annotations and all.</param>
internal sealed record StoredEvent(long Sequence, long Offset, DateTime Enqueued, byte[] Encoded);

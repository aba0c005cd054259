using System.Diagnostics.CodeAnalysis;
using Azure.Messaging.EventHubs;
using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Streaming.EventHubs;
using Orleans.Streams;

namespace Pnl.Grains;

/// <summary>
/// What was read of a partition of a hub and is yet to be delivered. Orleans' cache lets go of an event when it is old, be it
/// delivered or not, and moves the checkpoint then: an outage of the store would lose events, and a death brings back half an
/// hour of them. Here the checkpoint follows what was delivered, and what was not is neither let go nor passed over.
/// </summary>
/// <remarks>An event belongs to one stream and a stream has one consumer, whose cursor asks for the next event once it is done with one.</remarks>
internal sealed class DeliveredCache(IEventHubQueueCache cache, IStreamQueueCheckpointer<string> checkpointer, TimeProvider time) : IEventHubQueueCache
{
    /// <summary>The most bytes of events to be delivered; beyond, no more are read.</summary>
    private const long MostBytes = 64 << 20;

    private readonly Queue<(StreamId Stream, long Sequence, string Offset, int Bytes)> _pending = [];
    private readonly Dictionary<StreamId, long> _done = [];
    private long _bytes;

    public int GetMaxAddCount() => _bytes > MostBytes ? 0 : cache.GetMaxAddCount();

    public List<StreamPosition> Add(List<EventData> message, DateTime dequeueTimeUtc)
    {
        List<StreamPosition> positions = cache.Add(message, dequeueTimeUtc);
        foreach ((EventData added, StreamPosition position) in message.Zip(positions))
        {
            int bytes = RatesEventAdapter.Bytes(added).Length;
            _pending.Enqueue((position.StreamId, added.SequenceNumber, added.OffsetString, bytes));
            _bytes += bytes;
        }

        return positions;
    }

    public object GetCursor(StreamId streamId, StreamSequenceToken? sequenceToken) =>
        TryGetCursor(streamId, sequenceToken) is { Kind: QueueCacheCursorResultKind.Success, Cursor: { } cursor } ? cursor : throw new QueueCacheMissException();

    public QueueCacheCursorResult<object> TryGetCursor(StreamId streamId, StreamSequenceToken? sequenceToken) => Followed(streamId, cache.TryGetCursor(streamId, sequenceToken));

    public QueueCacheCursorResult<object> TryGetCursorAtPosition(StreamId streamId, StreamSubscriptionStartPosition startPosition) =>
        Followed(streamId, cache.TryGetCursorAtPosition(streamId, startPosition));

    public void Refresh(object cursor, StreamSequenceToken? sequenceToken) => cache.Refresh(((Cursor)cursor).Inner, sequenceToken);

    public bool TryGetNextMessage(object cursorObj, [NotNullWhen(true)] out IBatchContainer? message) =>
        TryGetNextMessageWithResult(cursorObj, out message).CacheMiss is null ? message is not null : throw new QueueCacheMissException();

    public QueueCacheCursorMoveResult TryGetNextMessageWithResult(object cursorObj, out IBatchContainer? message)
    {
        Cursor cursor = (Cursor)cursorObj;
        if (cursor.Last is { } done)
        {
            Delivered(cursor.Stream, done);
        }

        QueueCacheCursorMoveResult result = cache.TryGetNextMessageWithResult(cursor.Inner, out message);
        cursor.Last = message?.SequenceToken.SequenceNumber;
        return result;
    }

    public void AddCachePressureMonitor(ICachePressureMonitor monitor) => cache.AddCachePressureMonitor(monitor);

    public void SignalPurge()
    {
        if (_pending.Count == 0)
        {
            cache.SignalPurge();
        }
    }

    public void Dispose() => cache.Dispose();

    private static QueueCacheCursorResult<object> Followed(StreamId stream, QueueCacheCursorResult<object> result) =>
        result is { Kind: QueueCacheCursorResultKind.Success, Cursor: { } cursor } ? QueueCacheCursorResult<object>.FromCursor(new Cursor(stream, cursor)) : result;

    private void Delivered(StreamId stream, long sequence)
    {
        _done[stream] = sequence;
        string? checkpoint = null;
        while (_pending.TryPeek(out var next) && _done.TryGetValue(next.Stream, out long done) && next.Sequence <= done)
        {
            _pending.Dequeue();
            _bytes -= next.Bytes;
            checkpoint = next.Offset;
        }

        if (checkpoint is not null)
        {
            checkpointer.Update(checkpoint, time.GetUtcNow().UtcDateTime, CancellationToken.None);
        }
    }

    private sealed class Cursor(StreamId stream, object inner)
    {
        public StreamId Stream => stream;

        public object Inner => inner;

        /// <summary>The sequence number of the event that is being delivered; null for none.</summary>
        public long? Last { get; set; }
    }
}

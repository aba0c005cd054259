using System.Globalization;
using Amqp;
using Amqp.Framing;
using Amqp.Types;

namespace Pnl.Tests.EventHubs;

/// <summary>A partition of a hub: a log that producers append to and consumers read from any place.</summary>
internal sealed class HubPartition : IDisposable
{
    private static readonly Symbol SequenceNumber = "x-opt-sequence-number", OffsetName = "x-opt-offset", EnqueuedTime = "x-opt-enqueued-time", PartitionKey = "x-opt-partition-key";

    private readonly Lock _lock = new();
    private readonly List<StoredEvent> _events;
    private readonly PartitionFile? _file;
    private readonly TimeProvider _time;
    private (long Sequence, long Offset) _next;
    private DateTime _lastEnqueued = DateTime.UnixEpoch;

    public HubPartition(string hub, int number, string? folder, TimeProvider time)
    {
        (Hub, Number, _time, _events) = (hub, number, time, []);
        if (folder is not null)
        {
            _file = PartitionFile.Open(Path.Combine(folder, $"{hub}-{number}.events"), out _events, out _next);
        }

        if (_events is [.., var last])
        {
            _next = (last.Sequence + 1, last.Offset + last.Encoded.Length);
            _lastEnqueued = last.Enqueued;
        }
    }

    public string Hub { get; }

    public int Number { get; }

    /// <summary>Runs behind each append, on the thread of the producer.</summary>
    public event Action? Appended;

    /// <summary>How it stands. The last sequence number of a partition that never had an event is -1.</summary>
    public (long First, long Last, long LastOffset, DateTime LastEnqueued, bool IsEmpty) State
    {
        get
        {
            lock (_lock)
            {
                return (_next.Sequence - _events.Count, _next.Sequence - 1, _events is [.., var last] ? last.Offset : -1, _lastEnqueued, _events.Count == 0);
            }
        }
    }

    /// <summary>Appends events, all or none; they are kept when this returns.</summary>
    public void Append(IReadOnlyList<Message> messages, string? key)
    {
        lock (_lock)
        {
            DateTime now = _time.GetUtcNow().UtcDateTime;
            now = new(now.Ticks - now.Ticks % TimeSpan.TicksPerMillisecond, DateTimeKind.Utc);
            List<StoredEvent> stored = [];
            (long sequence, long offset) = _next;
            foreach (Message message in messages)
            {
                message.DeliveryAnnotations = null;
                message.MessageAnnotations ??= new();
                message.MessageAnnotations.Map.Remove(PartitionKey);
                message.MessageAnnotations[SequenceNumber] = sequence;
                message.MessageAnnotations[OffsetName] = offset.ToString(CultureInfo.InvariantCulture);
                message.MessageAnnotations[EnqueuedTime] = now;
                if (key is not null)
                {
                    message.MessageAnnotations[PartitionKey] = key;
                }

                ByteBuffer buffer = message.Encode();
                byte[] encoded = buffer.Buffer.AsSpan(buffer.Offset, buffer.Length).ToArray();
                stored.Add(new(sequence, offset, now, encoded));
                sequence++;
                offset += encoded.Length;
            }

            _file?.Append(stored);
            _events.AddRange(stored);
            (_next, _lastEnqueued) = ((sequence, offset), now);
        }

        Appended?.Invoke();
    }

    /// <summary>Some events from a sequence number on; those that are gone by retention are left out.</summary>
    public IReadOnlyList<StoredEvent> Read(long from, int most)
    {
        lock (_lock)
        {
            int at = (int)Math.Max(0, from - (_next.Sequence - _events.Count));
            return at >= _events.Count ? [] : _events.GetRange(at, Math.Min(most, _events.Count - at));
        }
    }

    /// <summary>The sequence number of the first event at a position, which may be one that is yet to come.</summary>
    public long Find(StartPosition position)
    {
        lock (_lock)
        {
            return position.Kind == StartKind.Latest ? _next.Sequence : _events.Find(position.Has)?.Sequence ?? _next.Sequence;
        }
    }

    /// <summary>Lets go of events as retention does: all before a sequence number.</summary>
    public void Trim(long before)
    {
        lock (_lock)
        {
            _events.RemoveAll(e => e.Sequence < before);
            _file?.Replace(_events, _next);
        }
    }

    /// <summary>Leaves a gap in the offsets.</summary>
    public void Skip(long bytes)
    {
        lock (_lock)
        {
            _next.Offset += bytes;
        }
    }

    public void Dispose() => _file?.Dispose();
}

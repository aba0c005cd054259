namespace Pnl.Rates;

/// <summary>
/// Sealed months that were read lately, for all tokens of a process, up to a number of bytes; the least recently used go
/// first. An entry belongs to one activation of a token's grain, which replaces it when it rewrites the month: what an
/// earlier activation left here is never found again.
/// </summary>
public sealed class SegmentCache(long capacityBytes)
{
    private const int EntryOverheadBytes = 150;

    private readonly Lock _lock = new();
    private readonly Dictionary<(long Owner, int Month), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];
    private long _owners, _bytes;

    /// <summary>Bytes held.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    /// <summary>A number for an activation, never given twice.</summary>
    public long NewOwner() => Interlocked.Increment(ref _owners);

    /// <summary>A month that is here, or null.</summary>
    public Segment? Find(long owner, int month)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue((owner, month), out LinkedListNode<Entry>? node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Segment;
        }
    }

    /// <summary>Puts a month in, in place of what was there.</summary>
    public void Put(long owner, int month, Segment segment)
    {
        lock (_lock)
        {
            Remove((owner, month));
            _entries[(owner, month)] = _byUse.AddFirst(new Entry(owner, month, segment));
            _bytes += segment.Bytes.Length + EntryOverheadBytes;
            while (_bytes > capacityBytes && _byUse.Last is { } oldest)
            {
                Remove((oldest.Value.Owner, oldest.Value.Month));
            }
        }
    }

    /// <summary>Replaces a month only if it is here: a rewritten month that nobody reads need not displace others.</summary>
    public void Refresh(long owner, int month, Segment segment)
    {
        lock (_lock)
        {
            if (_entries.ContainsKey((owner, month)))
            {
                Put(owner, month, segment);
            }
        }
    }

    private void Remove((long Owner, int Month) key)
    {
        if (_entries.Remove(key, out LinkedListNode<Entry>? node))
        {
            _byUse.Remove(node);
            _bytes -= node.Value.Segment.Bytes.Length + EntryOverheadBytes;
        }
    }

    private sealed record Entry(long Owner, int Month, Segment Segment);
}

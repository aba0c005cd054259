using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;

namespace Pnl;

/// <summary>
/// Bars of a run of UTC days of one token, compressed: a sealed month, or the open days at the end. Immutable bytes:
/// <code>
/// version    1 byte, 2
/// base day   4 bytes, days since the Unix epoch
/// days       1 byte, the number of days that hold bars
/// directory  4 bytes a day: offset of its block in the upper 24 bits, day - base day in the lower 8
/// blocks     see DayBlock
/// checksum   CRC-32 of everything before
/// </code>
/// A read of a range decodes only the days at its ends, and takes the summaries of those between. A segment of version 1,
/// whose days held other sums, is made anew from its bars where it is opened.
/// </summary>
public sealed class Segment
{
    private const byte CurrentVersion = 2, FirstVersion = 1;
    private const int HeaderLength = 6, ChecksumLength = 4;

    private readonly byte[] _bytes;

    private Segment(byte[] bytes) => _bytes = bytes;

    /// <summary>The form to be stored. Not to be changed.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The first day that the segment may hold, counted since the Unix epoch.</summary>
    internal int BaseDay => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(1));

    /// <summary>Number of days that hold bars.</summary>
    internal int DayCount => _bytes[5];

    /// <summary>Takes stored bytes after checking them.</summary>
    /// <param name="bytes">The bytes, which are kept and must not change.</param>
    /// <param name="name">What they are, for the message: token and month.</param>
    /// <exception cref="SegmentCorruptException">The length or the checksum does not hold.</exception>
    /// <exception cref="LaterReleaseException">The version is unknown.</exception>
    public static Segment Open(byte[] bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (bytes.Length < HeaderLength + ChecksumLength)
        {
            throw new SegmentCorruptException($"{name}: {bytes.Length} bytes are too few for a segment");
        }

        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - ChecksumLength));
        uint computed = Crc32.HashToUInt32(bytes.AsSpan(0, bytes.Length - ChecksumLength));
        if (stored != computed)
        {
            throw new SegmentCorruptException($"{name}: checksum {computed:x8} does not equal the stored {stored:x8}");
        }

        if (bytes[0] is not (CurrentVersion or FirstVersion))
        {
            throw bytes[0] > CurrentVersion
                ? new LaterReleaseException($"{name}: version {bytes[0]} is a later release's and is left as it is, this one reads versions up to {CurrentVersion}")
                : new SegmentCorruptException($"{name}: there is no version {bytes[0]}");
        }

        Segment segment = new(bytes);
        int end = HeaderLength + segment.DayCount * 4;
        int previous = end, previousDay = -1;
        for (int i = 0; i < segment.DayCount && end + ChecksumLength <= bytes.Length; i++)
        {
            uint entry = segment.Entry(i);
            if ((int)(entry >> 8) < previous || (int)(entry & 0xFF) <= previousDay || (i == 0 && entry >> 8 != end))
            {
                end = int.MaxValue - ChecksumLength;
            }

            (previous, previousDay) = ((int)(entry >> 8), (int)(entry & 0xFF));
        }

        return Math.Max(end, previous) + ChecksumLength > bytes.Length
            ? throw new SegmentCorruptException($"{name}: the directory of days is malformed")
            : bytes[0] == CurrentVersion ? segment : segment.FromFirstVersion(name);
    }

    /// <summary>The day of entry <paramref name="i"/>, counted since the Unix epoch; days ascend.</summary>
    internal int Day(int i) => BaseDay + (int)(Entry(i) & 0xFF);

    /// <summary>The encoded bars of entry <paramref name="i"/>.</summary>
    internal ReadOnlySpan<byte> Block(int i) => BlockBytes(i).Span;

    /// <inheritdoc cref="Block"/>
    internal ReadOnlyMemory<byte> BlockBytes(int i)
    {
        int start = (int)(Entry(i) >> 8);
        int end = i + 1 < DayCount ? (int)(Entry(i + 1) >> 8) : _bytes.Length - ChecksumLength;
        return _bytes.AsMemory(start, end - start);
    }

    /// <summary>Index of the first entry at or after a day; <see cref="DayCount"/> if there is none.</summary>
    internal int IndexAtOrAfter(int day)
    {
        int low = 0, high = DayCount;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Day(middle) < day ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Summary of entry <paramref name="i"/>, as stored with it.</summary>
    internal RateSummary Summary(int i) => DayBlock.Summary(Block(i), Day(i));

    /// <summary>Summary of all bars, folded from those of the days.</summary>
    public RateSummary Summary()
    {
        RateSummary summary = default;
        for (int i = 0; i < DayCount; i++)
        {
            summary += Summary(i);
        }

        return summary;
    }

    /// <summary>Decodes the bars of entry <paramref name="i"/> into a buffer.</summary>
    internal void Decode(int i, DayBars into) => DayBlock.Decode(Block(i), Day(i), into);

    /// <summary>All bars, in order. For export and tests; windows and series never need it.</summary>
    public IReadOnlyList<Bar> ToBars()
    {
        List<Bar> bars = [];
        DayBars day = DayBars.Rent();
        for (int i = 0; i < DayCount; i++)
        {
            Decode(i, day);
            day.CopyTo(bars);
        }

        day.Return();
        return bars;
    }

    /// <summary>
    /// Summary recomputed from the decoded bars, not from the stored summaries: what an audit or a benchmark runs.
    /// </summary>
    public RateSummary Recompute()
    {
        RateSummary summary = default;
        DayBars day = DayBars.Rent();
        for (int i = 0; i < DayCount; i++)
        {
            Decode(i, day);
            summary += day.Summary(0, day.Count);
        }

        day.Return();
        return summary;
    }

    private Segment FromFirstVersion(string name)
    {
        using Builder builder = new();
        DayBars bars = DayBars.Rent();
        try
        {
            for (int i = 0; i < DayCount; i++)
            {
                DayBlock.DecodeFirstVersion(Block(i), Day(i), bars);
                builder.Add(Day(i), bars);
            }

            return builder.Build(BaseDay);
        }
        catch (SegmentCorruptException e)
        {
            throw new SegmentCorruptException($"{name}: {e.Message}", e);
        }
        finally
        {
            bars.Return();
        }
    }

    private uint Entry(int i) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(HeaderLength + i * 4));

    /// <summary>Writes a segment day by day, in order. Its room is borrowed until it is disposed.</summary>
    internal sealed class Builder : IDisposable
    {
        private readonly List<(int Day, int Offset, int Length)> _days = [];
        private byte[] _blocks = ArrayPool<byte>.Shared.Rent(16 * 1024);
        private int _length;

        public bool IsEmpty => _days.Count == 0;

        public void Dispose()
        {
            ArrayPool<byte>.Shared.Return(_blocks);
            _blocks = [];
        }

        public void Reset()
        {
            _days.Clear();
            _length = 0;
        }

        public void Add(int day, ReadOnlySpan<byte> block)
        {
            Reserve(block.Length);
            block.CopyTo(_blocks.AsSpan(_length));
            _days.Add((day, _length, block.Length));
            _length += block.Length;
        }

        public void Add(int day, DayBars bars)
        {
            Reserve(DayBlock.MaxLength);
            int length = DayBlock.Encode(bars, _blocks.AsSpan(_length));
            _days.Add((day, _length, length));
            _length += length;
        }

        public Segment Build(int baseDay)
        {
            int start = HeaderLength + _days.Count * 4;
            byte[] bytes = GC.AllocateUninitializedArray<byte>(start + _length + ChecksumLength);
            bytes[0] = CurrentVersion;
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), baseDay);
            bytes[5] = checked((byte)_days.Count);
            for (int i = 0; i < _days.Count; i++)
            {
                uint entry = ((uint)(start + _days[i].Offset) << 8) | checked((byte)(_days[i].Day - baseDay));
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(HeaderLength + i * 4), entry);
            }

            _blocks.AsSpan(0, _length).CopyTo(bytes.AsSpan(start));
            uint checksum = Crc32.HashToUInt32(bytes.AsSpan(0, bytes.Length - ChecksumLength));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - ChecksumLength), checksum);
            return new Segment(bytes);
        }

        private void Reserve(int length)
        {
            if (_blocks.Length - _length < length)
            {
                byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_blocks.Length * 2, _length + length));
                _blocks.AsSpan(0, _length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_blocks);
                _blocks = larger;
            }
        }
    }
}

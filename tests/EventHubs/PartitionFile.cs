using System.Buffers.Binary;
using System.IO.Hashing;

namespace Pnl.Tests.EventHubs;

/// <summary>
/// A partition's events in a file: they survive the death of the process, not that of the machine. A record that was cut
/// short, at the end, was never acknowledged and is dropped.
/// </summary>
internal sealed class PartitionFile : IDisposable
{
    private const int HeaderBytes = 16, RecordBytes = 32; // next sequence and offset; length, checksum, sequence, offset, time

    private readonly string _path;
    private FileStream _file;

    private PartitionFile(string path, FileStream file) => (_path, _file) = (path, file);

    /// <summary>Opens the file of a partition, or makes it.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="events">What is in it.</param>
    /// <param name="next">Sequence and offset of the next event if there is none.</param>
    public static PartitionFile Open(string path, out List<StoredEvent> events, out (long Sequence, long Offset) next)
    {
        FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        events = [];
        next = default;
        int at = HeaderBytes;
        if (bytes.Length < HeaderBytes)
        {
            at = 0;
            file.SetLength(0);
            file.Write(Header(next));
        }
        else
        {
            next = (BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)));
            while (TryRead(bytes.AsSpan(at), out StoredEvent? read, out int length))
            {
                events.Add(read!);
                at += length;
            }

            file.SetLength(at);
            file.Position = at;
        }

        return new(path, file);
    }

    public void Append(IReadOnlyList<StoredEvent> events)
    {
        byte[] bytes = new byte[events.Sum(e => RecordBytes + e.Encoded.Length)];
        int at = 0;
        foreach (StoredEvent e in events)
        {
            at += Write(bytes.AsSpan(at), e);
        }

        _file.Write(bytes);
    }

    /// <summary>Puts other events in place of all that there are.</summary>
    public void Replace(IReadOnlyList<StoredEvent> events, (long Sequence, long Offset) next)
    {
        string fresh = _path + ".new";
        FileStream file = new(fresh, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        file.Write(Header(next));
        _file.Dispose();
        _file = file;
        Append(events);
        File.Move(fresh, _path, overwrite: true);
    }

    public void Dispose() => _file.Dispose();

    private static byte[] Header((long Sequence, long Offset) next)
    {
        byte[] header = new byte[HeaderBytes];
        BinaryPrimitives.WriteInt64LittleEndian(header, next.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), next.Offset);
        return header;
    }

    private static int Write(Span<byte> into, StoredEvent e)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into, e.Encoded.Length);
        BinaryPrimitives.WriteInt64LittleEndian(into[8..], e.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(into[16..], e.Offset);
        BinaryPrimitives.WriteInt64LittleEndian(into[24..], e.Enqueued.Ticks);
        e.Encoded.CopyTo(into[RecordBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(into[4..], Crc32.HashToUInt32(into[8..(RecordBytes + e.Encoded.Length)]));
        return RecordBytes + e.Encoded.Length;
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, out StoredEvent? read, out int length)
    {
        (read, length) = (null, 0);
        if (bytes.Length < RecordBytes)
        {
            return false;
        }

        length = RecordBytes + BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < RecordBytes || length > bytes.Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Crc32.HashToUInt32(bytes[8..length]))
        {
            return false;
        }

        read = new(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            new DateTime(BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]), DateTimeKind.Utc),
            bytes[RecordBytes..length].ToArray());
        return true;
    }
}

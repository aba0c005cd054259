using System.Buffers.Binary;

namespace Pnl.Rates;

/// <summary>
/// What SQLite would take from a write-ahead log (https://www.sqlite.org/fileformat.html#the_write_ahead_log): transactions whose frames bear the
/// header's salt and continue its checksum, up to the last that is whole.
/// </summary>
/// <param name="IsEmpty">Whether that is nothing.</param>
/// <param name="Generation">The application's number in the last first page; null if no transaction wrote that page.</param>
internal readonly record struct LogContent(bool IsEmpty, uint? Generation)
{
    private const int HeaderLength = 32, FrameHeaderLength = 24, ChecksummedOfHeader = 24, ChecksummedOfFrame = 8;
    private const uint Magic = 0x377f0682; // with the last bit set where checksums are over big-endian words

    /// <summary>The salt by which this filling of the log differs from the one before; null if there is none.</summary>
    public static ulong? SaltOf(string path)
    {
        byte[] header = new byte[HeaderLength];
        using FileStream? file = Open(path);
        return file?.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) == HeaderLength ? BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(16)) : null;
    }

    /// <summary>Reads a log, without opening the database.</summary>
    public static LogContent Read(string path)
    {
        LogContent content = new(true, null);
        byte[] header = new byte[HeaderLength];
        using FileStream? file = Open(path);
        if (file is null || file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength || (Word(header, 0) & ~1u) != Magic)
        {
            return content;
        }

        bool bigEndian = (Word(header, 0) & 1) == 1;
        int pageSize = (int)Word(header, 8);
        (uint First, uint Second) sum = Checksum((0, 0), header.AsSpan(0, ChecksummedOfHeader), bigEndian);
        if (sum != (Word(header, 24), Word(header, 28)) || pageSize is < 512 or > 65536)
        {
            return content;
        }

        byte[] frame = new byte[FrameHeaderLength + pageSize];
        for (uint? generation = null; file.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length;)
        {
            if (!frame.AsSpan(8, 8).SequenceEqual(header.AsSpan(16, 8)))
            {
                break;
            }

            sum = Checksum(Checksum(sum, frame.AsSpan(0, ChecksummedOfFrame), bigEndian), frame.AsSpan(FrameHeaderLength), bigEndian);
            if (sum != (Word(frame, 16), Word(frame, 20)))
            {
                break;
            }

            generation = Word(frame, 0) == 1 ? DatabaseHeader.Of(frame.AsSpan(FrameHeaderLength)).ApplicationId : generation;
            if (Word(frame, 4) != 0) // the last frame of a transaction
            {
                content = new(false, generation);
            }
        }

        return content;
    }

    private static FileStream? Open(string path) => File.Exists(path) ? new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20) : null;

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);

    private static (uint First, uint Second) Checksum((uint First, uint Second) sum, ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        for (int at = 0; at < bytes.Length; at += 8)
        {
            uint one = bigEndian ? Word(bytes, at) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
            uint two = bigEndian ? Word(bytes, at + 4) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]);
            sum.First = unchecked(sum.First + one + sum.Second);
            sum.Second = unchecked(sum.Second + two + sum.First);
        }

        return sum;
    }
}

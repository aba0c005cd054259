using System.IO.Compression;

namespace Pnl.Rates;

/// <summary>
/// Decompresses a gzip file of any number of members and fails if the file was cut off, or if anything but a member follows one.
/// <see cref="GZipStream"/> alone ends such a file quietly, and half of a rate is a rate too: 1234.5 becomes 12.
/// <para>
/// How: a member of our own is put behind the file. If the file is whole, its content comes out last; if not, its bytes
/// are taken for the missing ones, and it does not. What comes out once it went in is held back until that is known.
/// </para>
/// </summary>
internal sealed class WholeGzip : Stream
{
    private static readonly byte[] Mark = "\n# the end of the file #\n"u8.ToArray();
    private static readonly byte[] MarkMember = Compressed(Mark);

    private readonly Followed _compressed;
    private readonly GZipStream _content;
    private MemoryStream? _heldBack;

    public WholeGzip(Stream file)
    {
        _compressed = new Followed(file);
        _content = new GZipStream(_compressed, CompressionMode.Decompress);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        if (_heldBack is null)
        {
            int read = _content.Read(buffer);
            if (!_compressed.InMark)
            {
                // GZipStream ends quietly before what is no member, and so would leave out all that follows a damaged header.
                return read > 0 ? read : throw new InvalidDataException("what follows a member of the compressed data is none");
            }

            _heldBack = HoldBack(buffer[..read]);
        }

        return _heldBack.Read(buffer);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
            _heldBack?.Dispose();
        }

        base.Dispose(disposing);
    }

    private static byte[] Compressed(byte[] content)
    {
        using MemoryStream member = new();
        using (GZipStream gzip = new(member, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return member.ToArray();
    }

    private MemoryStream HoldBack(ReadOnlySpan<byte> first)
    {
        // Small: a few dozen bytes of input are left, and deflate expands them about a thousandfold at most.
        MemoryStream rest = new();
        rest.Write(first);
        _content.CopyTo(rest);
        if (!rest.GetBuffer().AsSpan(0, (int)rest.Length).EndsWith(Mark))
        {
            throw new InvalidDataException("the compressed data ends before its end mark, or other data follows it");
        }

        rest.SetLength(rest.Length - Mark.Length);
        rest.Position = 0;
        return rest;
    }

    /// <summary>The file, and behind it the member with the mark.</summary>
    private sealed class Followed(Stream file) : Stream
    {
        private int _given;

        /// <summary>Whether a byte of the mark has been given out.</summary>
        public bool InMark { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (!InMark)
            {
                int read = file.Read(buffer);
                if (read > 0 || buffer.IsEmpty)
                {
                    return read;
                }

                InMark = true;
            }

            int count = Math.Min(buffer.Length, MarkMember.Length - _given);
            MarkMember.AsSpan(_given, count).CopyTo(buffer);
            _given += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                file.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}

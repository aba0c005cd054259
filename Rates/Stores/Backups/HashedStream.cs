using System.Security.Cryptography;

namespace Pnl.Rates;

/// <summary>Reads another stream, and takes the SHA-256 of what was read.</summary>
internal sealed class HashedStream(Stream from) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public override bool CanRead => true;

    public override bool CanSeek => from.CanSeek;

    public override bool CanWrite => false;

    public override long Length => from.Length;

    public override long Position { get => from.Position; set => throw new NotSupportedException("it is read once"); }

    /// <summary>Of what was read so far, as 64 hexadecimal digits; once.</summary>
    public string Sha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public override int Read(Span<byte> buffer)
    {
        int read = from.Read(buffer);
        _hash.AppendData(buffer[..read]);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await from.ReadAsync(buffer, cancellationToken);
        _hash.AppendData(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => throw new NotSupportedException("it is read");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("it is read once");

    public override void SetLength(long value) => throw new NotSupportedException("it is read");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("it is read");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}

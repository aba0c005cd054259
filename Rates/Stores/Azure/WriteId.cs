using System.Globalization;

namespace Pnl.Rates;

/// <summary>
/// The name of one attempt to write, given never twice, whichever process makes it. A row that says by which write it came
/// tells a writer who got no answer whether it was his; a row whose key holds it is nobody else's.
/// </summary>
/// <param name="Revision">The revision to which the write leads.</param>
/// <param name="Nonce">Makes it different from any other.</param>
internal readonly record struct WriteId(long Revision, ulong Nonce)
{
    public static WriteId Parse(string text) => new(
        long.Parse(text.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
        ulong.Parse(text.AsSpan(17), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    /// <summary>Of a fixed length, in the order of the revisions.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Revision:x16}-{Nonce:x16}");
}

/// <summary>Gives names to the writes of this process.</summary>
/// <param name="writer">A random number, so that no two processes give the same.</param>
internal sealed class WriteIds(ulong writer)
{
    private ulong _last = writer;

    public WriteId Next(long revision) => new(revision, Interlocked.Increment(ref _last));
}

using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Pnl.Rates;

/// <summary>
/// The stored index of a token's sealed months: of each its number, the write by which it came, and its summary. Beside it, in
/// the same order, a checksum of each, so that one that is damaged is made anew from its month's bars and the others are good.
/// </summary>
internal static class MonthIndex
{
    private const int SumLength = 8;
    private const int KeyLength = 4 + 8 + 8, EntryLength = KeyLength + MonthSummary.StoredLength, FirstFormatLength = KeyLength + MonthSummary.FirstVersionLength;

    public static byte[] Bytes(ImmutableArray<(int Month, WriteId Write)> writes, ImmutableArray<MonthSummary> months)
    {
        if (!writes.Select(month => month.Month).SequenceEqual(months.Select(month => month.Month)))
        {
            throw new ArgumentException("a history's months are those that were written", nameof(months));
        }

        byte[] bytes = new byte[writes.Length * EntryLength];
        for (int i = 0; i < writes.Length; i++)
        {
            Span<byte> to = bytes.AsSpan(i * EntryLength);
            BinaryPrimitives.WriteInt32LittleEndian(to, writes[i].Month);
            BinaryPrimitives.WriteInt64LittleEndian(to[4..], writes[i].Write.Revision);
            BinaryPrimitives.WriteUInt64LittleEndian(to[12..], writes[i].Write.Nonce);
            months[i].Store().CopyTo(to[KeyLength..]);
        }

        return bytes;
    }

    /// <summary>The checksums of what <see cref="Bytes"/> gave.</summary>
    public static byte[] Sums(ReadOnlySpan<byte> bytes, string token)
    {
        byte[] sums = new byte[bytes.Length / EntryLength * SumLength];
        for (int i = 0; i * SumLength < sums.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(sums.AsSpan(i * SumLength), Sum(bytes.Slice(i * EntryLength, EntryLength), token));
        }

        return sums;
    }

    /// <summary>Reads of an index that is damaged what holds: each month with the write by which it came, and its summary if its checksum holds.</summary>
    /// <exception cref="SegmentCorruptException">There is not a checksum for each month.</exception>
    public static ImmutableArray<(int Month, WriteId Write, MonthSummary? Summary)> Held(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> sums, string token)
    {
        if (bytes.Length / EntryLength != sums.Length / SumLength)
        {
            throw new SegmentCorruptException($"the index of the months of {token} is damaged: it has not a checksum for each month");
        }

        ImmutableArray<(int Month, WriteId Write)> writes = Writes(bytes, EntryLength, token);
        ImmutableArray<(int, WriteId, MonthSummary?)>.Builder months = ImmutableArray.CreateBuilder<(int, WriteId, MonthSummary?)>(writes.Length);
        for (int i = 0; i < writes.Length; i++)
        {
            ReadOnlySpan<byte> entry = bytes.Slice(i * EntryLength, EntryLength);
            bool holds = BinaryPrimitives.ReadInt64LittleEndian(sums[(i * SumLength)..]) == Sum(entry, token);
            months.Add((writes[i].Month, writes[i].Write, holds ? MonthSummary.Restore(writes[i].Month, entry[KeyLength..]) : null));
        }

        return months.MoveToImmutable();
    }

    private static long Sum(ReadOnlySpan<byte> entry, string token) => RowSum.Of("index", token, entry.ToArray());

    /// <summary>Reads what <see cref="Bytes"/> gave.</summary>
    /// <exception cref="SegmentCorruptException">The length does not hold.</exception>
    public static (ImmutableArray<(int Month, WriteId Write)> Writes, ImmutableArray<MonthSummary> Months) Read(ReadOnlySpan<byte> bytes, string token)
    {
        ImmutableArray<(int Month, WriteId)> writes = Writes(bytes, EntryLength, token);
        ImmutableArray<MonthSummary>.Builder months = ImmutableArray.CreateBuilder<MonthSummary>(writes.Length);
        for (int i = 0; i < writes.Length; i++)
        {
            months.Add(MonthSummary.Restore(writes[i].Month, bytes[(i * EntryLength + KeyLength)..((i + 1) * EntryLength)]));
        }

        return (writes, months.MoveToImmutable());
    }

    /// <summary>The writes alone, of an index of this or the first format.</summary>
    /// <exception cref="SegmentCorruptException">The length does not hold.</exception>
    public static ImmutableArray<(int Month, WriteId Write)> WritesOf(ReadOnlySpan<byte> bytes, int format, string token) =>
        Writes(bytes, format == 1 ? FirstFormatLength : EntryLength, token);

    private static ImmutableArray<(int Month, WriteId Write)> Writes(ReadOnlySpan<byte> bytes, int length, string token)
    {
        if (bytes.Length % length != 0)
        {
            throw new SegmentCorruptException($"the index of the months of {token} has {bytes.Length} bytes, which are no number of entries");
        }

        ImmutableArray<(int, WriteId)>.Builder writes = ImmutableArray.CreateBuilder<(int, WriteId)>(bytes.Length / length);
        for (; !bytes.IsEmpty; bytes = bytes[length..])
        {
            writes.Add((BinaryPrimitives.ReadInt32LittleEndian(bytes), new(BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[12..]))));
        }

        return writes.MoveToImmutable();
    }
}

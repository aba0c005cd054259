using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Pnl.Rates;

/// <summary>The stored index of a token's sealed months: of each its number, the write by which it came, and its summary.</summary>
internal static class MonthIndex
{
    private const int EntryLength = 4 + 8 + 8 + MonthSummary.StoredLength;

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
            months[i].Store().CopyTo(to[20..]);
        }

        return bytes;
    }

    /// <exception cref="SegmentCorruptException">The length does not hold.</exception>
    public static (ImmutableArray<(int Month, WriteId Write)> Writes, ImmutableArray<MonthSummary> Months) Read(ReadOnlySpan<byte> bytes, string token)
    {
        if (bytes.Length % EntryLength != 0)
        {
            throw new SegmentCorruptException($"the index of the months of {token} has {bytes.Length} bytes, which are no number of entries");
        }

        ImmutableArray<(int, WriteId)>.Builder writes = ImmutableArray.CreateBuilder<(int, WriteId)>(bytes.Length / EntryLength);
        ImmutableArray<MonthSummary>.Builder months = ImmutableArray.CreateBuilder<MonthSummary>(bytes.Length / EntryLength);
        for (; !bytes.IsEmpty; bytes = bytes[EntryLength..])
        {
            int month = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            writes.Add((month, new(BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[12..]))));
            months.Add(MonthSummary.Restore(month, bytes[20..EntryLength]));
        }

        return (writes.MoveToImmutable(), months.MoveToImmutable());
    }
}

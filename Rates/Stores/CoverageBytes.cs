using System.Buffers.Binary;
using System.Text;

namespace Pnl.Rates;

/// <summary>
/// The stored form of what is known of a history besides its bars. Where there is nothing but a <see cref="Coverage"/> of 5
/// minutes, it is two 32-bit integers a range. Else, after the integer -2, which is no slot, come as 32-bit integers, each
/// list behind its length: the ranges; the runs of coarser bars (from, to, interval); the ranges read at coarser intervals;
/// the ranges that could not be converted; the tokens that bars were converted by (length of the id in UTF-8, id;
/// revision, time and value of the digest in 64 bits each). Last, only if there are any, the receipts of backfills: see <see cref="Of(BackfillReceipts)"/>.
/// </summary>
internal static class CoverageBytes
{
    private const int Wider = -2;

    /// <summary>What was stored.</summary>
    public readonly record struct Known(Coverage Coverage, CoarseBars Coarse, StoredConversions Conversions, BackfillReceipts Receipts);

    /// <summary>The bytes of receipts: their number, and of each its id; landed, imported, corrected and quarantined in 64 bits each; the listings with their ranges.</summary>
    public static byte[] Of(BackfillReceipts receipts)
    {
        MemoryStream to = new();
        using BinaryWriter writer = new(to);
        Write(writer, receipts);
        writer.Flush();
        return to.ToArray();
    }

    public static byte[] Of(TokenHistory history, StoredConversions conversions, BackfillReceipts receipts)
    {
        Coverage coverage = history.Coverage;
        if (history.Coarse.IsNone && conversions.IsNone && receipts.All.IsEmpty)
        {
            byte[] bytes = new byte[coverage.Ranges.Length * 8];
            for (int i = 0; i < coverage.Ranges.Length; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * 8), coverage.Ranges[i].From);
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * 8 + 4), coverage.Ranges[i].To);
            }

            return bytes;
        }

        MemoryStream to = new();
        using BinaryWriter writer = new(to);
        writer.Write(Wider);
        Write(writer, coverage);
        writer.Write(history.Coarse.Runs.Length);
        foreach (CoarseRun run in history.Coarse.Runs)
        {
            writer.Write(run.Range.From);
            writer.Write(run.Range.To);
            writer.Write((int)run.Interval);
        }

        Write(writer, history.Coarse.Coverage);
        Write(writer, conversions.Unconverted);
        writer.Write(conversions.Seen.Count);
        foreach ((string token, SeenRates seen) in conversions.Seen.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Write(writer, token);
            writer.Write(seen.Revision);
            writer.Write(seen.DigestTo);
            writer.Write(seen.Digest);
        }

        if (!receipts.All.IsEmpty)
        {
            Write(writer, receipts);
        }

        writer.Flush();
        return to.ToArray();
    }

    private static void Write(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static void Write(BinaryWriter writer, Coverage of)
    {
        writer.Write(of.Ranges.Length);
        foreach (SlotRange range in of.Ranges)
        {
            writer.Write(range.From);
            writer.Write(range.To);
        }
    }

    private static void Write(BinaryWriter writer, BackfillReceipts receipts)
    {
        writer.Write(receipts.All.Length);
        foreach (BackfillReceipt receipt in receipts.All)
        {
            Write(writer, receipt.Backfill);
            writer.Write(receipt.Landed);
            writer.Write(receipt.Imported);
            writer.Write(receipt.Corrected);
            writer.Write(receipt.Quarantined);
            writer.Write(receipt.Handed.Count);
            foreach ((string listing, Coverage handed) in receipt.Handed)
            {
                Write(writer, listing);
                Write(writer, handed);
            }
        }
    }

    /// <exception cref="SegmentCorruptException">They are none.</exception>
    public static BackfillReceipts ReadReceipts(byte[] bytes, string name)
    {
        try
        {
            using BinaryReader reader = new(new MemoryStream(bytes));
            BackfillReceipts receipts = ReadReceipts(reader);
            return reader.BaseStream.Position == bytes.Length ? receipts : throw new InvalidDataException("it is longer than it says");
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw new SegmentCorruptException($"{name} is damaged: {e.Message}");
        }
    }

    private static BackfillReceipts ReadReceipts(BinaryReader reader)
    {
        List<BackfillReceipt> receipts = [];
        for (int left = Count(reader, 40); left > 0; left--)
        {
            BackfillReceipt receipt = new(Text(reader))
            {
                Landed = reader.ReadInt64(), Imported = reader.ReadInt64(), Corrected = reader.ReadInt64(), Quarantined = reader.ReadInt64(),
            };
            for (int listings = Count(reader, 8); listings > 0; listings--)
            {
                receipt = receipt with { Handed = receipt.Handed.SetItem(Text(reader), Coverage.Of(Ranges(Count(reader, 8), reader))) };
            }

            receipts.Add(receipt);
        }

        return new([.. receipts]);
    }

    private static string Text(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes(Count(reader, 1)));

    private static bool IsWider(byte[] bytes) => bytes.Length >= 4 && BinaryPrimitives.ReadInt32LittleEndian(bytes) == Wider;

    /// <exception cref="SegmentCorruptException">It is none.</exception>
    public static Known Read(byte[] bytes, string name)
    {
        if (!IsWider(bytes))
        {
            return bytes.Length % 8 == 0
                ? new(Coverage.Of(Ranges(bytes.Length / 8, new BinaryReader(new MemoryStream(bytes)))), CoarseBars.None, StoredConversions.None, BackfillReceipts.None)
                : throw new SegmentCorruptException($"{name} has {bytes.Length} bytes, which are no number of ranges");
        }

        try
        {
            using BinaryReader reader = new(new MemoryStream(bytes));
            reader.ReadInt32();
            Coverage coverage = Coverage.Of(Ranges(Count(reader, 8), reader));
            List<CoarseRun> runs = [];
            for (int left = Count(reader, 12); left > 0; left--)
            {
                CoarseRun run = new(new(reader.ReadInt32(), reader.ReadInt32()), (Interval)reader.ReadInt32());
                runs.Add(run.Interval is > Interval.FiveMinutes and <= Interval.Day && run.Range.From >= (runs.Count == 0 ? 0 : runs[^1].Range.To) && !run.Range.IsEmpty
                    ? run : throw new InvalidDataException("a run of coarser bars is malformed"));
            }

            Coverage coarse = Coverage.Of(Ranges(Count(reader, 8), reader)), unconverted = Coverage.Of(Ranges(Count(reader, 8), reader));
            Dictionary<string, SeenRates> seen = [];
            for (int left = Count(reader, 28); left > 0; left--)
            {
                string token = Text(reader);
                seen[token] = new(reader.ReadInt64(), reader.ReadInt64(), reader.ReadUInt64());
            }

            BackfillReceipts receipts = reader.BaseStream.Position < bytes.Length ? ReadReceipts(reader) : BackfillReceipts.None;
            return reader.BaseStream.Position == bytes.Length
                ? new(coverage, CoarseBars.Of(runs, coarse), seen.Count == 0 && unconverted.Ranges.IsEmpty ? StoredConversions.None : new(seen, unconverted), receipts)
                : throw new InvalidDataException("it is longer than it says");
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw new SegmentCorruptException($"{name} is damaged: {e.Message}");
        }
    }

    private static int Count(BinaryReader reader, int bytesEach)
    {
        int count = reader.ReadInt32();
        return count >= 0 && (long)count * bytesEach <= reader.BaseStream.Length - reader.BaseStream.Position
            ? count : throw new InvalidDataException("a list is longer than the bytes");
    }

    private static IEnumerable<SlotRange> Ranges(int count, BinaryReader reader)
    {
        for (; count > 0; count--)
        {
            yield return new(reader.ReadInt32(), reader.ReadInt32());
        }
    }
}

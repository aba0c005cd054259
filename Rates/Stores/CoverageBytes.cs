using System.Buffers.Binary;
using System.Text;

namespace Pnl.Rates;

/// <summary>
/// The stored form of what is known of a history besides its bars. Where there is nothing but a <see cref="Coverage"/> of 5
/// minutes, it is two 32-bit integers a range. Else, after the integer -2, which is no slot, come as 32-bit integers, each
/// list behind its length: the ranges; the runs of coarser bars (from, to, interval); the ranges read at coarser intervals;
/// the ranges that could not be converted; the tokens that bars were converted by (length of the id in UTF-8, id;
/// revision, time and value of the digest in 64 bits each).
/// </summary>
internal static class CoverageBytes
{
    private const int Wider = -2;

    /// <summary>What was stored.</summary>
    public readonly record struct Known(Coverage Coverage, CoarseBars Coarse, StoredConversions Conversions);

    public static byte[] Of(TokenHistory history, StoredConversions conversions)
    {
        Coverage coverage = history.Coverage;
        if (history.Coarse.IsNone && conversions.IsNone)
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
        Write(coverage);
        writer.Write(history.Coarse.Runs.Length);
        foreach (CoarseRun run in history.Coarse.Runs)
        {
            writer.Write(run.Range.From);
            writer.Write(run.Range.To);
            writer.Write((int)run.Interval);
        }

        Write(history.Coarse.Coverage);
        Write(conversions.Unconverted);
        writer.Write(conversions.Seen.Count);
        foreach ((string token, SeenRates seen) in conversions.Seen.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            byte[] id = Encoding.UTF8.GetBytes(token);
            writer.Write(id.Length);
            writer.Write(id);
            writer.Write(seen.Revision);
            writer.Write(seen.DigestTo);
            writer.Write(seen.Digest);
        }

        writer.Flush();
        return to.ToArray();

        void Write(Coverage of)
        {
            writer.Write(of.Ranges.Length);
            foreach (SlotRange range in of.Ranges)
            {
                writer.Write(range.From);
                writer.Write(range.To);
            }
        }
    }

    private static bool IsWider(byte[] bytes) => bytes.Length >= 4 && BinaryPrimitives.ReadInt32LittleEndian(bytes) == Wider;

    /// <exception cref="SegmentCorruptException">It is none.</exception>
    public static Known Read(byte[] bytes, string name)
    {
        if (!IsWider(bytes))
        {
            return bytes.Length % 8 == 0
                ? new(Coverage.Of(Ranges(bytes.Length / 8, new BinaryReader(new MemoryStream(bytes)))), CoarseBars.None, StoredConversions.None)
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
                string token = Encoding.UTF8.GetString(reader.ReadBytes(Count(reader, 1)));
                seen[token] = new(reader.ReadInt64(), reader.ReadInt64(), reader.ReadUInt64());
            }

            return reader.BaseStream.Position == bytes.Length
                ? new(coverage, CoarseBars.Of(runs, coarse), seen.Count == 0 && unconverted.Ranges.IsEmpty ? StoredConversions.None : new(seen, unconverted))
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

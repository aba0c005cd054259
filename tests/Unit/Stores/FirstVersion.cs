using System.IO.Hashing;

namespace Pnl.Tests.Unit.Stores;

/// <summary>What the release before stored, made of what this one stores: other sums, of which none is read any more.</summary>
internal static class FirstVersion
{
    /// <summary>A month's summary; with sums of nothing.</summary>
    public static byte[] Of(MonthSummary month) => [.. month.Store()[1..(1 + 12 + 4 * 16 + 8)], .. new byte[8 + 16]];

    /// <summary>A segment whose days have no holes, and rates that are not wide.</summary>
    public static byte[] Of(Segment segment)
    {
        List<byte> directory = [], blocks = [];
        int start = 6 + segment.DayCount * 4;
        for (int i = 0; i < segment.DayCount; i++)
        {
            directory.AddRange(BitConverter.GetBytes(((uint)(start + blocks.Count) << 8) | (uint)(segment.Day(i) - segment.BaseDay)));
            blocks.AddRange(Block(segment.Block(i)));
        }

        byte[] bytes = [1, .. BitConverter.GetBytes(segment.BaseDay), (byte)segment.DayCount, .. directory, .. blocks];
        return [.. bytes, .. Crc32.Hash(bytes)];
    }

    private static byte[] Block(ReadOnlySpan<byte> block)
    {
        Assert.Contains(block[0] & 0xE0, (int[])[0, 0xA0]); // no hole, or the whole day
        int at = 1, count = (block[0] & 0xE0) == 0xA0 ? 288 : 0;
        if (count == 0)
        {
            count = block[at] + 1; // fewer than 128
            at += 1;
            Pass(block, ref at, 1);
        }

        Pass(block, ref at, 1);
        if (count == 1)
        {
            return block.ToArray();
        }

        Pass(block, ref at, 5);
        (int rice, int sums) = (block[at], at + 1);
        at = sums;
        Pass(block, ref at, rice >= 0x40 ? 4 : 2);
        return [.. block[..(sums - 1)], 0x85, 0x07, 0xFF, 0x03, (byte)(rice & 0x3F), .. block[at..]];
    }

    private static void Pass(ReadOnlySpan<byte> block, ref int at, int numbers)
    {
        for (; numbers > 0; numbers--)
        {
            while (block[at++] >= 0x80)
            {
            }
        }
    }
}

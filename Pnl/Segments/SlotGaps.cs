using System.Numerics;

namespace Pnl;

/// <summary>
/// Which slots of a day have bars, from the first bar to the last, as a <see cref="DayBlock"/> keeps it: nothing if none is missing
/// between them; lengths of runs, present and absent in turn, as varints, beginning and ending with present ones; or, if that is
/// shorter, a bitmap of the slots behind the first one, lowest bit first. A flag says which.
/// </summary>
internal static class SlotGaps
{
    /// <summary>Gaps are written as runs.</summary>
    public const int RunsFlag = 0x20;

    /// <summary>Gaps are written as a bitmap.</summary>
    public const int BitmapFlag = 0x80;

    /// <summary>The flags of a block that tell of gaps.</summary>
    public const int Mask = RunsFlag | BitmapFlag;

    /// <summary>Writes the gaps of slots of which at least one is missing; returns the flag of the way that it chose.</summary>
    public static int Write(ReadOnlySpan<int> slots, ref BlockWriter writer)
    {
        int start = writer.Position, bitmapLength = (slots[^1] - slots[0] + 7) / 8;
        for (int i = 0; i < slots.Length;)
        {
            int run = 1;
            while (i + run < slots.Length && slots[i + run] == slots[i] + run)
            {
                run++;
            }

            writer.Varint((uint)run);
            i += run;
            if (i < slots.Length)
            {
                writer.Varint((uint)(slots[i] - slots[i - 1] - 1));
            }
        }

        if (writer.Position - start <= bitmapLength)
        {
            return RunsFlag;
        }

        writer.Position = start;
        Span<byte> bitmap = writer.Take(bitmapLength);
        bitmap.Clear();
        for (int i = 1; i < slots.Length; i++)
        {
            int bit = slots[i] - slots[0] - 1;
            bitmap[bit >> 3] |= (byte)(1 << (bit & 7));
        }

        return BitmapFlag;
    }

    /// <summary>Reads as many slots as there is room for.</summary>
    /// <exception cref="SegmentCorruptException">They are not within the day of the first one.</exception>
    public static void Read(ref BlockReader reader, int flags, int first, Span<int> slots)
    {
        int slot = first;
        if ((flags & Mask) == 0)
        {
            for (int i = 0; i < slots.Length; i++)
            {
                slots[i] = slot + i;
            }
        }
        else if ((flags & RunsFlag) != 0)
        {
            for (int i = 0; i < slots.Length;)
            {
                int run = (int)reader.Varint();
                if (run < 1 || run > slots.Length - i)
                {
                    throw SegmentCorruptException.Block("gaps");
                }

                for (int end = i + run; i < end; i++)
                {
                    slots[i] = slot++;
                }

                if (i < slots.Length)
                {
                    slot += ReadGap(ref reader);
                }
            }

            CheckWithinDay(first, slots[^1]);
        }
        else
        {
            slots[0] = slot;
            for (int i = 1, bit = 0, bits = 0; i < slots.Length; bit++, bits >>= 1)
            {
                if ((bit & 7) == 0)
                {
                    bits = reader.Byte();
                }

                if ((bits & 1) != 0)
                {
                    slots[i++] = slot + 1 + bit;
                }
            }

            CheckWithinDay(first, slots[^1]);
        }
    }

    /// <summary>Passes over the gaps of so many slots; returns the last slot.</summary>
    /// <inheritdoc cref="Read"/>
    public static int Skip(ref BlockReader reader, int flags, int first, int count)
    {
        if ((flags & Mask) == 0)
        {
            return first + count - 1;
        }

        int last = first;
        if ((flags & RunsFlag) != 0)
        {
            last--;
            for (int left = count; left > 0;)
            {
                int run = (int)reader.Varint();
                if (run < 1 || run > left)
                {
                    throw SegmentCorruptException.Block("gaps");
                }

                last += run;
                left -= run;
                if (left > 0)
                {
                    last += ReadGap(ref reader);
                }
            }
        }
        else
        {
            for (int left = count - 1, at = first; left > 0; at += 8)
            {
                int bits = reader.Byte();
                left -= BitOperations.PopCount((uint)bits);
                last = at + 32 - BitOperations.LeadingZeroCount((uint)bits);
            }
        }

        CheckWithinDay(first, last);
        return last;
    }

    // A gap beyond the day would wrap around and make slots go backward, which the check of the last slot cannot see.
    private static int ReadGap(ref BlockReader reader)
    {
        ulong gap = reader.Varint();
        return gap is > 0 and < BarTime.BarsPerDay ? (int)gap : throw SegmentCorruptException.Block("gaps");
    }

    private static void CheckWithinDay(int first, int last)
    {
        if (last < first || BarTime.DayOf(last) != BarTime.DayOf(first))
        {
            throw SegmentCorruptException.Block("gaps");
        }
    }
}

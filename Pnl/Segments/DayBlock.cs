using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pnl;

/// <summary>
/// The codec of one day's bars. A block is
/// <code>
/// flags      1 byte: bits 0-4 the common scale of the rates, 5 gaps as runs, 6 wide rates, 7 gaps as a bitmap;
///            5 and 7 together: all 288 bars are there
/// count - 1  varint, unless all bars are there
/// first slot varint, within the day, unless all bars are there
/// gaps       only if a bar is missing between the first and the last: lengths of runs, present and absent in turn,
///            as varints; or a bitmap of the slots behind the first one, if that is shorter
/// wide:      a scale byte and 12 bytes of mantissa a bar
/// else:      varint first mantissa; last, high, low, peak and trough of the deepest drawdown; Rice parameter k in bits 0-5 of
///            a byte, of which bits 6-7 say how fine sums are; sums of log returns, as what it differs by from the log
///            return of the last rate over the first, and of their squares over the time that they span, in coarse units, and,
///            if they are finer, what is left of both; zig-zag differences of the mantissas, Rice coded with k, least significant
///            bit first
/// </code>
/// In version 1 of segments the byte with k followed the sums, and these were others.
/// The same bars always give the same bytes. Rice codes come within a few per cent of the entropy of market noise
/// (see docs/decisions/0003), where whole bit widths a group waste half a bit a bar and more.
/// </summary>
internal static class DayBlock
{
    private const int RunsFlag = 0x20, WideFlag = 0x40, BitmapFlag = 0x80, WholeDay = RunsFlag | BitmapFlag, ScaleMask = 0x1F;

    // A quotient of this length announces a difference written out in 64 bits.
    private const int Escape = 24;
    private const int MaxRice = 56, RiceMask = 0x3F, FinenessShift = 6;

    // What the roundings of a day's log returns come to at most, in units of 2^-72, and far more than that.
    private const long MostRounding = 1L << 32;

    /// <summary>The most bytes that a block can take.</summary>
    public const int MaxLength = 128 + 2 * BarTime.BarsPerDay + BarTime.BarsPerDay * 14;

    /// <summary>Writes a day's bars; returns the length. The day must hold at least one bar.</summary>
    public static int Encode(DayBars bars, Span<byte> to)
    {
        ReadOnlySpan<int> slots = bars.Slots;
        int count = slots.Length, first = slots[0] % BarTime.BarsPerDay;
        int span = slots[^1] - slots[0] + 1;
        Writer writer = new(to[1..]);
        int flags = bars.Scale;
        if (count == BarTime.BarsPerDay)
        {
            flags |= WholeDay;
        }
        else
        {
            writer.Varint((uint)(count - 1));
            writer.Varint((uint)first);
            flags |= count != span ? EncodeGaps(slots, span, ref writer) : 0;
        }

        if (bars.IsWide)
        {
            flags |= WideFlag;
            for (int i = 0; i < count; i++)
            {
                (UInt128 mantissa, int scale) = Mantissa.Of(bars.Rate(i));
                writer.Byte((byte)scale);
                writer.Fixed(mantissa);
            }
        }
        else
        {
            EncodeRates(bars, ref writer);
        }

        to[0] = (byte)flags;
        return writer.Position + 1;
    }

    /// <summary>Reads a day's bars into a buffer.</summary>
    /// <exception cref="SegmentCorruptException">The bytes are no block.</exception>
    public static void Decode(ReadOnlySpan<byte> block, int day, DayBars into) => Decode(block, day, into, isFirstVersion: false);

    /// <summary>Reads a day's bars as version 1 of segments wrote them.</summary>
    /// <inheritdoc cref="Decode(ReadOnlySpan{byte}, int, DayBars)"/>
    public static void DecodeFirstVersion(ReadOnlySpan<byte> block, int day, DayBars into) => Decode(block, day, into, isFirstVersion: true);

    private static void Decode(ReadOnlySpan<byte> block, int day, DayBars into, bool isFirstVersion)
    {
        Reader reader = new(block);
        Header header = ReadHeader(ref reader, day);
        if ((header.Flags & WideFlag) != 0)
        {
            (int[] slots, decimal[] rates) = into.FillWide(header.Count);
            ReadSlots(ref reader, header, slots);
            for (int i = 0; i < header.Count; i++)
            {
                int scale = reader.Byte();
                UInt128 mantissa = reader.Fixed();
                rates[i] = scale <= 28 && mantissa != 0 ? Mantissa.ToDecimal(mantissa, scale) : throw SegmentCorruptException.Block("rate");
            }
        }
        else
        {
            (int[] slots, long[] mantissas) = into.Fill(header.Count, header.Scale);
            ReadSlots(ref reader, header, slots);
            mantissas[0] = (long)reader.Varint();
            if (mantissas[0] is < 1 or >= ExactRatio.Small)
            {
                throw SegmentCorruptException.Block("rate");
            }

            if (header.Count > 1)
            {
                int rice = isFirstVersion ? SkipFirstSummary(ref reader) : SkipSummary(ref reader);
                DecodeRates(block, reader.Position, rice, mantissas.AsSpan(0, header.Count));
            }
        }
    }

    /// <summary>The summary of a day's bars, without decoding them (except where rates are wide).</summary>
    /// <exception cref="SegmentCorruptException">The bytes are no block.</exception>
    public static RateSummary Summary(ReadOnlySpan<byte> block, int day)
    {
        Reader reader = new(block);
        Header header = ReadHeader(ref reader, day);
        if ((header.Flags & WideFlag) != 0)
        {
            DayBars bars = DayBars.Rent();
            Decode(block, day, bars);
            RateSummary summary = bars.Summary(0, bars.Count);
            bars.Return();
            return summary;
        }

        int lastSlot = SkipSlots(ref reader, header);
        long first = (long)reader.Varint();
        if (header.Count == 1)
        {
            return first is >= 1 and < ExactRatio.Small
                ? RateSummary.Of(new Bar(header.FirstSlot, Mantissa.ToRate(first, header.Scale)))
                : throw SegmentCorruptException.Block("summary");
        }

        long last = first + reader.Signed();
        long high = first + (long)reader.Varint(), low = first - (long)reader.Varint();
        long peak = high - (long)reader.Varint(), trough = low + (long)reader.Varint();
        if (first < 1 || low < 1 || low > first || high < first || high >= ExactRatio.Small || last < low || last > high || peak > high || peak < trough || trough < low)
        {
            throw SegmentCorruptException.Block("summary");
        }

        Fineness fineness = Fineness.Of(reader.Byte() >> FinenessShift);

        // Log returns telescope: their sum is that of the ends, but for the rounding of each.
        long rounding = reader.Signed();
        if (rounding is < -MostRounding or > MostRounding)
        {
            throw SegmentCorruptException.Block("summary");
        }

        Int128 sum = (rounding + (LogReturn.Of(first, last) >> LogReturn.CoarseBits)) << LogReturn.CoarseBits;
        UInt256 squares = new UInt256(0, reader.WideVarint()) << SquaredReturn.CoarseBits;
        if (fineness.IsFiner)
        {
            sum += (Int128)reader.Varint() << fineness.LogBits;
            squares += (UInt256)reader.WideVarint() << fineness.SquareBits;
        }

        int scale = header.Scale;
        return RateSummary.Stored(
            header.FirstSlot, lastSlot, header.Count,
            Mantissa.ToRate(first, scale), Mantissa.ToRate(last, scale), Mantissa.ToRate(high, scale), Mantissa.ToRate(low, scale),
            trough < peak ? ExactRatio.Drawdown(peak, trough) : 0, sum, squares);
    }

    private static Header ReadHeader(ref Reader reader, int day)
    {
        int flags = reader.Byte();
        bool whole = (flags & WholeDay) == WholeDay;
        int count = whole ? BarTime.BarsPerDay : (int)reader.Varint() + 1;
        int first = whole ? 0 : (int)reader.Varint();
        flags &= whole ? ~WholeDay : ~0; // no gaps to be read
        return (uint)(count - 1) < BarTime.BarsPerDay && (uint)first < BarTime.BarsPerDay && count + first <= BarTime.BarsPerDay && (flags & ScaleMask) <= 28
            ? new Header(flags, count, BarTime.FirstSlotOfDay(day) + first)
            : throw SegmentCorruptException.Block("header");
    }

    private static int EncodeGaps(ReadOnlySpan<int> slots, int span, ref Writer writer)
    {
        int start = writer.Position, bitmapLength = (span - 1 + 7) / 8;
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

    private static void ReadSlots(ref Reader reader, in Header header, int[] slots)
    {
        int slot = header.FirstSlot, count = header.Count;
        if ((header.Flags & (RunsFlag | BitmapFlag)) == 0)
        {
            for (int i = 0; i < count; i++)
            {
                slots[i] = slot + i;
            }
        }
        else if ((header.Flags & RunsFlag) != 0)
        {
            for (int i = 0; i < count;)
            {
                int run = (int)reader.Varint();
                if (run < 1 || run > count - i)
                {
                    throw SegmentCorruptException.Block("gaps");
                }

                for (int end = i + run; i < end; i++)
                {
                    slots[i] = slot++;
                }

                if (i < count)
                {
                    slot += ReadGap(ref reader);
                }
            }

            CheckWithinDay(header, slots[count - 1]);
        }
        else
        {
            slots[0] = slot;
            for (int i = 1, bit = 0, bits = 0; i < count; bit++, bits >>= 1)
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

            CheckWithinDay(header, slots[count - 1]);
        }
    }

    private static int SkipSlots(ref Reader reader, in Header header)
    {
        if ((header.Flags & (RunsFlag | BitmapFlag)) == 0)
        {
            return header.FirstSlot + header.Count - 1;
        }

        int last = header.FirstSlot;
        if ((header.Flags & RunsFlag) != 0)
        {
            last--;
            for (int left = header.Count; left > 0;)
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
            for (int left = header.Count - 1, at = header.FirstSlot; left > 0; at += 8)
            {
                int bits = reader.Byte();
                left -= BitOperations.PopCount((uint)bits);
                last = at + 32 - BitOperations.LeadingZeroCount((uint)bits);
            }
        }

        CheckWithinDay(header, last);
        return last;
    }

    // A gap beyond the day would wrap around and make slots go backward, which the check of the last slot cannot see.
    private static int ReadGap(ref Reader reader)
    {
        ulong gap = reader.Varint();
        return gap is > 0 and < BarTime.BarsPerDay ? (int)gap : throw SegmentCorruptException.Block("gaps");
    }

    private static void CheckWithinDay(in Header header, int last)
    {
        if (last < header.FirstSlot || BarTime.DayOf(last) != BarTime.DayOf(header.FirstSlot))
        {
            throw SegmentCorruptException.Block("gaps");
        }
    }

    private static void EncodeRates(DayBars bars, ref Writer writer)
    {
        ReadOnlySpan<long> mantissas = bars.Mantissas;
        writer.Varint((ulong)mantissas[0]);
        if (mantissas.Length == 1)
        {
            return;
        }

        RateSummary summary = RateSummary.Of(bars.Slots, mantissas, bars.Scale, out long peak, out long trough);
        long first = mantissas[0], high = first, low = first;
        Span<ulong> zigzag = stackalloc ulong[BarTime.BarsPerDay];
        UInt128 total = 0;
        for (int i = 1; i < mantissas.Length; i++)
        {
            long difference = mantissas[i] - mantissas[i - 1];
            ulong z = (ulong)((difference << 1) ^ (difference >> 63));
            zigzag[i - 1] = z;
            total += z;
            high = Math.Max(high, mantissas[i]);
            low = Math.Min(low, mantissas[i]);
        }

        writer.Signed(mantissas[^1] - first);
        writer.Varint((ulong)(high - first));
        writer.Varint((ulong)(first - low));
        writer.Varint((ulong)(high - peak));
        writer.Varint((ulong)(trough - low));
        zigzag = zigzag[..(mantissas.Length - 1)];
        int k = BestRice(zigzag, total);
        ulong restOfSum = (ulong)summary.LogReturns & ((1UL << LogReturn.CoarseBits) - 1);
        UInt128 restOfSquares = summary.SquaredReturns.Lower & ((UInt128.One << SquaredReturn.CoarseBits) - 1);
        Fineness fineness = Fineness.Of(restOfSum, restOfSquares);
        writer.Byte((byte)(k | (fineness.Level << FinenessShift)));
        writer.Signed((long)((summary.LogReturns >> LogReturn.CoarseBits) - (LogReturn.Of(first, mantissas[^1]) >> LogReturn.CoarseBits)));
        writer.WideVarint((summary.SquaredReturns >> SquaredReturn.CoarseBits).Lower);
        if (fineness.IsFiner)
        {
            writer.Varint(restOfSum >> fineness.LogBits);
            writer.WideVarint(restOfSquares >> fineness.SquareBits);
        }

        BitWriter bits = new(writer.Rest());
        foreach (ulong z in zigzag)
        {
            ulong quotient = z >> k;
            if (quotient < Escape)
            {
                ulong remainder = z & ((1UL << k) - 1);
                int unary = (int)quotient + 1;
                if (unary + k <= 56)
                {
                    bits.Write((remainder << unary) | (1UL << (unary - 1)), unary + k);
                }
                else
                {
                    bits.Write(1UL << (unary - 1), unary);
                    bits.Write(remainder, k);
                }
            }
            else
            {
                bits.Write(1UL << Escape, Escape + 1);
                bits.Write(z & uint.MaxValue, 32);
                bits.Write(z >> 32, 32);
            }
        }

        writer.Position += bits.Length;
    }

    private static int BestRice(ReadOnlySpan<ulong> zigzag, UInt128 total)
    {
        // The best parameter is near log2 of the mean times ln 2; the neighbours are tried, since outliers shift the mean.
        UInt128 mean = total <= ulong.MaxValue / 7 ? (ulong)total * 7 / 10 / (uint)zigzag.Length : total * 7 / 10 / (uint)zigzag.Length;
        int guess = Math.Clamp(128 - (int)UInt128.LeadingZeroCount(mean) - 1, 0, MaxRice);
        int best = guess;
        long bestCost = Cost(zigzag, guess);
        for (int step = -1; step <= 1; step += 2)
        {
            for (int k = guess + step; k is >= 0 and <= MaxRice; k += step)
            {
                long cost = Cost(zigzag, k);
                if (cost >= bestCost)
                {
                    break;
                }

                (best, bestCost) = (k, cost);
            }
        }

        return best;
    }

    private static long Cost(ReadOnlySpan<ulong> zigzag, int k)
    {
        const int escaped = Escape + 1 + 64;
        long cost = 0;
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            ref ulong from = ref MemoryMarshal.GetReference(zigzag);
            Vector256<long> costs = default;
            for (; i <= zigzag.Length - Vector256<ulong>.Count; i += Vector256<ulong>.Count)
            {
                Vector256<long> quotient = (Vector256.LoadUnsafe(ref from, (nuint)i) >>> k).AsInt64(); // of mantissas below 2^62: no sign
                costs += Vector256.ConditionalSelect(
                    Vector256.LessThan(quotient, Vector256.Create((long)Escape)),
                    quotient + Vector256.Create(1L + k), Vector256.Create((long)escaped));
            }

            cost = Vector256.Sum(costs);
        }

        for (; i < zigzag.Length; i++)
        {
            ulong quotient = zigzag[i] >> k;
            cost += quotient < Escape ? (long)quotient + 1 + k : escaped;
        }

        return cost;
    }

    /// <summary>Passes over a day's summary but for the Rice parameter.</summary>
    private static int SkipSummary(ref Reader reader)
    {
        for (int i = 0; i < 5; i++)
        {
            reader.Varint();
        }

        int rice = reader.Byte();
        reader.Varint();
        reader.WideVarint();
        if (Fineness.Of(rice >> FinenessShift).IsFiner)
        {
            reader.Varint();
            reader.WideVarint();
        }

        return rice & RiceMask;
    }

    private static int SkipFirstSummary(ref Reader reader)
    {
        for (int i = 0; i < 6; i++)
        {
            reader.Varint();
        }

        reader.WideVarint();
        return reader.Byte();
    }

    private static void DecodeRates(ReadOnlySpan<byte> block, int position, int k, Span<long> mantissas)
    {
        if (k > MaxRice)
        {
            throw SegmentCorruptException.Block("Rice parameter");
        }

        ulong mask = (1UL << k) - 1;
        nint bit = (nint)position << 3;

        // A load of 8 bytes holds 57 bits or more: a code within them is read at once, as long as the load ends within the
        // block. Where a code ends is known only when its quotient has been counted; everything else runs beside that.
        int oneLoad = Math.Min(56 - k, Escape - 1);
        nint lastLoad = ((nint)block.Length - 8) << 3 | 7;
        ref byte start = ref MemoryMarshal.GetReference(block);
        ref long to = ref MemoryMarshal.GetReference(mantissas);
        long value = to;
        for (nint i = 1; i < mantissas.Length; i++)
        {
            ulong z;
            if (bit <= lastLoad && BitConverter.IsLittleEndian)
            {
                ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, bit >> 3)) >> (int)(bit & 7);
                int quotient = BitOperations.TrailingZeroCount(word);
                if (quotient <= oneLoad)
                {
                    bit += quotient + (1 + k);
                    z = ((ulong)(uint)quotient << k) | ((word >> quotient >> 1) & mask);
                }
                else
                {
                    z = DecodeRare(block, k, ref bit);
                }
            }
            else
            {
                z = DecodeRare(block, k, ref bit);
            }

            value += (long)(z >> 1) ^ -(long)(z & 1);
            Unsafe.Add(ref to, i) = value;
        }

        if (bit > (nint)block.Length << 3)
        {
            throw SegmentCorruptException.Block("end");
        }
    }

    private static ulong DecodeRare(ReadOnlySpan<byte> block, int k, ref nint bit)
    {
        int quotient = BitOperations.TrailingZeroCount(Load(block, (int)(bit >> 3)) >> (int)(bit & 7));
        ulong z;
        switch (quotient)
        {
            case < Escape:
                bit += quotient + 1;
                z = ((ulong)quotient << k) | Read(block, bit, k);
                bit += k;
                return z;
            case Escape:
                bit += Escape + 1;
                z = Read(block, bit, 32) | (Read(block, bit + 32, 32) << 32);
                bit += 64;
                return z;
            default:
                throw SegmentCorruptException.Block("difference");
        }
    }

    private static ulong Read(ReadOnlySpan<byte> block, long bit, int count) =>
        (Load(block, (int)(bit >> 3)) >> (int)(bit & 7)) & ((1UL << count) - 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load(ReadOnlySpan<byte> block, int at) =>
        at <= block.Length - 8 ? BinaryPrimitives.ReadUInt64LittleEndian(block[at..]) : LoadEnd(block, at);

    private static ulong LoadEnd(ReadOnlySpan<byte> block, int at)
    {
        ulong word = 0;
        for (int i = 0; at + i < block.Length && i < 8; i++)
        {
            word |= (ulong)block[at + i] << (8 * i);
        }

        return word;
    }

    /// <summary>How fine the units of a day's sums are: coarse (0), those of most returns that are tiny (1), or the last (2).</summary>
    private readonly record struct Fineness(int Level)
    {
        public bool IsFiner => Level > 0;

        public int LogBits => Level == 1 ? LogReturn.MiddleBits : 0;

        public int SquareBits => Level == 1 ? SquaredReturn.MiddleBits : 0;

        public static Fineness Of(int stored) => stored <= 2 ? new(stored) : throw SegmentCorruptException.Block("summary");

        /// <summary>That of what sums have below coarse units.</summary>
        public static Fineness Of(ulong restOfSum, UInt128 restOfSquares)
        {
            Fineness middle = new(1);
            return restOfSum == 0 && restOfSquares == 0 ? default
                : restOfSum >> middle.LogBits << middle.LogBits == restOfSum && restOfSquares >> middle.SquareBits << middle.SquareBits == restOfSquares ? middle
                : new(2);
        }
    }

    private readonly record struct Header(int Flags, int Count, int FirstSlot)
    {
        public int Scale => Flags & ScaleMask;
    }

    private ref struct Writer(Span<byte> to)
    {
        private readonly Span<byte> _to = to;

        public int Position;

        public void Byte(byte value) => _to[Position++] = value;

        public void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                Byte((byte)(value | 0x80));
            }

            Byte((byte)value);
        }

        public void Signed(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

        public void WideVarint(UInt128 value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                Byte((byte)((byte)(value & 0x7F) | 0x80));
            }

            Byte((byte)value);
        }

        public void Fixed(UInt128 mantissa)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_to[Position..], (ulong)mantissa);
            BinaryPrimitives.WriteUInt32LittleEndian(_to[(Position + 8)..], (uint)(mantissa >> 64));
            Position += 12;
        }

        public Span<byte> Take(int length)
        {
            Span<byte> taken = _to.Slice(Position, length);
            Position += length;
            return taken;
        }

        public readonly Span<byte> Rest() => _to[Position..];
    }

    private ref struct BitWriter(Span<byte> to)
    {
        private readonly Span<byte> _to = to;
        private ulong _pending;
        private int _bits, _position;

        /// <summary>The lowest bits of a value, 56 at most; those above must be zero. Needs room for 8 bytes.</summary>
        public void Write(ulong value, int count)
        {
            _pending |= value << _bits;
            BinaryPrimitives.WriteUInt64LittleEndian(_to[_position..], _pending);
            _bits += count;
            _position += _bits >> 3;
            _pending >>= _bits & ~7;
            _bits &= 7;
        }

        /// <summary>The length in bytes; the last one is filled up with zeros.</summary>
        public readonly int Length => _position + (_bits > 0 ? 1 : 0);
    }

    private ref struct Reader(ReadOnlySpan<byte> from)
    {
        private readonly ReadOnlySpan<byte> _from = from;

        public int Position;

        public byte Byte() => Position < _from.Length ? _from[Position++] : throw SegmentCorruptException.Block("end");

        public ulong Varint()
        {
            ulong value = Byte();
            if (value < 0x80)
            {
                return value;
            }

            value &= 0x7F;
            for (int shift = 7; shift < 64; shift += 7)
            {
                ulong b = Byte();
                value |= (b & 0x7F) << shift;
                if (b < 0x80)
                {
                    return value;
                }
            }

            throw SegmentCorruptException.Block("number");
        }

        public long Signed()
        {
            ulong z = Varint();
            return (long)(z >> 1) ^ -(long)(z & 1);
        }

        public UInt128 WideVarint()
        {
            UInt128 value = 0;
            for (int shift = 0; shift < 128; shift += 7)
            {
                byte b = Byte();
                value |= (UInt128)(b & 0x7Fu) << shift;
                if (b < 0x80)
                {
                    return value;
                }
            }

            throw SegmentCorruptException.Block("number");
        }

        public UInt128 Fixed()
        {
            if (Position + 12 > _from.Length)
            {
                throw SegmentCorruptException.Block("end");
            }

            UInt128 value = new(
                BinaryPrimitives.ReadUInt32LittleEndian(_from[(Position + 8)..]), BinaryPrimitives.ReadUInt64LittleEndian(_from[Position..]));
            Position += 12;
            return value;
        }
    }
}

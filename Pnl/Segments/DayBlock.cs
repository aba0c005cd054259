namespace Pnl;

/// <summary>
/// The codec of one day's bars. A block is
/// <code>
/// flags      1 byte: bits 0-4 the common scale of the rates, 5 gaps as runs, 6 wide rates, 7 gaps as a bitmap;
///            5 and 7 together: all 288 bars are there
/// count - 1  varint, unless all bars are there
/// first slot varint, within the day, unless all bars are there
/// gaps       only if a bar is missing between the first and the last: see SlotGaps
/// wide:      a scale byte and 12 bytes of mantissa a bar
/// else:      varint first mantissa; last, high, low, peak and trough of the deepest drawdown; Rice parameter k in bits 0-5 of
///            a byte, of which bits 6-7 say how fine sums are; sums of log returns, as what it differs by from the log
///            return of the last rate over the first, and of their squares over the time that they span, in coarse units, and,
///            if they are finer, what is left of both; differences of the mantissas, see RiceCode
/// </code>
/// In version 1 of segments the byte with k followed the sums, and these were others.
/// The same bars always give the same bytes.
/// </summary>
internal static class DayBlock
{
    private const int ScaleMask = 0x1F, WideFlag = 0x40, WholeDay = SlotGaps.RunsFlag | SlotGaps.BitmapFlag;
    private const int RiceMask = 0x3F, FinenessShift = 6;

    // What the roundings of a day's log returns come to at most, in units of 2^-72, and far more than that.
    private const long MostRounding = 1L << 32;

    /// <summary>The most bytes that a block can take.</summary>
    public const int MaxLength = 128 + 2 * BarTime.BarsPerDay + BarTime.BarsPerDay * 14;

    /// <summary>Writes a day's bars; returns the length. The day must hold at least one bar.</summary>
    public static int Encode(DayBars bars, Span<byte> to)
    {
        ReadOnlySpan<int> slots = bars.Slots;
        int count = slots.Length, first = slots[0] % BarTime.BarsPerDay;
        BlockWriter writer = new(to[1..]);
        int flags = bars.Scale;
        if (count == BarTime.BarsPerDay)
        {
            flags |= WholeDay;
        }
        else
        {
            writer.Varint((uint)(count - 1));
            writer.Varint((uint)first);
            flags |= slots[^1] - slots[0] >= count ? SlotGaps.Write(slots, ref writer) : 0;
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
        BlockReader reader = new(block);
        Header header = ReadHeader(ref reader, day);
        if ((header.Flags & WideFlag) != 0)
        {
            (int[] slots, decimal[] rates) = into.FillWide(header.Count);
            SlotGaps.Read(ref reader, header.Flags, header.FirstSlot, slots.AsSpan(0, header.Count));
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
            SlotGaps.Read(ref reader, header.Flags, header.FirstSlot, slots.AsSpan(0, header.Count));
            mantissas[0] = (long)reader.Varint();
            if (mantissas[0] is < 1 or >= ExactRatio.Small)
            {
                throw SegmentCorruptException.Block("rate");
            }

            if (header.Count > 1)
            {
                int rice = isFirstVersion ? SkipFirstSummary(ref reader) : SkipSummary(ref reader);
                RiceCode.Read(block, reader.Position, rice, mantissas.AsSpan(0, header.Count));
            }
        }
    }

    /// <summary>The summary of a day's bars, without decoding them (except where rates are wide).</summary>
    /// <exception cref="SegmentCorruptException">The bytes are no block.</exception>
    public static RateSummary Summary(ReadOnlySpan<byte> block, int day)
    {
        BlockReader reader = new(block);
        Header header = ReadHeader(ref reader, day);
        if ((header.Flags & WideFlag) != 0)
        {
            DayBars bars = DayBars.Rent();
            Decode(block, day, bars);
            RateSummary summary = bars.Summary(0, bars.Count);
            bars.Return();
            return summary;
        }

        int lastSlot = SlotGaps.Skip(ref reader, header.Flags, header.FirstSlot, header.Count);
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

        Fineness fineness = new(reader.Byte() >> FinenessShift);

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

        if (fineness.IsBeyond)
        {
            squares += new UInt256(reader.Varint(), 0) << SquaredReturn.CoarseBits;
        }

        int scale = header.Scale;
        return RateSummary.Stored(
            header.FirstSlot, lastSlot, header.Count,
            Mantissa.ToRate(first, scale), Mantissa.ToRate(last, scale), Mantissa.ToRate(high, scale), Mantissa.ToRate(low, scale),
            trough < peak ? ExactRatio.Drawdown(peak, trough) : 0, sum, squares);
    }

    private static Header ReadHeader(ref BlockReader reader, int day)
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

    private static void EncodeRates(DayBars bars, ref BlockWriter writer)
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
        int k = RiceCode.Best(zigzag, total);
        ulong restOfSum = (ulong)summary.LogReturns & ((1UL << LogReturn.CoarseBits) - 1);
        UInt128 restOfSquares = summary.SquaredReturns.Lower & ((UInt128.One << SquaredReturn.CoarseBits) - 1);
        UInt256 coarseSquares = summary.SquaredReturns >> SquaredReturn.CoarseBits;
        Fineness fineness = Fineness.Of(restOfSum, restOfSquares, coarseSquares.Upper);
        writer.Byte((byte)(k | (fineness.Level << FinenessShift)));
        writer.Signed((long)((summary.LogReturns >> LogReturn.CoarseBits) - (LogReturn.Of(first, mantissas[^1]) >> LogReturn.CoarseBits)));
        writer.WideVarint(coarseSquares.Lower);
        if (fineness.IsFiner)
        {
            writer.Varint(restOfSum >> fineness.LogBits);
            writer.WideVarint(restOfSquares >> fineness.SquareBits);
        }

        if (fineness.IsBeyond)
        {
            writer.Varint((ulong)coarseSquares.Upper);
        }

        writer.Position += RiceCode.Write(zigzag, k, writer.Rest());
    }

    /// <summary>Passes over a day's summary but for the Rice parameter.</summary>
    private static int SkipSummary(ref BlockReader reader)
    {
        for (int i = 0; i < 5; i++)
        {
            reader.Varint();
        }

        int rice = reader.Byte();
        reader.Varint();
        reader.WideVarint();
        Fineness fineness = new(rice >> FinenessShift);
        if (fineness.IsFiner)
        {
            reader.Varint();
            reader.WideVarint();
        }

        if (fineness.IsBeyond)
        {
            reader.Varint();
        }

        return rice & RiceMask;
    }

    private static int SkipFirstSummary(ref BlockReader reader)
    {
        for (int i = 0; i < 6; i++)
        {
            reader.Varint();
        }

        reader.WideVarint();
        return reader.Byte();
    }

    /// <summary>
    /// How fine the units of a day's sums are: coarse (0), those of most returns that are tiny (1), or the last (2); or that
    /// as well, and the coarse sum of squares beyond 128 bits (3): rates that leap by 18 digits all day.
    /// </summary>
    private readonly record struct Fineness(int Level)
    {
        public bool IsFiner => Level > 0;

        public bool IsBeyond => Level == 3;

        public int LogBits => Level == 1 ? LogReturn.MiddleBits : 0;

        public int SquareBits => Level == 1 ? SquaredReturn.MiddleBits : 0;

        /// <summary>That of what sums have below coarse units, and of what squares have beyond 128 bits of them.</summary>
        public static Fineness Of(ulong restOfSum, UInt128 restOfSquares, UInt128 beyond)
        {
            Fineness middle = new(1);
            return beyond != 0 ? new(3)
                : restOfSum == 0 && restOfSquares == 0 ? default
                : restOfSum >> middle.LogBits << middle.LogBits == restOfSum && restOfSquares >> middle.SquareBits << middle.SquareBits == restOfSquares ? middle
                : new(2);
        }
    }

    private readonly record struct Header(int Flags, int Count, int FirstSlot)
    {
        public int Scale => Flags & ScaleMask;
    }
}

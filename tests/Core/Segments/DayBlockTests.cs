using CsCheck;
using Pnl.Tests.Core.History;

namespace Pnl.Tests.Core.Segments;

public sealed class DayBlockTests
{
    private const int Day = 19_900; // 2024-06-26

    private static readonly byte[] Room = new byte[DayBlock.MaxLength];

    private static Bar[] Of(int first, params decimal[] rates) => [.. rates.Select((rate, i) => new Bar(Day * 288 + first + i, rate))];

    [Fact]
    public void A_day_of_a_usual_market_takes_about_a_byte_a_bar()
    {
        Random random = new(1);
        int ticks = 6_123_456;
        Bar[] bars = Of(0, [.. Enumerable.Range(0, 288).Select(_ => Mantissa.ToRate(ticks += random.Next(-40, 41), 2))]);

        Assert.InRange(Encode(bars).Length, 200, 300);
        Check(bars);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(287)]
    public void A_single_bar_anywhere_in_the_day_comes_back(int slot)
    {
        Check(Of(slot, 1m));
        Check(Of(slot, 0.000000000000000001m));
        Check(Of(slot, 4_611_686_018_427_387_903m)); // 2^62 - 1
        Check(Of(slot, 4_611_686_018_427_387_904m)); // wide
        Check(Of(slot, 9_999_999_999_999_999_999_999_999_999m));
        Check(Of(slot, 0.1234567890123456789012345678m));
    }

    [Fact]
    public void The_first_and_the_last_slot_of_the_day_come_back() =>
        Check([new(Day * 288, 1m), new(Day * 288 + 287, 2m)]);

    [Fact]
    public void A_day_with_any_one_bar_missing_comes_back()
    {
        for (int missing = 0; missing < 288; missing++)
        {
            Check([.. Enumerable.Range(0, 288).Where(i => i != missing).Select(i => new Bar(Day * 288 + i, 100m + i % 3))]);
        }
    }

    [Fact]
    public void Every_other_bar_missing_and_pairs_missing_come_back()
    {
        for (int step = 2; step < 20; step++)
        {
            Check([.. Enumerable.Range(0, 288).Where(i => i % step == 0).Select(i => new Bar(Day * 288 + i, 100m))]);
            Check([.. Enumerable.Range(0, 288).Where(i => i % step < step / 2).Select(i => new Bar(Day * 288 + i, 100m))]);
        }
    }

    [Fact]
    public void Differences_of_62_bits_come_back_and_still_fit_the_room()
    {
        decimal most = (1L << 62) - 1;
        Check(Of(0, [.. Enumerable.Range(0, 288).Select(i => i % 2 == 0 ? 1m : most)]));
        Check([.. Enumerable.Range(0, 144).Select(i => new Bar(Day * 288 + 2 * i, i % 2 == 0 ? 1m : most))]);
        // with quiet bars between, a difference is written out in 64 bits instead of a long code
        Check(Of(0, [.. Enumerable.Range(0, 288).Select(i => i % 24 == 7 ? most : 100m + i % 2)]));
        Check(Of(0, [.. Enumerable.Range(0, 288).Select(i => i == 287 ? most : 1m)]));
    }

    [Fact]
    public void Wide_rates_in_turn_with_the_smallest_come_back()
    {
        Check(Of(0, [.. Enumerable.Range(0, 288).Select(i => i % 2 == 0 ? 0.000000000000000001m : 1_000_000_000m)]));
        Check(Of(0, [.. Enumerable.Range(0, 288).Select(i => i % 2 == 0 ? 9_999_999_999_999_999_999_999_999_999m : 0.0000000000000000000000000001m)]));
        // wide and every other bar missing: the longest block that there is
        Check([.. Enumerable.Range(0, 144).Select(i => new Bar(Day * 288 + 2 * i, 0.1234567890123456789012345678m))]);
    }

    [Fact]
    public void Every_size_of_difference_comes_back() =>
        Gen.Select(Gen.Int[0, 61], Gen.Int[0, 28], Gen.Int[0, int.MaxValue], Gen.Int[2, 288]).Sample((bits, scale, seed, count) =>
        {
            Random random = new(seed);
            Check(Of(0, [.. Enumerable.Range(0, count).Select(_ => Mantissa.ToRate(
                random.NextInt64(1, (1L << (random.Next(9) == 0 ? 62 : bits + 1)) - 1 is var to and > 1 ? to : 2), scale))]));
        }, iter: Effort.Of(2_000));

    [Fact]
    public void Any_day_comes_back_digit_for_digit_with_its_summary() => AnyHistory.Day.Sample(Check, iter: Effort.Of(4_000));

    [Fact]
    public void Equal_bars_are_equal_bytes_whatever_the_scale_in_which_they_arrive() =>
        AnyHistory.Day.Where(bars => bars.All(bar => bar.Rate < 1e9m && bar.Rate.Scale <= 6)).Sample(bars =>
        {
            DayBars finer = new();
            finer.Set([.. bars.Select(bar => bar.Slot)], [.. bars.Select(bar => (long)(bar.Rate * 100_000_000m))], 8);
            Span<byte> room = new byte[DayBlock.MaxLength];

            Assert.Equal(Encode(bars), room[..DayBlock.Encode(finer, room)].ToArray());
        }, iter: Effort.Of(500));

    [Fact]
    public void Random_bytes_are_bars_or_corrupt_and_nothing_else() =>
        Gen.Byte.Array[0, 600].Sample(ReadsOrIsCorrupt, iter: Effort.Of(30_000));

    [Fact]
    public void A_block_with_damage_is_bars_or_corrupt_and_nothing_else() =>
        Gen.Select(AnyHistory.Day, Gen.Int[0, int.MaxValue]).Sample((bars, seed) =>
        {
            byte[] block = Encode(bars);
            Random random = new(seed);
            for (int i = 0; i < 20; i++)
            {
                byte[] damaged = block[..(random.Next(2) == 0 ? block.Length : random.Next(block.Length + 1))];
                for (int flips = random.Next(4); flips > 0 && damaged.Length > 0; flips--)
                {
                    // the first bytes are the structure; the rest is mostly noise
                    damaged[random.Next(random.Next(2) == 0 ? Math.Min(damaged.Length, 12) : damaged.Length)] ^= (byte)(1 << random.Next(8));
                }

                ReadsOrIsCorrupt(damaged);
            }
        }, iter: Effort.Of(3_000));

    [Fact]
    public void Slots_that_go_backward_and_rates_of_zero_are_corrupt()
    {
        // three bars from slot 10, in runs: one, a gap of 20, one, a gap of -5 (as 32 bits), one
        byte[] backward = [0x20, 2, 10, 1, 20, 1, 0xFB, 0xFF, 0xFF, 0xFF, 0x0F, 1, 1, .. new byte[20]];
        // one wide bar: scale 3, twelve bytes of mantissa
        byte[] zero = [0x40, 0, 10, 3, .. new byte[12]];

        // one bar of slot 10: with the rate 0, and with one of 64 bits
        byte[] none = [0, 0, 10, 0], negative = [0, 0, 10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1];

        foreach (byte[] block in new[] { backward, zero, none, negative })
        {
            Assert.Throws<SegmentCorruptException>(() => DayBlock.Decode(block, Day, new DayBars()));
            Assert.Throws<SegmentCorruptException>(() => DayBlock.Summary(block, Day));
        }
    }

    private static void ReadsOrIsCorrupt(byte[] block)
    {
        DayBars into = new();
        try
        {
            DayBlock.Decode(block, Day, into);
            Assert.InRange(into.Count, 1, 288);
            Assert.All(into.Slots.ToArray(), slot => Assert.Equal(Day, BarTime.DayOf(slot)));
            Assert.True(into.Slots.ToArray().Zip(into.Slots.ToArray().Skip(1)).All(pair => pair.First < pair.Second), "slots must ascend");
        }
        catch (SegmentCorruptException)
        {
        }

        try
        {
            DayBlock.Summary(block, Day);
        }
        catch (SegmentCorruptException)
        {
        }
    }

    private static byte[] Encode(Bar[] bars)
    {
        DayBars day = new();
        day.Set(bars);
        lock (Room)
        {
            return Room.AsSpan(0, DayBlock.Encode(day, Room)).ToArray();
        }
    }

    private static void Check(Bar[] bars)
    {
        byte[] block = Encode(bars);
        int day = BarTime.DayOf(bars[0].Slot);
        DayBars decoded = new();
        DayBlock.Decode(block, day, decoded);
        List<Bar> back = [];
        decoded.CopyTo(back);

        Assert.Equal(bars, back);
        Assert.Equal(bars.Select(bar => decimal.GetBits(bar.Rate)), back.Select(bar => decimal.GetBits(bar.Rate)));
        Assert.Equal(block, Encode([.. back]));
        Assert.InRange(block.Length, 1, DayBlock.MaxLength);

        RateSummary one = default;
        foreach (Bar bar in bars)
        {
            one += RateSummary.Of(bar);
        }

        Assert.Equal(one, DayBlock.Summary(block, day));
        Assert.Equal(one, decoded.Summary(0, decoded.Count));
        Assert.Equal(new MonthSummary(0, one).Store(), new MonthSummary(0, DayBlock.Summary(block, day)).Store());
    }
}

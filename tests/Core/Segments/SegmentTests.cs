using System.Buffers.Binary;
using System.IO.Hashing;
using CsCheck;
using Pnl.Tests.Core.History;

namespace Pnl.Tests.Core.Segments;

public sealed class SegmentTests
{
    private const string Name = "btc-usd 2024-06";
    private const int FirstDay = 19_875; // 2024-06-01

    private static readonly Segment Usual = Of([.. Enumerable.Range(0, 3 * 288).Where(i => i % 50 != 3).Select(i => new Bar(FirstDay * 288 + i, 60_000m + i * i % 701 / 10m))]);
    private static readonly Segment Wide = Of([.. Enumerable.Range(0, 300).Select(i => new Bar(FirstDay * 288 + 250 + i, 0.1234567890123456789012345678m * (i % 5 + 1)))]);
    private static readonly Segment Single = Of([new(FirstDay * 288, 1m)]);

    public static TheoryData<string> Segments => ["usual", "wide", "single"];

    [Fact]
    public void A_segment_opened_from_its_bytes_gives_its_bars_and_its_summary() =>
        AnyHistory.Bars.Sample(bars =>
        {
            foreach (IGrouping<int, Bar> month in bars.GroupBy(bar => BarTime.MonthOf(bar.Slot)))
            {
                Segment segment = Segment.Open(Of([.. month]).Bytes.ToArray(), Name);

                Assert.Equal(month, segment.ToBars());
                Assert.Equal(segment.Recompute(), segment.Summary());
                Assert.Equal(month.Aggregate(RateSummary.Empty, (sum, bar) => sum + RateSummary.Of(bar)), segment.Summary());
            }
        }, iter: Effort.Of(150));

    [Fact]
    public void A_month_of_the_longest_blocks_fits()
    {
        Bar[] bars = [.. Enumerable.Range(0, 31 * 288).Where(i => i % 2 == 0).Select(i => new Bar(FirstDay * 288 + i, 0.1234567890123456789012345678m))];

        Assert.Equal(bars, Segment.Open(Of(bars).Bytes.ToArray(), Name).ToBars());
    }

    [Theory]
    [MemberData(nameof(Segments))]
    public void Any_flipped_bit_is_found_and_the_segment_is_named(string which)
    {
        byte[] bytes = Named(which).Bytes.ToArray();
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Contains(Name, Assert.Throws<SegmentCorruptException>(() => Segment.Open(bytes, Name)).Message, StringComparison.Ordinal);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Segment.Open(bytes, Name);
    }

    [Theory]
    [MemberData(nameof(Segments))]
    public void Any_truncation_is_found_and_the_segment_is_named(string which)
    {
        byte[] bytes = Named(which).Bytes.ToArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            IsCorrupt(bytes[..length]);
        }

        IsCorrupt([.. bytes, 0]);
    }

    [Fact]
    public void Random_bytes_are_no_segment() => Gen.Byte.Array[0, 300].Sample(bytes => { IsCorrupt(bytes); }, iter: Effort.Of(20_000));

    [Fact]
    public void Random_bytes_under_a_right_checksum_are_a_segment_or_corrupt_and_nothing_else() =>
        Gen.Select(Gen.Byte.Array[0, 80], Gen.Int[0, 9]).Sample((body, days) =>
        {
            byte[] bytes = new byte[6 + body.Length + 4];
            bytes[0] = (byte)(1 + body.Length % 2);
            bytes[5] = (byte)days;
            body.CopyTo(bytes, 6);
            Sign(bytes);
            try
            {
                Segment.Open(bytes, Name).ToBars();
            }
            catch (SegmentCorruptException)
            {
            }
        }, iter: Effort.Of(20_000));

    [Fact]
    public void An_unknown_version_is_named_though_its_checksum_holds()
    {
        byte[] bytes = Usual.Bytes.ToArray();
        bytes[0] = 3;
        Sign(bytes);

        Assert.Equal($"{Name}: version 3 is a later release's and is left as it is, this one reads versions up to 2", Assert.Throws<LaterReleaseException>(() => Segment.Open(bytes, Name)).Message);
    }

    [Fact]
    public void A_directory_that_points_beyond_its_blocks_is_refused()
    {
        byte[] bytes = Usual.Bytes.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(10), 0xFFFFFF01);
        Sign(bytes);

        Assert.Equal($"{Name}: the directory of days is malformed", IsCorrupt(bytes).Message);
    }

    private static Segment Named(string which) => which switch
    {
        "usual" => Usual,
        "wide" => Wide,
        _ => Single,
    };

    private static SegmentCorruptException IsCorrupt(byte[] bytes)
    {
        SegmentCorruptException corrupt = Assert.Throws<SegmentCorruptException>(() => Segment.Open(bytes, Name));
        Assert.StartsWith(Name, corrupt.Message, StringComparison.Ordinal);
        return corrupt;
    }

    private static void Sign(byte[] bytes) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4), Crc32.HashToUInt32(bytes.AsSpan(0, bytes.Length - 4)));

    private static Segment Of(Bar[] bars)
    {
        Segment.Builder builder = new();
        DayBars day = new();
        foreach (IGrouping<int, Bar> group in bars.GroupBy(bar => BarTime.DayOf(bar.Slot)))
        {
            day.Set([.. group]);
            builder.Add(group.Key, day);
        }

        return builder.Build(BarTime.FirstDayOfMonth(BarTime.MonthOf(bars[0].Slot)));
    }
}

using System.Buffers.Binary;

namespace Pnl.Tests.Core.History;

public sealed class MonthSummaryTests
{
    [Fact]
    public void A_summary_comes_back_as_it_was_stored()
    {
        MonthSummary month = new(616, RateSummary.Of(new Bar(5_405_000, 0.0000000123m)) + RateSummary.Of(new Bar(5_405_001, 3.21m)));

        Assert.Equal(month, MonthSummary.Restore(616, month.Store()));
    }

    [Theory]
    [InlineData(29u)]
    [InlineData(255u)]
    [InlineData(0x8000_0000u)] // negative, as a signed number
    [InlineData(uint.MaxValue)]
    public void A_rate_with_more_decimal_places_than_a_decimal_has_is_damage(uint scale)
    {
        byte[] stored = new MonthSummary(616, RateSummary.Of(new Bar(5_405_000, 2m))).Store();
        BinaryPrimitives.WriteUInt32LittleEndian(stored.AsSpan(1 + 12 + 12), scale); // above the 96 bits of the first rate

        Assert.Throws<SegmentCorruptException>(() => MonthSummary.Restore(616, stored));
    }
}

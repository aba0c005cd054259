namespace Pnl.Tests.Core.Segments;

public sealed class RiceCodeTests
{
    [Fact]
    public void A_number_is_its_quotient_in_zeros_a_one_and_its_lowest_bits()
    {
        byte[] bytes = new byte[16];

        // 5 with k = 1: two zeros and a one, then 1; 0: a one, then 0; 24 * 2: 24 zeros and a one, then 64 bits of it.
        Assert.Equal(1, RiceCode.Write([5, 0], 1, bytes));
        Assert.Equal(0b01_1100, bytes[0]);
        Assert.Equal(12, RiceCode.Write([48], 1, new byte[24]));
    }

    [Fact]
    public void A_series_comes_back_with_every_parameter()
    {
        long[] series = [7, 7, 8, 6, 1000, 3, (1L << 62) - 1, 1, 1, 5];
        ulong[] zigzag = [.. series.Zip(series[1..], (from, to) => (ulong)(((to - from) << 1) ^ ((to - from) >> 63)))];
        for (int k = 0; k <= RiceCode.MaxParameter; k++)
        {
            byte[] bytes = new byte[200];
            int length = RiceCode.Write(zigzag, k, bytes);
            long[] read = new long[series.Length];
            read[0] = series[0];
            RiceCode.Read(bytes.AsSpan(0, length), 0, k, read);

            Assert.Equal(series, read);
            Assert.Throws<SegmentCorruptException>(() => RiceCode.Read(bytes.AsSpan(0, length - 1), 0, k, new long[series.Length]));
        }
    }

    [Fact]
    public void The_best_parameter_makes_the_shortest_code()
    {
        Random random = new(1);
        for (int bits = 0; bits < 60; bits++)
        {
            ulong[] zigzag = [.. Enumerable.Range(0, 287).Select(_ => (ulong)random.NextInt64(1L << bits))];
            UInt128 total = zigzag.Aggregate(UInt128.Zero, (sum, z) => sum + z);
            byte[] bytes = new byte[287 * 12];

            int best = RiceCode.Write(zigzag, RiceCode.Best(zigzag, total), bytes);
            Assert.Equal(Enumerable.Range(0, RiceCode.MaxParameter + 1).Min(k => RiceCode.Write(zigzag, k, bytes)), best);
        }
    }
}

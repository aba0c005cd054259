namespace Pnl.Tests.Core.Summaries;

/// <summary>
/// The vectorised summary of a run of mantissas is that of its bars combined one by one, bit for bit.
/// </summary>
public sealed class SummaryOfManyBarsTests
{
    [Theory]
    [InlineData(1_000, 0.0005)] // few ticks, many equal rates
    [InlineData(5_000_000, 0.002)]
    [InlineData(5_000_000, 0.2)] // moves beyond the series of the logarithm
    [InlineData(1_000_000_000_000_000, 0.01)] // sums about the largest exact double
    [InlineData(3_000_000_000_000_000_000, 0.01)] // and beyond it
    [InlineData(1, 5)]
    [InlineData(5_000_000_000_000, 0.00001)] // moves about the least of the series of the logarithm
    [InlineData(5_000_000_000_000, 1e-11)] // and below it
    public void Equals_the_bars_combined_one_by_one(long start, double volatility)
    {
        Check(start, volatility, i => 1000 + i); // without a hole
        Check(start, volatility, i => 1000 + 2 * i);
        Check(start, volatility, i => 1000 + i + i / 13 + i / 101 * 500);
    }

    private static void Check(long start, double volatility, Func<int, int> slot)
    {
        Random random = new(20_130_401); // any seed will do
        for (int count = 1; count <= 288; count++)
        {
            int[] slots = new int[count];
            long[] mantissas = new long[count];
            double rate = start;
            RateSummary oneByOne = default;
            for (int i = 0; i < count; i++)
            {
                slots[i] = slot(i);
                mantissas[i] = Math.Clamp((long)rate, 1, ExactRatio.Small - 1);
                rate = Math.Clamp(rate * Math.Exp(volatility * (random.NextDouble() - 0.5) * 3.4), 1, ExactRatio.Small - 1);
                oneByOne += RateSummary.Of(new Bar(slots[i], Mantissa.ToRate(mantissas[i], 9)));
            }

            Assert.Equal(oneByOne, RateSummary.Of(slots, mantissas, 9));
        }
    }
}

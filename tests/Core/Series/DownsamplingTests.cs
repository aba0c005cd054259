using CsCheck;
using Pnl.Tests.Core.History;

namespace Pnl.Tests.Core.Series;

public sealed class DownsamplingTests
{
    [Fact]
    public void A_chart_of_few_points_still_shows_the_spike()
    {
        int start = BarTime.SlotAt(new DateTimeOffset(2024, 7, 1, 0, 0, 0, TimeSpan.Zero));
        Bar[] bars = [.. Enumerable.Range(0, 10_000).Select(i => new Bar(start + i, i == 4_321 ? 500m : i == 4_322 ? 1m : 100m))];
        KeptToken token = KeptToken.Of(bars);

        RateSeries chart = token.Series(token.History.LifeRange, Interval.FiveMinutes, maxPoints: 10);

        Assert.InRange(chart.Time.Length, 4, 10);
        Assert.Contains((BarTime.OpenSeconds(start + 4_321), 500m, 400m), chart.Time.Zip(chart.Rate, chart.Pnl.Nearest));
        Assert.Contains((BarTime.OpenSeconds(start + 4_322), 1m, -499m), chart.Time.Zip(chart.Rate, chart.Pnl.Nearest));
        Assert.Equal(chart.CumulativePnl.Nearest[^1], chart.Pnl.Nearest.Sum());
        Assert.Equal(BarTime.OpenSeconds(start + 9_999), chart.Time[^1]);
    }

    [Fact]
    public void A_series_that_fits_is_not_thinned_out() =>
        Gen.Select(AnyHistory.Bars, Gen.Enum<Interval>()).Sample((bars, interval) =>
        {
            KeptToken token = KeptToken.Of(bars);
            RateSeries whole = token.Series(token.History.LifeRange, interval);

            SeriesTests.Same(whole, token.Series(token.History.LifeRange, interval, maxPoints: Math.Max(4, whole.Time.Length)));
        }, iter: Effort.Of(100));

    [Fact]
    public void Of_each_bucket_the_extremes_are_kept_and_every_kept_point_is_one_of_the_whole_series() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger, Gen.OneOf(Gen.Const(Interval.FiveMinutes), Gen.Enum<Interval>()), Gen.Int[4, 120], Gen.Int[0, int.MaxValue])
            .Sample((bars, stagger, interval, maxPoints, seed) =>
            {
                KeptToken token = KeptToken.Of(bars, stagger);
                SlotRange range = SeriesTests.AnyRange(bars, new Random(seed));
                RateSeries whole = token.Series(range, interval), thin = token.Series(range, interval, maxPoints: maxPoints);

                Assert.InRange(thin.Time.Length, 0, Math.Max(0, maxPoints));
                Assert.Null(thin.Next);
                if (whole.Time.Length <= maxPoints)
                {
                    SeriesTests.Same(whole, thin);
                    return;
                }

                SeriesTests.Same(KeptOf(whole, range.Intersect(token.History.LifeRange), maxPoints), thin);
            }, iter: Effort.Of(500));

    [Fact]
    public void A_chart_of_a_long_life_equals_the_one_made_from_every_bar() =>
        Gen.Select(AnyHistory.Stagger, Gen.Int[4, 90], Gen.Int[0, int.MaxValue]).Sample((stagger, maxPoints, seed) =>
        {
            // 120 days with gaps, so that buckets are whole days and the summaries of days tell where to look
            Random random = new(seed);
            int slot = 5_000_000 + random.Next(10_000), ticks = 5_000;
            List<Bar> bars = [];
            for (int i = 0; i < 120 * BarTime.BarsPerDay; i++)
            {
                slot += random.Next(400) == 0 ? random.Next(600) : 1;
                bars.Add(new(slot + i / 1_000, Mantissa.ToRate(ticks = Math.Max(1, ticks + random.Next(-20, 21)), 2)));
            }

            Bar[] distinct = [.. bars.DistinctBy(bar => bar.Slot)];
            KeptToken token = KeptToken.Of(distinct, stagger);
            SlotRange range = SeriesTests.AnyRange(distinct, random);
            RateSeries whole = token.Series(range, Interval.FiveMinutes);
            if (whole.Time.Length > maxPoints)
            {
                SeriesTests.Same(
                    KeptOf(whole, range.Intersect(token.History.LifeRange), maxPoints),
                    token.Series(range, Interval.FiveMinutes, maxPoints: maxPoints));
            }
        }, iter: Effort.Of(20));

    [Fact]
    public void Candles_are_merged_until_they_fit_and_lose_no_extreme() =>
        Gen.Select(AnyHistory.Bars, Gen.Enum<Interval>(), Gen.Int[1, 40]).Sample((bars, interval, maxPoints) =>
        {
            KeptToken token = KeptToken.Of(bars);
            CandleSeries candles = token.Candles(token.History.LifeRange, interval, maxPoints: maxPoints);

            Assert.InRange(candles.Time.Length, 1, maxPoints);
            Assert.Equal(bars.Max(bar => bar.Rate), candles.High.Max());
            Assert.Equal(bars.Min(bar => bar.Rate), candles.Low.Min());
            Assert.Equal((bars[0].Rate, bars[^1].Rate), (candles.Open[0], candles.Close[^1]));
            Assert.Equal(candles.Time.Order(), candles.Time);
        }, iter: Effort.Of(150));

    /// <summary>First, last and the extremes of each bucket, the earliest where several are equal.</summary>
    private static RateSeries KeptOf(RateSeries whole, SlotRange range, int maxPoints)
    {
        Downsampling buckets = new(range.From, range.To - 1, maxPoints);
        SortedSet<int> kept = [0, whole.Time.Length - 1];
        foreach (IGrouping<int, int> bucket in Enumerable.Range(0, whole.Time.Length).GroupBy(i => buckets.BucketOf((int)(whole.Time[i] / 300))))
        {
            kept.Add(bucket.MinBy(i => whole.Rate[i]));
            kept.Add(bucket.MaxBy(i => whole.Rate[i]));
        }

        Assert.InRange(kept.Count, 2, maxPoints);
        Amount[] cumulative = [.. kept.Select(i => SeriesTests.CumulativePnl(whole)[i])];
        Amount[] pnl = [.. cumulative.Select((sum, i) => i == 0 ? sum : sum - cumulative[i - 1])]; // since the point kept before
        return PlainHistory.Series(kept.Select(i => whole.Time[i]), kept.Select(i => whole.Rate[i]), pnl, cumulative);
    }
}

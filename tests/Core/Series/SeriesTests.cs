using CsCheck;
using Pnl.Tests.Core.History;
using Pnl.Tests.Core.Portfolios;

namespace Pnl.Tests.Core.Series;

public sealed class SeriesTests
{
    private static readonly int Monday = BarTime.SlotAt(new DateTimeOffset(2024, 7, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_series_gives_of_each_period_the_close_the_pnl_and_the_pnl_so_far()
    {
        KeptToken token = KeptToken.Of([new(Monday, 100m), new(Monday + 11, 104m), new(Monday + 12, 103m), new(Monday + 40, 110m)]);

        RateSeries hours = token.Series(token.History.LifeRange, Interval.Hour);

        // The third hour has no bar and is absent, neither zero nor filled.
        Assert.Equal([0, 1, 3], hours.Time.Select(time => (time - BarTime.OpenSeconds(Monday)) / 3600));
        Assert.Equal([104m, 103m, 110m], hours.Rate);
        Assert.Equal([4m, -1m, 7m], hours.Pnl.Nearest);
        Assert.Equal([4m, 3m, 10m], hours.CumulativePnl.Nearest);
        Assert.Null(hours.Next);
    }

    [Fact]
    public void The_first_point_of_a_later_range_counts_from_the_rate_before_it()
    {
        KeptToken token = KeptToken.Of([new(Monday, 100m), new(Monday + 12, 103m), new(Monday + 40, 110m)]);

        RateSeries series = token.Series(new(Monday + 6, Monday + 48), Interval.FiveMinutes);

        Assert.Equal([3m, 7m], series.Pnl.Nearest);
        Assert.Equal([3m, 10m], series.CumulativePnl.Nearest);
    }

    [Fact]
    public void Weeks_begin_on_monday_and_months_with_their_first_day()
    {
        int sunday = Monday - 1;
        KeptToken token = KeptToken.Of([new(sunday, 1m), new(Monday, 2m)]);

        Assert.Equal([BarTime.OpenSeconds(Monday - 7 * 288), BarTime.OpenSeconds(Monday)], token.Series(token.History.LifeRange, Interval.Week).Time);
        Assert.Equal([BarTime.OpenSeconds(Monday - 30 * 288), BarTime.OpenSeconds(Monday)], token.Series(token.History.LifeRange, Interval.Month).Time);
    }

    [Fact]
    public void A_range_without_bars_has_an_empty_series()
    {
        KeptToken token = KeptToken.Of([new(Monday, 1m)]);

        Assert.Empty(token.Series(new(Monday + 1, Monday + 100), Interval.Day).Time);
        Assert.Empty(token.Candles(new(Monday + 1, Monday + 100), Interval.Day).Time);
        Assert.Empty(new KeptToken().Series(new(0, 100), Interval.Day).Time);
    }

    [Theory]
    [InlineData("5m", Interval.FiveMinutes)]
    [InlineData("15m", Interval.FifteenMinutes)]
    [InlineData("1h", Interval.Hour)]
    [InlineData("4h", Interval.FourHours)]
    [InlineData("1d", Interval.Day)]
    [InlineData("1w", Interval.Week)]
    [InlineData("1M", Interval.Month)]
    public void Intervals_have_the_names_of_the_contract(string name, Interval interval)
    {
        Assert.True(Intervals.TryParse(name, out Interval parsed));
        Assert.Equal(interval, parsed);
        Assert.Equal(name, interval.Name());
        Assert.False(Intervals.TryParse("1m", out _));
    }

    [Fact]
    public void Every_period_begins_and_ends_where_the_calendar_says() =>
        Gen.Select(Gen.Enum<Interval>(), Gen.Int[0, 8_000_000]).Sample((interval, slot) =>
        {
            int start = interval.PeriodStart(slot), end = interval.PeriodEnd(slot);

            Assert.Equal(PlainHistory.PeriodStart(interval, BarTime.OpenSeconds(slot)), BarTime.OpenSeconds(start));
            Assert.InRange(slot, start, end - 1);
            Assert.Equal(end, interval.PeriodStart(end));
            Assert.Equal(start, interval.PeriodStart(end - 1));
        }, iter: Effort.Of(5_000));

    [Fact]
    public void Every_series_equals_the_plain_computation() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger, Gen.Enum<Interval>(), Gen.Int[0, int.MaxValue]).Sample((bars, stagger, interval, seed) =>
        {
            KeptToken token = KeptToken.Of(bars, stagger);
            SlotRange range = AnyRange(bars, new Random(seed));

            RateSeries expected = new PlainHistory(bars).Series(BarTime.OpenSeconds(range.From), BarTime.OpenSeconds(range.To), interval);
            Same(expected, token.Series(range, interval));
        }, iter: Effort.Of(400));

    [Fact]
    public void A_series_is_as_of_the_last_bar_of_its_range_and_of_none_where_it_holds_none() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger, Gen.Int[0, int.MaxValue]).Sample((bars, stagger, seed) =>
        {
            KeptToken token = KeptToken.Of(bars, stagger);
            Random random = new(seed);
            for (int i = 0; i < 10; i++)
            {
                SlotRange range = AnyRange(bars, random);
                long? last = bars.LastOrDefault(bar => bar.Slot >= range.From && bar.Slot < range.To) is { Rate: > 0 } bar ? BarTime.CloseSeconds(bar.Slot) : null;
                Assert.Equal(last, token.LastCloseIn(range));
                Assert.Null(token.LastCloseIn(new(range.To, range.To)));
            }
        }, iter: Effort.Of(150));

    [Fact]
    public void A_series_that_ends_before_the_first_bar_counts_no_bar_and_is_as_of_none()
    {
        KeptToken token = KeptToken.Of([new(Monday, 100m), new(Monday + 5_000, 101m)]);
        SlotRange before = token.History.LifeRange.Intersect(new(Monday - 100, Monday));

        Assert.Empty(token.Series(before, Interval.FiveMinutes).Time);
        Assert.Null(token.LastCloseIn(before));
        Assert.Null(token.LastCloseIn(token.History.LifeRange.Intersect(new(Monday + 6_000, Monday + 7_000))));
        Assert.Null(token.LastCloseIn(token.History.LifeRange.Intersect(new(Monday + 1, Monday + 5_000))));
    }

    [Fact]
    public void Every_candle_equals_the_plain_computation() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger, Gen.Enum<Interval>(), Gen.Int[0, int.MaxValue]).Sample((bars, stagger, interval, seed) =>
        {
            KeptToken token = KeptToken.Of(bars, stagger);
            SlotRange range = AnyRange(bars, new Random(seed));

            CandleSeries expected = new PlainHistory(bars).Candles(BarTime.OpenSeconds(range.From), BarTime.OpenSeconds(range.To), interval);
            Same(expected, token.Candles(range, interval));
        }, iter: Effort.Of(400));

    [Fact]
    public void Pages_join_to_the_whole_series() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger, Gen.Enum<Interval>(), Gen.Int[0, int.MaxValue]).Sample((bars, stagger, interval, seed) =>
        {
            KeptToken token = KeptToken.Of(bars, stagger);
            Random random = new(seed);
            SlotRange range = AnyRange(bars, random);
            RateSeries whole = token.Series(range, interval);
            CandleSeries candles = token.Candles(range, interval);
            int limit = Math.Max(1, whole.Time.Length / random.Next(1, 8));

            List<RateSeries> pages = [];
            for (int? from = range.From; from is { } at; from = pages[^1].Next)
            {
                pages.Add(token.Series(new(at, range.To), interval, limit));
                Assert.InRange(pages[^1].Time.Length, 0, limit);
            }

            Assert.Equal(whole.Time, pages.SelectMany(page => page.Time));
            Assert.Equal(whole.Rate, pages.SelectMany(page => page.Rate));
            Assert.Equal(Pnl(whole), pages.SelectMany(Pnl));
            Amount before = Amount.Zero;
            List<Amount> cumulative = [];
            foreach (RateSeries page in pages)
            {
                cumulative.AddRange(CumulativePnl(page).Select(pnl => before + pnl));
                before = cumulative.LastOrDefault();
            }

            Assert.Equal(CumulativePnl(whole), cumulative);

            List<CandleSeries> candlePages = [];
            for (int? from = range.From; from is { } at; from = candlePages[^1].Next)
            {
                candlePages.Add(token.Candles(new(at, range.To), interval, limit));
            }

            Assert.Equal(candles.Time, candlePages.SelectMany(page => page.Time));
            Assert.Equal(candles.Open, candlePages.SelectMany(page => page.Open));
            Assert.Equal(candles.High, candlePages.SelectMany(page => page.High));
            Assert.Equal(candles.Low, candlePages.SelectMany(page => page.Low));
            Assert.Equal(candles.Close, candlePages.SelectMany(page => page.Close));
        }, iter: Effort.Of(150));

    [Fact]
    public void The_pnl_of_the_bars_of_a_range_sums_to_that_of_its_periods_and_of_its_window() =>
        Gen.Select(AnyHistory.Bars, Gen.Enum<Interval>(), AnyQuantity, Gen.Int[4, 60]).Sample((bars, interval, quantity, maxPoints) =>
        {
            KeptToken token = KeptToken.Of(bars);
            SlotRange life = token.History.LifeRange;
            Rational pnl = ((Rational)bars[^1].Rate - bars[0].Rate) * quantity;

            Assert.Equal(pnl, token.Window(BarTime.OpenSeconds(life.From), BarTime.OpenSeconds(life.To)).Times(quantity).ExactPnl!.Value);
            foreach (RateSeries series in (RateSeries[])[token.Series(life, interval), token.Series(life, Interval.FiveMinutes), token.Series(life, interval, maxPoints: maxPoints)])
            {
                RateSeries times = series.Times(quantity);
                Assert.Equal(pnl, times.Time.Length == 0 ? 0 : CumulativePnl(times)[^1]);
                Assert.Equal(CumulativePnl(times), Pnl(times).Aggregate(new List<Amount>(), (sums, next) => [.. sums, (sums.Count > 0 ? sums[^1] : Amount.Zero) + next]));
                Assert.Equal(Pnl(times).Select(Nearest), times.Pnl.Nearest);
                Assert.Equal(CumulativePnl(times).Select(Nearest), times.CumulativePnl.Nearest);
            }
        }, iter: Effort.Of(100));

    [Fact]
    public void Money_that_decimals_hold_is_decimals_alone()
    {
        KeptToken token = KeptToken.Of([new(Monday, 1_000_000_000m), new(Monday + 1, 0.123456789m), new(Monday + 2, 20m)]);

        RateSeries series = token.Series(token.History.LifeRange, Interval.FiveMinutes).Times(0.25m);

        Assert.Equal((null, null), (series.Pnl.Exact, series.CumulativePnl.Exact));
        Assert.Equal([0m, -249_999_999.96913580275m, 4.96913580275m], series.Pnl.Nearest);
    }

    [Fact]
    public void A_difference_of_more_digits_than_a_decimal_has_keeps_them_all_beside_the_nearest_decimal()
    {
        KeptToken token = KeptToken.Of([new(Monday, 700_000_000m), new(Monday + 1, 0.9876543210987654321098765432m), new(Monday + 2, 3m)]);

        RateSeries series = token.Series(token.History.LifeRange, Interval.FiveMinutes);

        Assert.Equal(["0", "-699999999.0123456789012345678901234568", "2.0123456789012345678901234568"], series.Pnl.Exact!.Select(pnl => pnl.ToString()));
        Assert.Equal([0m, -699_999_999.0123456789012345679m, 2.0123456789012345678901234568m], series.Pnl.Nearest);
        Assert.Equal(["0", "-699999999.0123456789012345678901234568", "-699999997"], series.CumulativePnl.Exact!.Select(pnl => pnl.ToString()));
    }

    [Fact]
    public void The_series_of_a_quantity_has_so_many_times_the_pnl()
    {
        KeptToken token = KeptToken.Of([new(Monday, 100m), new(Monday + 1, 104m)]);

        RateSeries three = token.Series(token.History.LifeRange, Interval.FiveMinutes).Times(3m);

        Assert.Equal([100m, 104m], three.Rate);
        Assert.Equal([0m, 12m], three.Pnl.Nearest);
        Assert.Equal([0m, 12m], three.CumulativePnl.Nearest);
    }

    /// <summary>Quantities of 1 to 28 digits, above and below zero, so small that a product has 56 places, so large that no decimal holds it.</summary>
    internal static Gen<decimal> AnyQuantity { get; } = Gen.OneOf(
        Gen.Const(1m), Gen.Const(-2.5m), Gen.Const(1e-28m), Gen.Const(9_999_999_999_999_999_999_999_999_999m), Gen.Select(AnyHistory.Rate, Gen.Bool).Select((rate, isShort) => isShort ? -rate : rate));

    internal static Amount[] Pnl(RateSeries series) => series.Pnl.Exact ?? [.. series.Pnl.Nearest];

    internal static Amount[] CumulativePnl(RateSeries series) => series.CumulativePnl.Exact ?? [.. series.CumulativePnl.Nearest];

    private static decimal Nearest(Amount money) => money.ToNearestDecimal();

    internal static void Same(RateSeries expected, RateSeries actual)
    {
        Assert.Equal(expected.Time, actual.Time);
        Assert.Equal(expected.Rate, actual.Rate);
        Assert.Equal(expected.Pnl.Nearest, actual.Pnl.Nearest);
        Assert.Equal(expected.CumulativePnl.Nearest, actual.CumulativePnl.Nearest);
        Assert.Equal(expected.Pnl.Exact, actual.Pnl.Exact);
        Assert.Equal(expected.CumulativePnl.Exact, actual.CumulativePnl.Exact);
        Assert.Equal(expected.Next, actual.Next);
    }

    private static void Same(CandleSeries expected, CandleSeries actual)
    {
        Assert.Equal(expected.Time, actual.Time);
        Assert.Equal(expected.Open, actual.Open);
        Assert.Equal(expected.High, actual.High);
        Assert.Equal(expected.Low, actual.Low);
        Assert.Equal(expected.Close, actual.Close);
        Assert.Equal(expected.Next, actual.Next);
    }

    internal static SlotRange AnyRange(Bar[] bars, Random random)
    {
        int from = Math.Max(0, bars[0].Slot - 10), to = bars[^1].Slot + 10;
        int a = random.Next(from, to), b = random.Next(from, to);
        return random.Next(3) switch
        {
            0 => new(from, to),
            1 => new(BarTime.FirstSlotOfDay(BarTime.DayOf(Math.Min(a, b))), Math.Max(a, b)),
            _ => new(Math.Min(a, b), Math.Max(a, b)),
        };
    }
}

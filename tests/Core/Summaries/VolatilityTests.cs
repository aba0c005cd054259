using System.Numerics;
using CsCheck;

namespace Pnl.Tests.Core.Summaries;

public sealed class VolatilityTests
{
    private const int Lifetime = 1_700_000; // 5-minute bars of 16 years

    [Fact]
    public void Two_equal_moves_have_no_volatility_and_fewer_than_three_bars_have_none_at_all()
    {
        Assert.Equal(0, Of([100m, 200m, 400m]).Volatility!.Value, 1e-12);
        Assert.Null(Of([100m, 200m]).Volatility);
        Assert.Null(RateSummary.Empty.Volatility);
    }

    [Fact]
    public void Sixteen_years_of_a_market_have_the_volatility_of_a_plain_two_pass_computation()
    {
        // some 0.1 % a bar, ticks of a cent, with jumps
        Random random = new(20_090_103);
        long ticks = 1_000_000;
        Check(() => Mantissa.ToRate(ticks = Math.Clamp((long)(ticks * (1 + 0.002 * (random.NextDouble() - 0.5) + (random.Next(100_000) == 0 ? 0.3 : 0))), 1_000, 1L << 50), 2));
    }

    [Fact]
    public void A_strong_drift_does_not_drown_a_tiny_noise()
    {
        // from 1e-9 to 5e8 in a straight line of logarithms: 2.4e-5 a bar, of which 1e-8 is noise
        Random random = new(7);
        decimal rate = 0.000000001m;
        Check(() => rate = Math.Round(rate * (1.000024m + 0.00000001m * (decimal)(random.NextDouble() - 0.5)), rate < 0.5m ? 28 : 18), Effort.IsWhole ? Lifetime : Lifetime / 4);
    }

    [Fact]
    public void A_quiet_market_of_many_digits_has_its_small_volatility()
    {
        // a pegged token that moves by some 1e-7 a bar
        Random random = new(11);
        Check(() => 1m + 0.0000000000000001m * random.NextInt64(-1_000_000_000, 1_000_000_000), Effort.IsWhole ? Lifetime : Lifetime / 4);
    }

    [Fact]
    public void The_largest_leaps_there_are_do_not_overflow()
    {
        // 1e-18 and 1e9 in turn: each of an odd number n of log returns is 27 ln 10, up or down
        int rates = Effort.IsWhole ? 1 << 21 : 1 << 19;
        double n = rates - 1;
        double expected = 27 * Math.Log(10) * Math.Sqrt((n + 1) / n) * Math.Sqrt(105_120);

        double? actual = OfMany(rates, i => i % 2 == 0 ? 0.000000000000000001m : 1_000_000_000m).Volatility;

        Assert.Equal(expected, actual!.Value, 1e-9 * expected);
    }

    [Fact]
    public void Logarithms_are_right_to_a_double_where_they_are_usual_and_beyond_it_elsewhere() =>
        Gen.Select(Rates, Rates).Sample((a, b) =>
        {
            BigInteger expected = PlainVolatility.Log(a, b), actual = (BigInteger)LogReturn.Of(a, b) << (500 - LogReturn.Bits);
            double r = Math.Abs(PlainVolatility.ToDouble(expected, 500)), off = Math.Abs(PlainVolatility.ToDouble(actual - expected, 500));

            Assert.True(off <= 1.1 * (r < Math.ScaleB(1, -28) ? Math.ScaleB(1, -120) : r < Math.ScaleB(1, -19) ? Math.ScaleB(1, -89) : r < 0.051 ? 3.5e-16 * r : Math.ScaleB(1, -73)), $"ln of {a} to {b}, {r}, is off by {off}");
            Assert.Equal(a == b, actual.IsZero);
        }, iter: Effort.Of(20_000));

    /// <summary>Rates of any spacing, moves of any size: from the last of 28 digits to the ends of what there is.</summary>
    [Fact]
    public void Any_bars_have_the_volatility_of_a_plain_computation_in_more_digits() =>
        Gen.Select(Gen.Int[0, 27], Gen.Int[3, 60], Gen.Int[0, int.MaxValue], Gen.OneOf(Gen.Const(1), Gen.Int[1, 5], Gen.Int[1, 2_000])).Sample((digits, count, seed, most) =>
        {
            Random random = new(seed);
            decimal step = Mantissa.ToDecimal(1, digits), from = digits < 20 ? random.Next(1, 10_000) : 1m;
            List<Bar> bars = [];
            for (int i = 0, slot = random.Next(1_000); i < count; i++, slot += random.Next(3) == 0 ? random.Next(1, most + 1) : 1)
            {
                bars.Add(new(slot, Normal(from + step * random.Next(1, random.Next(4) == 0 ? 100_000 : 50))));
            }

            if (bars.Any(bar => bar.Rate != bars[0].Rate))
            {
                AssertRight(bars, Tolerance(bars));
            }
        }, iter: Effort.Of(5_000));

    [Fact]
    public void Rates_that_rise_by_the_same_amount_hardly_deviate_and_do()
    {
        // a ramp's returns of z deviate by z^2: from 10 % to 1e-14
        foreach (int hole in (int[])[1, 2, 7, 288])
        {
            for (int digits = 1; digits <= 14; digits++)
            {
                foreach (int count in (int[])[3, 10, 100])
                {
                    List<Bar> bars = [.. Enumerable.Range(0, count).Select(i => new Bar(7 + i * hole, Normal(1 + i * Mantissa.ToDecimal(1, digits))))];
                    AssertRight(bars, Tolerance(bars));
                }
            }
        }
    }

    [Theory]
    [InlineData(1e-10)]
    [InlineData(3e-12)]
    [InlineData(1e-14)]
    [InlineData(7e-21)]
    [InlineData(1e-27)]
    public void A_rate_that_moves_by_its_last_digits_is_not_still(double move)
    {
        decimal up = 1m + (decimal)move;

        AssertRight([new(5, 1m), new(6, up), new(7, 1m), new(8, up)], 1e-6);
        AssertRight([new(5, 1m), new(293, up), new(581, 1m), new(582, up), new(700, 1m)], 1e-6);
    }

    [Fact]
    public void A_walk_seen_daily_and_then_every_5_minutes_has_one_volatility()
    {
        // 60 % a year throughout, as those who have only daily closes of the years before 5-minute bars see it
        Random random = new(15);
        double log = Math.Log(1_000);
        List<Bar> bars = [];
        for (int slot = 287, step = 288; bars.Count < 20_000; slot += step = bars.Count < 3_000 ? 288 : 1)
        {
            log += 0.6 * Math.Sqrt(step / 105_120.0) * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            bars.Add(new(slot, Normal(Math.Round((decimal)Math.Exp(log), 6))));
        }

        AssertRight(bars, 1e-9);
        foreach (List<Bar> part in (List<Bar>[])[bars, bars[..3_000], bars[3_000..], bars[2_000..4_000]])
        {
            Assert.Equal(0.6, OfBars(part).Volatility!.Value, 4 * 0.6 / Math.Sqrt(2 * part.Count)); // four standard errors
        }
    }

    [Fact]
    public void Rates_that_grow_by_the_same_ratio_have_none_whatever_the_spacing_of_equal_returns()
    {
        Assert.Equal(0, OfBars([new(1, 8m), new(2, 12m), new(3, 18m), new(4, 27m)]).Volatility);
        Assert.Equal(0, OfBars([new(1, 100m), new(289, 101m), new(577, 102.01m), new(865, 103.0301m)]).Volatility);
        Assert.Equal(0, OfBars([new(1, 1m), new(2, 1m), new(900, 1m)]).Volatility);
    }

    private static readonly Gen<decimal> Rates = Gen.OneOf(
        Gen.Long[1, 1L << 61].Select(m => Mantissa.ToRate(m, 18)),
        Gen.Int[1, 40].Select(m => (decimal)m),
        Gen.Long[1_000_000_000_000, 1_000_000_001_000].Select(m => Mantissa.ToRate(m, 12)),
        Gen.Long[1, 1_000].Select(m => 1m + 0.0000000000000000000000000001m * m),
        Gen.Const(0.0000000000000000000000000001m), Gen.Const(9_999_999_999_999_999_999_999_999_999m));

    private static double Tolerance(List<Bar> bars) =>
        bars.Zip(bars.Skip(1)).Max(pair => Math.Abs((double)(pair.Second.Rate - pair.First.Rate) / (double)pair.First.Rate)) < 1e-9 ? 1e-6 : 1e-9;

    private static void AssertRight(List<Bar> bars, double tolerance)
    {
        // Returns are kept to 2^-119; what deviates by less (rates that rise by the same few 1e-16 and less, say) may come to nothing.
        const double least = 1e-33;
        (double expected, double actual) = (PlainVolatility.Of(bars), OfBars(bars).Volatility!.Value);
        Assert.True(
            Math.Abs(actual - expected) <= tolerance * expected + least && (actual > 0 || expected < 10 * least),
            $"expected {expected:R} but was {actual:R}, of {string.Join(", ", bars.Take(20).Select(bar => FormattableString.Invariant($"{bar.Slot} {bar.Rate}")))}");
    }

    private static RateSummary OfBars(IEnumerable<Bar> bars)
    {
        RateSummary life = default;
        DayBars day = new();
        foreach (IGrouping<int, Bar> each in bars.GroupBy(bar => BarTime.DayOf(bar.Slot)))
        {
            day.Set([.. each]);
            life += day.Summary(0, day.Count);
        }

        return life;
    }

    private static decimal Normal(decimal rate)
    {
        Assert.Equal(BarDefect.None, RateText.Normalise(rate, out decimal normal));
        return normal;
    }

    private static void Check(Func<decimal> next, int bars = Lifetime)
    {
        decimal[] rates = new decimal[bars];
        for (int i = 0; i < rates.Length; i++)
        {
            Assert.Equal(BarDefect.None, RateText.Normalise(next(), out rates[i]));
        }

        double expected = TwoPass(rates);
        double actual = OfMany(rates.Length, i => rates[i]).Volatility!.Value;
        Assert.True(Math.Abs(actual - expected) <= 1e-9 * expected, $"expected {expected:R} but was {actual:R}");
    }

    /// <summary>As a store would come to it: by days, these combined.</summary>
    private static RateSummary OfMany(int count, Func<int, decimal> rate)
    {
        RateSummary life = default;
        Bar[] day = new Bar[BarTime.BarsPerDay];
        DayBars bars = new();
        for (int first = 0; first < count; first += day.Length)
        {
            int length = Math.Min(day.Length, count - first);
            for (int i = 0; i < length; i++)
            {
                day[i] = new(first + i, rate(first + i));
            }

            bars.Set(day.AsSpan(0, length));
            life += bars.Summary(0, length);
        }

        return life;
    }

    private static RateSummary Of(decimal[] rates) => OfMany(rates.Length, i => rates[i]);

    /// <summary>Log returns in decimals where they are small, sums in decimals: 28 digits, so nothing cancels.</summary>
    private static double TwoPass(decimal[] rates)
    {
        decimal[] returns = new decimal[rates.Length - 1];
        decimal sum = 0;
        for (int i = 0; i < returns.Length; i++)
        {
            returns[i] = Log(rates[i], rates[i + 1]);
            sum += returns[i];
        }

        decimal mean = sum / returns.Length;
        double squares = 0, lost = 0; // Kahan's sum
        foreach (decimal r in returns)
        {
            double deviation = (double)(r - mean), add = deviation * deviation - lost, total = squares + add;
            (lost, squares) = (total - squares - add, total);
        }

        return Math.Sqrt(squares / (returns.Length - 1)) * Math.Sqrt(105_120);
    }

    /// <summary>ln(b / a): its series where the move is small, which leaves out less than 1e-21 of it.</summary>
    private static decimal Log(decimal a, decimal b)
    {
        decimal x = (b - a) / (a + b); // ln(b / a) = 2 (x + x^3 / 3 + x^5 / 5 + ...)
        if (Math.Abs(x) > 0.01m)
        {
            return (decimal)Math.Log((double)b / (double)a);
        }

        decimal q = x * x;
        return 2 * x * (1 + q * (1m / 3 + q * (1m / 5 + q * (1m / 7 + q * (1m / 9)))));
    }
}

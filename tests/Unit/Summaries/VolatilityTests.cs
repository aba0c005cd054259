using CsCheck;

namespace Pnl.Tests.Unit.Summaries;

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
        Check(() => rate = Math.Round(rate * (1.000024m + 0.00000001m * (decimal)(random.NextDouble() - 0.5)), rate < 0.5m ? 28 : 18));
    }

    [Fact]
    public void A_quiet_market_of_many_digits_has_its_small_volatility()
    {
        // a pegged token that moves by some 1e-7 a bar
        Random random = new(11);
        Check(() => 1m + 0.0000000000000001m * random.NextInt64(-1_000_000_000, 1_000_000_000));
    }

    [Fact]
    public void The_largest_leaps_there_are_do_not_overflow()
    {
        // 1e-18 and 1e9 in turn: each of an odd number n of log returns is 27 ln 10, up or down
        double n = (1 << 21) - 1;
        double expected = 27 * Math.Log(10) * Math.Sqrt((n + 1) / n) * Math.Sqrt(105_120);

        double? actual = OfMany(1 << 21, i => i % 2 == 0 ? 0.000000000000000001m : 1_000_000_000m).Volatility;

        Assert.Equal(expected, actual!.Value, 1e-9 * expected);
    }

    [Fact]
    public void Small_returns_keep_all_their_digits() =>
        Gen.Select(Gen.Long[1L << 40, 1L << 60], Gen.Long[1, 1L << 34]).Sample((rate, step) =>
        {
            double expected = (double)LogReturn(rate, rate + step);
            Assert.Equal(expected, Math.ScaleB(ExactRatio.LogReturn(rate, rate + step), -ExactRatio.LogBits), 3e-17 + 1e-15 * expected);
        }, iter: 5_000);

    private static void Check(Func<decimal> next)
    {
        decimal[] rates = new decimal[Lifetime];
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
            returns[i] = LogReturn(rates[i], rates[i + 1]);
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
    private static decimal LogReturn(decimal a, decimal b)
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

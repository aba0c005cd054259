using System.Numerics;
using CsCheck;
using Pnl.Tests.Core.History;

namespace Pnl.Tests.Core.Summaries;

public sealed class RateSummaryTests
{
    // The ends of what the contract allows (their ratio is 1e27), 28 digits, and the ends of what a decimal holds.
    private static readonly decimal[] Extremes =
    [
        0.000000000000000001m, 1_000_000_000m, 0.0000000000000000000000000001m, 9_999_999_999_999_999_999_999_999_999m,
        1.234567890123456789012345678m, 1.234567890123456789012345679m, 3m, 1m / 3m,
    ];

    private static readonly Gen<decimal> Rates = Gen.OneOf(
        AnyHistory.Rate, Gen.Int[0, Extremes.Length - 1].Select(i => Normal(Extremes[i])), Gen.Int[1, 4].Select(i => (decimal)i));

    private static readonly Gen<decimal[]> Runs = Gen.OneOf(
        Rates.Array[0, 4],
        Rates.Array[1, 40],
        // equal ratios: each rate twice the one before
        Gen.Select(Gen.Int[1, 1_000], Gen.Int[1, 12], (first, count) => Enumerable.Range(0, count).Select(i => (decimal)((long)first << i)).ToArray()));

    // Most bars follow each other, some after a hole.
    private static readonly Gen<int[]> Steps = Gen.OneOf(
        Gen.Const((int[])[1]), Gen.OneOf(Gen.Const(1), Gen.Const(1), Gen.Const(1), Gen.Int[1, 3], Gen.Int[1, 3_000_000]).Array[1, 20]);

    [Fact]
    public void A_run_comes_to_its_ends_its_extremes_and_its_deepest_fall()
    {
        RateSummary run = Fold([100m, 130m, 91m, 120m], 7);

        Assert.Equal((7, 10, 4), (run.FirstSlot, run.LastSlot, run.Count));
        Assert.Equal((100m, 120m, 130m, 91m), (run.First, run.Last, run.High, run.Low));
        Assert.Equal(0.3, run.MaxDrawdown, 1e-15);
    }

    [Fact]
    public void A_fall_across_the_seam_of_two_runs_counts()
    {
        RateSummary joined = Fold([50m, 200m], 0) + Fold([100m, 300m], 2);

        Assert.Equal(0.5, joined.MaxDrawdown);
    }

    [Fact]
    public void A_run_must_follow_the_one_it_is_added_to() =>
        Assert.Throws<ArgumentException>(() => Fold([1m, 2m], 5) + Fold([3m], 6));

    [Fact]
    public void Combining_is_exactly_associative_and_no_bars_are_neutral() =>
        Gen.Select(Runs, Runs, Runs).Sample((x, y, z) =>
        {
            RateSummary a = Fold(x, 0), b = Fold(y, 100), c = Fold(z, 200);

            SameBits((a + b) + c, a + (b + c)); // with holes between them
            SameBits(a, a + RateSummary.Empty);
            SameBits(a, RateSummary.Empty + a);
            Assert.Equal(a + b, RateSummary.Add(a, b));
        }, iter: Effort.Of(20_000));

    [Fact]
    public void A_run_cut_anywhere_comes_to_the_same() =>
        Gen.Select(Runs, Steps, Gen.Int[0, 1_000]).Sample((rates, steps, at) =>
        {
            int cut = at % (rates.Length + 1);
            int[] slots = Slots(rates.Length, steps);

            SameBits(Fold(rates, slots), Fold(rates[..cut], slots[..cut]) + Fold(rates[cut..], slots[cut..]));
        }, iter: Effort.Of(20_000));

    [Fact]
    public void Mantissas_and_decimals_come_to_the_same_bits() =>
        Gen.Select(Mantissas(), Gen.Int[0, 28], Steps, Gen.Int[0, 1_000]).Sample((mantissas, scale, steps, at) =>
        {
            int[] slots = Slots(mantissas.Length, steps);
            decimal[] rates = [.. mantissas.Select(m => Mantissa.ToRate(m, scale))];
            RateSummary fast = RateSummary.Of(slots, mantissas, scale, out long peak, out long trough);

            SameBits(Fold(rates, slots), fast);
            Assert.Equal(fast.MaxDrawdown, ExactRatio.Drawdown(peak, trough));

            int cut = at % (mantissas.Length + 1);
            SameBits(fast, RateSummary.Of(slots.AsSpan(0, cut), mantissas.AsSpan(0, cut), scale) + Fold(rates[cut..], slots[cut..]));
        }, iter: Effort.Of(10_000));

    [Fact]
    public void Ratios_depend_on_the_quotient_and_not_on_how_the_rates_are_written() =>
        Gen.Select(Gen.Long[1, 1L << 40], Gen.Long[1, 1L << 40], Gen.Long[1, 1L << 20], Gen.Int[0, 5]).Sample((a, b, factor, scale) =>
        {
            // factor * 10^10 pushes both beyond 62 bits, where other code divides
            decimal x = a * (decimal)factor * 10_000_000_000m, y = b * (decimal)factor * 10_000_000_000m;
            decimal tenth = Mantissa.ToDecimal(1, scale);

            Assert.Equal(LogReturn.Of(a, b), LogReturn.Of(x, y));
            Assert.Equal(LogReturn.Of(a, b), LogReturn.Of(a * tenth, b * tenth));
            Assert.Equal(LogReturn.Of(a, b), -LogReturn.Of(b, a));
            if (b < a)
            {
                Assert.Equal(ExactRatio.Drawdown(a, b), ExactRatio.Drawdown(x, y));
                Assert.Equal(ExactRatio.Drawdown(a, b), ExactRatio.Drawdown(a * tenth, b * tenth));
            }
        }, iter: Effort.Of(20_000));

    [Fact]
    public void A_drawdown_is_the_double_nearest_to_the_exact_quotient() =>
        Gen.Select(Rates, Rates).Sample((x, y) =>
        {
            (decimal peak, decimal trough) = (Math.Max(x, y), Math.Min(x, y));
            double drawdown = ExactRatio.Drawdown(peak, trough);
            BigInteger p = InUnits(peak), difference = p - InUnits(trough);

            Assert.True(Off(drawdown) <= Off(Math.BitIncrement(drawdown)));
            Assert.True(drawdown == 0 || Off(drawdown) <= Off(Math.BitDecrement(drawdown)));

            // |value - difference / p| as an integer: every drawdown that there is, is a multiple of 2^-400
            BigInteger Off(double value)
            {
                (long mantissa, int exponent) = Parts(value);
                return BigInteger.Abs(((BigInteger)mantissa << (400 + exponent)) * p - (difference << 400));
            }
        }, iter: Effort.Of(5_000));

    [Fact]
    public void A_stored_summary_of_a_month_comes_back_bit_for_bit() =>
        Runs.Sample(rates =>
        {
            MonthSummary month = new(3, Fold(rates, 17));

            Assert.Equal(month, MonthSummary.Restore(3, month.Store()));
            Assert.Equal(month.Store(), MonthSummary.Restore(3, month.Store()).Store());
        }, iter: Effort.Of(1_000));

    private static Gen<long[]> Mantissas() => Gen.OneOf(
        Gen.Long[50_000_000, 50_000_003].Array[1, 30], // moves of 2e-8
        Gen.Long[1, 20].Array[1, 100],
        Gen.Long[1L << 51, 1L << 54].Array[1, 30],
        Gen.Long[(1L << 62) - 50, (1L << 62) - 1].Array[1, 30],
        Gen.Long[1, (1L << 62) - 1].Array[1, 30],
        Gen.OneOf(Gen.Const(1L), Gen.Const((1L << 62) - 1), Gen.Const(1L << 52)).Array[1, 30]);

    private static RateSummary Fold(decimal[] rates, int firstSlot) => Fold(rates, Slots(rates.Length, [1], firstSlot));

    private static RateSummary Fold(decimal[] rates, int[] slots) =>
        rates.Zip(slots).Aggregate(RateSummary.Empty, (summary, bar) => summary + RateSummary.Of(new Bar(bar.Second, bar.First)));

    /// <summary>Slots as far apart as the steps say, again and again.</summary>
    private static int[] Slots(int count, int[] steps, int first = 10)
    {
        int[] slots = new int[count];
        for (int i = 0, slot = first; i < count; slot += steps[i++ % steps.Length])
        {
            slots[i] = slot;
        }

        return slots;
    }

    private static void SameBits(in RateSummary expected, in RateSummary actual)
    {
        Assert.Equal(expected, actual);
        Assert.Equal(new MonthSummary(0, expected).Store(), new MonthSummary(0, actual).Store());
    }

    private static decimal Normal(decimal rate)
    {
        Assert.Equal(BarDefect.None, RateText.Normalise(rate, out decimal normal));
        return normal;
    }

    private static BigInteger InUnits(decimal rate)
    {
        (UInt128 mantissa, int scale) = Mantissa.Of(rate);
        return (BigInteger)mantissa * BigInteger.Pow(10, 28 - scale);
    }

    private static (long Mantissa, int Exponent) Parts(double value)
    {
        if (value == 0)
        {
            return (0, 0);
        }

        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> 52) & 0x7FF);
        return exponent == 0 ? (0, 0) : ((bits & ((1L << 52) - 1)) | (1L << 52), exponent - 1075);
    }
}

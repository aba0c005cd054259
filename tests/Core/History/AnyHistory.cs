using CsCheck;

namespace Pnl.Tests.Core.History;

/// <summary>Random histories of tokens, with all that a contract allows and a market seldom shows.</summary>
internal static class AnyHistory
{
    /// <summary>How the rates of a run come about.</summary>
    public enum Manner
    {
        /// <summary>A random walk in ticks, as markets have it.</summary>
        Ticks,

        /// <summary>The same rate again and again, seldom another.</summary>
        Flat,

        /// <summary>A few units of 1e-18.</summary>
        Tiny,

        /// <summary>About 1e9, to ten digits behind the point.</summary>
        Huge,

        /// <summary>Any 28 digits.</summary>
        Wide,

        /// <summary>28 digits of which the last few move.</summary>
        LastDigits,

        /// <summary>Anything between 1e-18 and 1e9, at once.</summary>
        Leaps,
    }

    private sealed record Run(int Pause, int Length, double Density, Manner Manner, int Seed);

    private static readonly Gen<Manner> Manners = Gen.Enum<Manner>();

    // Pauses: none, a few bars, a few days, many months.
    private static readonly Gen<int> Pauses = Gen.OneOf(Gen.Const(0), Gen.Int[1, 4], Gen.Int[1, 900], Gen.Int[1, 70_000]);

    private static readonly Gen<double> Densities = Gen.Int[0, 4].Select(i => i switch { 0 => 0.97, 1 => 0.5, 2 => 0.03, _ => 1.0 });

    private static readonly Gen<int> Lengths = Gen.OneOf(Gen.Int[1, 3], Gen.Int[1, 40], Gen.Int[1, 900]);

    private static readonly Gen<Run> Runs =
        Gen.Select(Pauses, Lengths, Densities, Manners, Gen.Int[0, int.MaxValue], (pause, length, density, manner, seed) => new Run(pause, length, density, manner, seed));

    // The first slots that there are, the turn of any month from 2010 to 2029, or anywhere.
    private static readonly Gen<int> Starts = Gen.OneOf(
        Gen.Int[0, 600],
        Gen.Select(Gen.Int[480, 719], Gen.Int[-400, 10], (month, before) => BarTime.FirstSlotOfMonth(month) + before),
        Gen.Int[4_000_000, 6_000_000]);

    /// <summary>Bars in order, one or more.</summary>
    public static Gen<Bar[]> Bars { get; } = Gen.Select(Starts, Runs.Array[1, 6], Lay);

    /// <summary>Bars of one UTC day in order, one or more.</summary>
    public static Gen<Bar[]> Day { get; } = Gen.Select(
        Gen.Int[0, 25_000], Gen.OneOf(Gen.Const(0), Gen.Int[0, 287]), Gen.OneOf(Gen.Int[1, 3], Gen.Int[1, 288]), Densities, Manners, Gen.Int[0, int.MaxValue],
        (day, first, length, density, manner, seed) =>
            Lay(day * 288 + first, [new Run(0, Math.Min(length, 288 - first), density, manner, seed)]));

    /// <summary>A rate of 1 to 28 digits between 1e-18 and 1e9, or beyond.</summary>
    public static Gen<decimal> Rate { get; } =
        Gen.Select(Manners, Gen.Int[0, int.MaxValue], (manner, seed) => new Walk(manner, new Random(seed)).Next());

    /// <summary>Any stagger of sealing.</summary>
    public static Gen<int> Stagger { get; } = Gen.OneOf(Gen.Const(0), Gen.Const(287), Gen.Int[0, 287]);

    private static Bar[] Lay(int start, Run[] runs)
    {
        List<Bar> bars = [];
        int slot = start;
        foreach (Run run in runs)
        {
            slot += run.Pause;
            Random random = new(run.Seed);
            Walk walk = new(run.Manner, random);
            for (int i = 0; i < run.Length; i++, slot++)
            {
                if (i == 0 || random.NextDouble() < run.Density)
                {
                    bars.Add(new(slot, walk.Next()));
                }
            }
        }

        return [.. bars];
    }

    private sealed class Walk(Manner manner, Random random)
    {
        private readonly int _scale = random.Next(13);
        private readonly UInt128 _base = Digits(random, 28);
        private long _ticks = (long)Math.Pow(10, random.Next(1, 8));
        private decimal? _last;

        public decimal Next()
        {
            decimal rate = manner switch
            {
                Manner.Ticks => Mantissa.ToDecimal((ulong)(_ticks = Math.Max(1, _ticks + random.Next(-5, 6))), _scale),
                Manner.Flat when _last is { } last && random.Next(20) != 0 => last,
                Manner.Flat => Mantissa.ToDecimal((uint)random.Next(1, 4), _scale),
                Manner.Tiny => Mantissa.ToDecimal((uint)random.Next(1, 30), 18),
                Manner.Huge => 900_000_000m + Mantissa.ToDecimal(Digits(random, 17), random.Next(9, 11)),
                Manner.Wide => Mantissa.ToDecimal(Digits(random, random.Next(20, 29)), random.Next(19, 29)),
                Manner.LastDigits => Mantissa.ToDecimal(_base - (UInt128)(uint)random.Next(0, 1000), 20),
                _ => Mantissa.ToDecimal((uint)random.Next(1, 10) * Mantissa.TenToThe(random.Next(27)), 18),
            };
            BarDefect defect = RateText.Normalise(rate, out decimal normal);
            Assert.Equal(BarDefect.None, defect);
            _last = normal;
            return normal;
        }

        private static UInt128 Digits(Random random, int count)
        {
            UInt128 value = (uint)random.Next(1, 10);
            for (int i = 1; i < count; i++)
            {
                value = value * 10 + (uint)random.Next(10);
            }

            return value;
        }
    }
}

namespace Pnl.Bench.Data;

/// <summary>
/// What a day's bars cost an ideal coder that knows the law of their noise: the code length of the differences in ticks
/// under the Gaussian or the Laplace distribution fitted to the day, whichever is shorter. It is the measure of how much
/// smaller a codec of differences could become; times are free, since almost every slot has a bar.
/// </summary>
internal static class MarketNoise
{
    public const string Name = "noise of the differences in ticks, Gaussian or Laplace fitted to the day";

    public static double Bits(TokenBars token)
    {
        double bits = 0;
        foreach ((_, int from, int to) in token.Days())
        {
            // A day is coded by itself, in the scale that its own rates need.
            long unit = Unit(token.Mantissas.AsSpan(from, to - from));
            double[] differences = new double[to - from - 1];
            for (int i = 0; i < differences.Length; i++)
            {
                differences[i] = (double)(token.Mantissas[from + i + 1] - token.Mantissas[from + i]) / unit;
            }

            if (differences.Any(d => d != 0))
            {
                bits += Math.Min(Gaussian(differences), Laplace(differences));
            }
        }

        return bits;
    }

    private static long Unit(ReadOnlySpan<long> mantissas)
    {
        long unit = 1;
        while (unit < 1_000_000_000_000_000)
        {
            foreach (long mantissa in mantissas)
            {
                if (mantissa % (unit * 10) != 0)
                {
                    return unit;
                }
            }

            unit *= 10;
        }

        return unit;
    }

    private static double Gaussian(double[] differences)
    {
        double variance = differences.Sum(d => d * d) / differences.Length;
        double sigma = Math.Sqrt(variance);
        return differences.Sum(d =>
        {
            // Simpson over the tick: where sigma is a few ticks it is the density itself.
            double Density(double x) => Math.Exp(-x * x / (2 * variance)) / (sigma * Math.Sqrt(2 * Math.PI));
            double p = sigma > 0.5
                ? (Density(d - 0.5) + 4 * Density(d - 0.25) + 2 * Density(d) + 4 * Density(d + 0.25) + Density(d + 0.5)) / 12
                : 0;
            return p > 1e-290 ? -Math.Log2(p)
                : Math.Log2(sigma * Math.Sqrt(2 * Math.PI)) + d * d / (2 * variance) * Math.Log2(Math.E);
        });
    }

    private static double Laplace(double[] differences)
    {
        double mean = differences.Sum(Math.Abs) / differences.Length;

        // The two-sided geometric law with that mean magnitude: P(0) = (1-t)/(1+t), mean = 2t/(1-t^2).
        double t = (Math.Sqrt(1 + mean * mean) - 1) / mean;
        double zero = -Math.Log2((1 - t) / (1 + t)), step = -Math.Log2(t);
        return differences.Sum(d => zero + Math.Abs(d) * step);
    }
}

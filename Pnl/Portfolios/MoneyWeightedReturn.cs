using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Pnl;

/// <summary>Money that changes hands at a time; negative where its owner pays it in.</summary>
public readonly record struct CashFlow(DateTimeOffset Time, double Amount);

/// <summary>
/// The money-weighted return (XIRR): the yearly rate r at which the flows are worth nothing together, that is
/// sum of amount / (1 + r)^(time / 365 days) = 0, times to the second.
/// </summary>
/// <param name="Rates">
/// All solutions in ascending order, fractions a year. Exactly one is the return; flows that change their sign several times
/// may have several, of which none is the return, and flows of one sign have none.
/// </param>
/// <remarks>
/// With x = ln(1 + r) the sum is one of exponentials, and Descartes' rule holds: it has no more zeros than the flows have
/// changes of sign. A single zero is also certain if, at that rate, the balance of the flows so far never turns (Soper
/// 1959). Otherwise x is searched from -700 to 700, in steps that grow with |x|, for changes of sign of the sum, and of its
/// derivative, so that zeros that lie close together are found too.
/// </remarks>
public sealed record MoneyWeightedReturn(ImmutableArray<double> Rates)
{
    private const double Farthest = 700; // e^709 is about the largest double

    private static readonly double[] Grid = [.. Steps().Select(x => -x).Reverse(), 0, .. Steps()];

    private static readonly double[] Coarse = [0.05, 0.2, 0.5, 1, 2, 5, 20, 100, Farthest];

    /// <summary>The return, if the flows have exactly one; otherwise null.</summary>
    public double? Rate => Rates is [double rate] ? rate : null;

    /// <summary>Solves for flows in any order.</summary>
    public static MoneyWeightedReturn Of(IEnumerable<CashFlow> flows)
    {
        CashFlow[] all = flows as CashFlow[] ?? [.. flows];
        CashFlow[] sorted = IsAscending(all) ? all : [.. all.OrderBy(flow => flow.Time)];
        (double[] amounts, double[] years) = Merged(sorted);
        int turns = 0;
        for (int i = 1; i < amounts.Length; i++)
        {
            turns += amounts[i] > 0 != amounts[i - 1] > 0 ? 1 : 0;
        }

        return turns == 0 ? new([]) : new([.. new Equation(amounts, years).Zeros(turns).Select(Expm1)]);
    }

    private static bool IsAscending(CashFlow[] flows)
    {
        for (int i = 1; i < flows.Length; i++)
        {
            if (flows[i].Time < flows[i - 1].Time)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The sums of flows of the same time, those that are not zero, and the years from the first of them.</summary>
    private static (double[] Amounts, double[] Years) Merged(CashFlow[] flows)
    {
        (double[] amounts, double[] years) = (new double[flows.Length], new double[flows.Length]);
        DateTimeOffset? first = null;
        int count = 0;
        for (int i = 0, next; i < flows.Length; i = next)
        {
            double sum = 0;
            for (next = i; next < flows.Length && flows[next].Time == flows[i].Time; next++)
            {
                sum += flows[next].Amount;
            }

            if (sum != 0)
            {
                amounts[count] = sum;
                years[count++] = (flows[i].Time - (first ??= flows[i].Time)).TotalSeconds / (365.0 * 86_400);
            }
        }

        return (amounts[..count], years[..count]);
    }

    private static IEnumerable<double> Steps()
    {
        for (double x = 0.01; x < Farthest; x *= 1.1)
        {
            yield return x;
        }

        yield return Farthest;
    }

    // e^x - 1 without the loss of digits near 0.
    private static double Expm1(double x) => Math.Abs(x) < 1e-5 ? x + x * x / 2 + x * x * x / 6 : Math.Exp(x) - 1;

    private sealed class Equation(double[] amounts, double[] years)
    {
        public IEnumerable<double> Zeros(int turns)
        {
            List<double> zeros = [];
            if (turns == 1)
            {
                // The one zero is where the sign is not that of the first flow any more.
                if (At(-Farthest).Value * At(Farthest).Value < 0)
                {
                    zeros.Add(Zero(-Farthest, Farthest));
                }

                return zeros;
            }

            if (Certain() is { } certain)
            {
                return [certain];
            }

            // From rates near 0 outward: mostly the first zero is the only one.
            int middle = Grid.Length / 2;
            bool isTested = false;
            Term above = At(0, 1), below = At(0, -1);
            if (above.Value == 0)
            {
                zeros.Add(0);
            }

            for (int i = 0; i < middle; i++)
            {
                above = Search(Grid[middle + i], above, Grid[middle + i + 1], zeros);
                below = Search(Grid[middle - i], below, Grid[middle - i - 1], zeros);
                if (!isTested && zeros is [double only])
                {
                    isTested = true;
                    if (IsUnique(only))
                    {
                        break;
                    }
                }
            }

            return zeros.Order();
        }

        /// <summary>A zero that a few points find and that is certain to be the only one; null if there is none such.</summary>
        private double? Certain()
        {
            double middle = At(0).Value;
            if (middle == 0)
            {
                return null;
            }

            (double near, bool above, bool below) = (0, true, true);
            foreach (double far in Coarse)
            {
                above &= At(far).Value * middle > 0;
                below &= At(-far).Value * middle > 0;
                if (!above || !below)
                {
                    double zero = above ? Zero(-near, -far) : Zero(near, far);
                    return above != below && IsUnique(zero) ? zero : null;
                }

                near = far;
            }

            return null;
        }

        /// <summary>Looks between two points of the grid, and at the far one, whose sum it gives.</summary>
        private Term Search(double near, Term a, double far, List<double> zeros)
        {
            Term b = At(far);
            if (b.Value == 0)
            {
                zeros.Add(far);
            }
            else if (a.Value * b.Value < 0)
            {
                zeros.Add(Zero(near, far));
            }
            else if (a.Value != 0 && a.Slope * (far - near) * a.Value < 0 && b.Slope * (far - near) * b.Value > 0)
            {
                // It comes nearer to zero and goes away again: does it touch, or cross twice?
                double lowest = Lowest(near, far, a);
                Term least = At(lowest, far);
                if (Math.Abs(least.Value) <= 1e-13 * least.Size)
                {
                    zeros.Add(lowest);
                }
                else if (least.Value * a.Value < 0)
                {
                    zeros.Add(Zero(near, lowest));
                    zeros.Add(Zero(lowest, far));
                }
            }

            return b;
        }

        /// <summary>Where it comes nearest to zero; bisected, since the second derivative is not at hand.</summary>
        private double Lowest(double near, double far, Term a)
        {
            (double low, double high) = (near, far);
            while (true)
            {
                double middle = low + (high - low) / 2;
                if (middle == low || middle == high)
                {
                    return middle;
                }

                (low, high) = At(middle, far).Slope * (far - near) * a.Value < 0 ? (middle, high) : (low, middle);
            }
        }

        /// <summary>The zero between two points of different sign: Newton's step where it stays between them, otherwise half way.</summary>
        private double Zero(double a, double b)
        {
            int sign = Math.Sign(At(a, b).Value);
            double x = a + (b - a) / 2;
            for (int i = 0; i < 200; i++)
            {
                Term term = At(x, b);
                if (term.Value == 0)
                {
                    return x;
                }

                (a, b) = Math.Sign(term.Value) == sign ? (x, b) : (a, x);
                double next = x - term.Value / term.Slope;
                if (!(next > Math.Min(a, b) && next < Math.Max(a, b)))
                {
                    next = a + (b - a) / 2;
                }

                if (Math.Abs(next - x) <= 1e-16 * Math.Abs(x))
                {
                    return next;
                }

                x = next;
            }

            return x;
        }

        /// <summary>The sum at x, times a positive number that keeps every term finite, and its derivative.</summary>
        /// <param name="x">ln(1 + rate).</param>
        /// <param name="side">For an x of 0, on which side of it the derivative is meant.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // the first portfolios that are asked for would wait for the JIT's tiers
        private Term At(double x, double side = 0)
        {
            // Counted from the last flow where rates are negative: no exponent is above 0.
            double from = (x == 0 ? side : x) < 0 ? years[^1] : 0, value = 0, slope = 0, size = 0;
            (Vector256<double> values, Vector256<double> slopes, Vector256<double> sizes, int i) = (default, default, default, 0);
            for (; i <= amounts.Length - Vector256<double>.Count; i += Vector256<double>.Count)
            {
                Vector256<double> year = Vector256.LoadUnsafe(ref years[i]) - Vector256.Create(from), term = Vector256.LoadUnsafe(ref amounts[i]) * Vector256.Exp(year * -x);
                values += term;
                slopes -= term * year;
                sizes += Vector256.Abs(term);
            }

            for (; i < amounts.Length; i++)
            {
                double year = years[i] - from, term = amounts[i] * Math.Exp(-x * year);
                value += term;
                slope -= term * year;
                size += Math.Abs(term);
            }

            (value, slope, size) = (value + Vector256.Sum(values), slope + Vector256.Sum(slopes), size + Vector256.Sum(sizes));
            return new(value, slope, size);
        }

        private bool IsUnique(double x)
        {
            double balance = 0;
            int sign = Math.Sign(amounts[0]);
            for (int i = 0; i < amounts.Length - 1; i++)
            {
                balance = balance * Math.Exp(x * (i == 0 ? 0 : years[i] - years[i - 1])) + amounts[i];
                if (balance * sign < 0)
                {
                    return false;
                }
            }

            return true;
        }

        private readonly record struct Term(double Value, double Slope, double Size);
    }
}

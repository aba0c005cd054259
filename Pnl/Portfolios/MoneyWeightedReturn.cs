using System.Collections.Immutable;

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

    /// <summary>The return, if the flows have exactly one; otherwise null.</summary>
    public double? Rate => Rates is [double rate] ? rate : null;

    /// <summary>Solves for flows in any order.</summary>
    public static MoneyWeightedReturn Of(IEnumerable<CashFlow> flows)
    {
        CashFlow[] sorted = [.. flows.Where(flow => flow.Amount != 0).GroupBy(flow => flow.Time).Select(at => new CashFlow(at.Key, at.Sum(flow => flow.Amount)))
            .Where(flow => flow.Amount != 0).OrderBy(flow => flow.Time)];
        double[] amounts = [.. sorted.Select(flow => flow.Amount)];
        double[] years = [.. sorted.Select(flow => (flow.Time - sorted[0].Time).TotalSeconds / (365.0 * 86_400))];
        int turns = amounts.Zip(amounts.Skip(1)).Count(pair => Math.Sign(pair.First) != Math.Sign(pair.Second));
        return turns == 0 ? new([]) : new([.. new Equation(amounts, years).Zeros(turns).Select(Expm1)]);
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
        public List<double> Zeros(int turns)
        {
            List<double> zeros = [];
            if (turns == 1)
            {
                // The one zero is where the sign is not that of the first flow any more.
                if (Value(-Farthest) * Value(Farthest) < 0)
                {
                    zeros.Add(Zero(-Farthest, Farthest));
                }

                return zeros;
            }

            for (int i = 1; i < Grid.Length; i++)
            {
                Search(Grid[i - 1], Grid[i], zeros);
                if (zeros is [double only] && IsUnique(only))
                {
                    break;
                }
            }

            return zeros;
        }

        private void Search(double a, double b, List<double> zeros)
        {
            (double va, double vb) = (Value(a), Value(b));
            if (vb == 0)
            {
                zeros.Add(b);
            }
            else if (va * vb < 0)
            {
                zeros.Add(Zero(a, b));
            }
            else if (va != 0 && Slope(a, b) * va < 0 && Slope(b, a) * vb > 0)
            {
                // It comes nearer to zero and goes away again: does it touch, or cross twice?
                double lowest = Bisected(a, b, x => Slope(x, a) * va < 0), v = Value(lowest);
                if (Math.Abs(v) <= 1e-13 * Size(lowest))
                {
                    zeros.Add(lowest);
                }
                else if (v * va < 0)
                {
                    zeros.Add(Zero(a, lowest));
                    zeros.Add(Zero(lowest, b));
                }
            }
        }

        private double Zero(double a, double b)
        {
            int sign = Math.Sign(Value(a));
            return Bisected(a, b, x => Math.Sign(Value(x)) == sign);
        }

        // Some 60 steps, whatever the sum looks like: Newton's would be faster where it is well-behaved, and that is not known.
        private static double Bisected(double low, double high, Func<double, bool> isBefore)
        {
            while (true)
            {
                double middle = low + (high - low) / 2;
                if (middle <= low || middle >= high)
                {
                    return middle;
                }

                (low, high) = isBefore(middle) ? (middle, high) : (low, middle);
            }
        }

        /// <summary>The sum at x, times a positive number that keeps every term finite.</summary>
        private double Value(double x) => Sum(x, x, (amount, _) => amount);

        /// <summary>Its derivative, on the side of 0 on which <paramref name="side"/> is.</summary>
        private double Slope(double x, double side) => Sum(x, x == 0 ? side : x, (amount, year) => -amount * year);

        private double Size(double x) => Sum(x, x, (amount, _) => Math.Abs(amount));

        private double Sum(double x, double side, Func<double, double, double> term)
        {
            // Counted from the last flow where rates are negative: no exponent is above 0.
            double from = side < 0 ? years[^1] : 0, sum = 0;
            for (int i = 0; i < amounts.Length; i++)
            {
                sum += term(amounts[i], years[i] - from) * Math.Exp(-x * (years[i] - from));
            }

            return sum;
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
    }
}

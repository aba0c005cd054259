using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// A portfolio's value and profit over time, in its base currency, as columns. Money is exact: decimals, and where one does
/// not hold every digit, these beside.
/// </summary>
/// <param name="Time">Unix seconds: each point counts the entries up to then and the bars closed by then.</param>
/// <param name="MarketValue">Of what was held and has a rate.</param>
/// <param name="Contributions">What had come in so far.</param>
/// <param name="Distributions">What had gone out so far.</param>
/// <param name="Realised">Realised so far, before fees.</param>
/// <param name="Unrealised">Market value less cost.</param>
/// <param name="Total">Realised + unrealised + income - fees.</param>
/// <param name="TimeWeightedReturn">Since the first entry, a fraction; null before it, and where it is not known.</param>
/// <param name="Complete">Whether nothing is left out for want of a rate.</param>
public sealed record ValuationSeries(
    long[] Time, MoneyColumn MarketValue, MoneyColumn Contributions, MoneyColumn Distributions, MoneyColumn Realised, MoneyColumn Unrealised, MoneyColumn Total,
    double?[] TimeWeightedReturn, bool[] Complete)
{
    /// <summary>So many points, to be filled.</summary>
    private ValuationSeries(int points)
        : this(new long[points], new(points), new(points), new(points), new(points), new(points), new(points), new double?[points], new bool[points])
    {
    }

    /// <summary>
    /// Values a portfolio at many times, in one pass over its entries and the rates. Asks for the rates that
    /// <see cref="Performance.Needs"/> names.
    /// </summary>
    /// <param name="portfolio">The portfolio.</param>
    /// <param name="slots">The slots at whose close it is valued, ascending.</param>
    /// <param name="columns">
    /// Of each market, the rate as of each of the slots; 0 while there is none, and carried forward ever since. A market
    /// without a column has no rates.
    /// </param>
    /// <param name="rates">Rates at the times of external flows.</param>
    public static ValuationSeries Of(Portfolio portfolio, int[] slots, IReadOnlyDictionary<CurrencyPair, decimal[]> columns, CrossRates rates) =>
        Of(portfolio, slots, columns, LedgerFlows.Of(portfolio, PerformanceHistory.Empty, portfolio.Count, rates.Graph), rates);

    /// <inheritdoc cref="Of(Portfolio, int[], IReadOnlyDictionary{CurrencyPair, decimal[]}, CrossRates)"/>
    internal static ValuationSeries Of(Portfolio portfolio, int[] slots, IReadOnlyDictionary<CurrencyPair, decimal[]> columns, LedgerFlows flows, CrossRates rates)
    {
        ValuationSeries series = new(slots.Length);
        using ImmutableSortedSet<PostedEntry>.Enumerator entries = portfolio.Posted.GetEnumerator();
        bool more = entries.MoveNext(), any = false;
        PositionBook book = PositionBook.Empty(portfolio.Terms);
        Performance performance = Performance.Empty;
        LedgerFlows.Cursor cursor = new(flows, rates);
        int count = 0;
        Held held = Held.Of(book, rates.Graph, columns, 0);
        Queue<int> begins = new(columns.Values.Select(column => Array.FindIndex(column, rate => rate != 0m)).Where(i => i > 0).Order());
        for (int i = 0; i < slots.Length; i++)
        {
            DateTimeOffset time = BarTime.Close(slots[i]);
            bool changed = i == 0;
            for (; more && entries.Current.Entry.Time <= time; more = entries.MoveNext())
            {
                (book, changed, any) = (book.After(entries.Current, out _)!, true, true);
                count++;
            }

            for (; begins.TryPeek(out int begin) && begin <= i; begins.Dequeue())
            {
                changed = true; // a path may have become known, or a shorter one
            }

            if (changed)
            {
                held = Held.Of(book, rates.Graph, columns, i);
                performance = cursor.UpTo(count);
            }

            Amount value = held.Value(i), unrealised = value - held.Totals.Cost;
            series.Time[i] = time.ToUnixTimeSeconds();
            series.MarketValue[i] = value;
            Set(series.Contributions, i, held.Totals.Contributions, changed);
            Set(series.Distributions, i, held.Totals.Distributions, changed);
            Set(series.Realised, i, held.Totals.Realised, changed);
            series.Unrealised[i] = unrealised;
            series.Total[i] = held.WithoutUnrealised + unrealised;
            series.TimeWeightedReturn[i] = any && held.Complete ? performance.TimeWeightedReturn(value) : null;
            series.Complete[i] = held.Complete;
        }

        return series;
    }

    /// <summary>Drawdown, volatility and ratios of the time-weighted return; the points are an interval apart.</summary>
    /// <param name="interval">The interval.</param>
    /// <param name="riskFree">What is earned without risk, a period.</param>
    public PerformanceStatistics Statistics(Interval interval, double riskFree = 0) => Statistics(TimeWeightedReturn, interval, riskFree);

    /// <summary>The same of a series of which there is no more than the time-weighted returns of its points.</summary>
    /// <param name="timeWeightedReturns">A fraction each; null where it is not known.</param>
    /// <param name="interval">The interval.</param>
    /// <param name="riskFree">What is earned without risk, a period.</param>
    internal static PerformanceStatistics Statistics(IEnumerable<double?> timeWeightedReturns, Interval interval, double riskFree)
    {
        double?[] values = [.. timeWeightedReturns.Select(twr => twr + 1)];
        return PerformanceStatistics.Of(values, PerformanceStatistics.PeriodsPerYear(interval), riskFree);
    }

    // What the ledger alone changes stays as it is for thousands of points.
    private static void Set(MoneyColumn column, int i, Amount value, bool changed)
    {
        if (changed)
        {
            column[i] = value;
        }
        else
        {
            column.Repeat(i);
        }
    }

    /// <summary>What is held between two changes, with the columns that value it.</summary>
    private sealed record Held(PositionTotals Totals, (Amount Quantity, RateGraph.Step[] Path, decimal[][] Rates)[] Positions, bool Complete)
    {
        public Amount WithoutUnrealised { get; } = Totals.Realised + Totals.Income - Totals.Fees;

        public static Held Of(PositionBook book, RateGraph graph, IReadOnlyDictionary<CurrencyPair, decimal[]> columns, int i)
        {
            PositionTotals totals = default;
            bool complete = true;
            List<(Amount, RateGraph.Step[], decimal[][])> positions = [];
            foreach (Position position in book.Positions)
            {
                RateGraph.Step[]? path = position.Quantity.IsZero
                    ? []
                    : graph.Path(position.Token, book.Terms.BaseCurrency, market => columns.TryGetValue(market, out decimal[]? column) && column[i] != 0m);
                if (path is null || !position.Missing.IsEmpty)
                {
                    complete = false;
                    continue;
                }

                totals += position;
                if (!position.Quantity.IsZero)
                {
                    positions.Add((position.Quantity, path, [.. path.Select(step => columns[step.Pair])]));
                }
            }

            return new(totals, [.. positions], complete);
        }

        public Amount Value(int i)
        {
            Amount value = default;
            foreach ((Amount quantity, RateGraph.Step[] path, decimal[][] rates) in Positions)
            {
                Amount product = path.Length > 0 && !path[0].Inverse ? rates[0][i] : Amount.One, divisor = Amount.One;
                bool divides = false;
                for (int s = 0; s < path.Length; s++)
                {
                    if (path[s].Inverse)
                    {
                        divisor = divides ? divisor * rates[s][i] : rates[s][i];
                        divides = true;
                    }
                    else if (s > 0)
                    {
                        product *= rates[s][i];
                    }
                }

                value += quantity * (divides ? product.DividedBy(divisor) : product);
            }

            return value;
        }
    }
}

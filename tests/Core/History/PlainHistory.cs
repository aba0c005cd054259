namespace Pnl.Tests.Core.History;

/// <summary>
/// The definitions of windows and series, written down as plainly as they read: a sorted list of bars, loops over all of
/// it, statistics in doubles with two passes. Knows nothing of summaries, segments or slots of days; slow, and so simple
/// that it can be checked by eye. What the engine answers must equal what this answers.
/// </summary>
internal sealed class PlainHistory
{
    private readonly List<(long Open, decimal Rate)> _bars = [];
    private readonly List<(long From, long To)> _read = [];

    /// <param name="bars">In any order; of equal times the last one counts, since it is a correction.</param>
    /// <param name="read">Ranges over which the source was read.</param>
    public PlainHistory(IEnumerable<Bar> bars, IEnumerable<SlotRange>? read = null)
    {
        SortedDictionary<long, decimal> byTime = [];
        foreach (Bar bar in bars)
        {
            byTime[bar.Slot * 300L] = bar.Rate;
        }

        _bars.AddRange(byTime.Select(bar => (bar.Key, bar.Value)));
        _read.AddRange((read ?? []).Select(range => (range.From * 300L, range.To * 300L)));
    }

    public int Count => _bars.Count;

    public long FirstOpen => _bars[0].Open;

    public long LastOpen => _bars[^1].Open;

    /// <summary>The rate of the last bar whose open + 5 min is not after an instant.</summary>
    public decimal? RateAsOf(long time) => LastKnown(time)?.Rate;

    /// <summary>When that bar closed.</summary>
    public long? CloseAsOf(long time) => LastKnown(time)?.Open + 300;

    private (long Open, decimal Rate)? LastKnown(long time)
    {
        (long Open, decimal Rate)? last = null;
        foreach ((long Open, decimal Rate) bar in _bars)
        {
            if (bar.Open + 300 <= time)
            {
                last = bar;
            }
        }

        return last;
    }

    public Window Window(long from, long to)
    {
        bool partial = RateAsOf(from) is null;
        int boundaries = 0;
        for (long t = CeilingOfFiveMinutes(from + 1); t <= to; t += 300)
        {
            boundaries++;
        }

        Window window = new() { From = from, To = to, ExpectedBars = boundaries, Partial = partial };
        if (RateAsOf(to) is not { } end)
        {
            return window;
        }

        List<(long Open, decimal Rate)> within = [.. _bars.Where(bar => bar.Open + 300 > from && bar.Open + 300 <= to)];
        decimal start = RateAsOf(from) ?? _bars[0].Rate;
        // The first bar is the start itself where the window begins before it: it is not there twice.
        List<(long Open, decimal Rate)> bars = LastKnown(from) is { } anchor ? [anchor, .. within] : within;
        List<decimal> sequence = [.. bars.Select(bar => bar.Rate)];
        return (window with
        {
            StartRate = start,
            EndRate = end,
            AsOf = CloseAsOf(to),
            Return = (double)(end - start) / (double)start,
            High = sequence.Max(),
            Low = sequence.Min(),
            MaxDrawdown = MaxDrawdown(sequence),
            Volatility = Volatility(bars),
            Bars = within.Count,
        }).WithPnl((Amount)end - start);
    }

    /// <summary>The windows as of the last known bar, by the names of the API.</summary>
    public IEnumerable<(string Name, Window Window)> RollingWindows()
    {
        long to = LastOpen + 300;
        const long Hour = 3600, Day = 24 * Hour;
        yield return ("5m", Window(to - 300, to));
        yield return ("1h", Window(to - Hour, to));
        yield return ("24h", Window(to - Day, to));
        yield return ("7d", Window(to - 7 * Day, to));
        yield return ("30d", Window(to - 30 * Day, to));
        yield return ("90d", Window(to - 90 * Day, to));
        yield return ("1y", Window(to - 365 * Day, to));
        DateTimeOffset last = DateTimeOffset.FromUnixTimeSeconds(to);
        yield return ("ytd", Window(new DateTimeOffset(last.Year, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds(), to));
        yield return ("inception", Window(FirstOpen + 300, to));
    }

    public static double MaxDrawdown(List<decimal> rates)
    {
        double deepest = 0;
        decimal peak = rates[0];
        foreach (decimal rate in rates)
        {
            peak = Math.Max(peak, rate);
            deepest = Math.Max(deepest, (double)(peak - rate) / (double)peak);
        }

        return deepest;
    }

    public static double? Volatility(List<(long Open, decimal Rate)> bars)
    {
        if (bars.Count < 3)
        {
            return null;
        }

        // sum(r^2 / d) - sum(r)^2 / sum(d), as the sum of squares of what r deviates from the drift over d
        List<(double R, double D)> returns = [];
        for (int i = 1; i < bars.Count; i++)
        {
            returns.Add((LogReturn(bars[i - 1].Rate, bars[i].Rate), (bars[i].Open - bars[i - 1].Open) / 300));
        }

        double drift = returns.Sum(each => each.R) / returns.Sum(each => each.D);
        double squares = returns.Sum(each => (each.R - drift * each.D) * (each.R - drift * each.D) / each.D);
        return Math.Sqrt(squares / (returns.Count - 1)) * Math.Sqrt(105_120);
    }

    /// <summary>ln(b / a); for small moves by its series, since ln of a quotient near 1 has lost the digits that count.</summary>
    private static double LogReturn(decimal a, decimal b)
    {
        double x = (double)(b - a) / (double)a;
        return Math.Abs(x) < 1e-4 ? x * (1 - x * (1.0 / 2 - x * (1.0 / 3 - x / 4))) : Math.Log((double)b / (double)a);
    }

    /// <summary>The periods that hold bars, with the bars of each that open in [from, to).</summary>
    private IEnumerable<(long Start, List<decimal> Rates)> Periods(long from, long to, Interval interval) => _bars
        .Where(bar => bar.Open >= from && bar.Open < to)
        .GroupBy(bar => PeriodStart(interval, bar.Open))
        .Select(period => (period.Key, period.Select(bar => bar.Rate).ToList()));

    public RateSeries Series(long from, long to, Interval interval)
    {
        List<long> time = [];
        List<decimal> rate = [];
        List<Amount> pnl = [], cumulative = [];
        decimal? start = RateAsOf(from), before = start;
        foreach ((long open, List<decimal> rates) in Periods(from, to, interval))
        {
            start ??= rates[0];
            before ??= rates[0];
            time.Add(open);
            rate.Add(rates[^1]);
            pnl.Add((Amount)rates[^1] - before.Value);
            cumulative.Add((Amount)rates[^1] - start.Value);
            before = rates[^1];
        }

        return Series(time, rate, pnl, cumulative);
    }

    /// <summary>A series of exact amounts: decimals, and in a column of which one does not fit, every digit beside.</summary>
    public static RateSeries Series(IEnumerable<long> time, IEnumerable<decimal> rate, IReadOnlyCollection<Amount> pnl, IReadOnlyCollection<Amount> cumulative)
    {
        return new([.. time], [.. rate], Column(pnl), Column(cumulative), null);

        static MoneyColumn Column(IReadOnlyCollection<Amount> values) =>
            new([.. values.Select(money => money.ToNearestDecimal())], values.All(money => money.TryToDecimal(out _)) ? null : [.. values]);
    }

    public CandleSeries Candles(long from, long to, Interval interval)
    {
        List<(long Start, List<decimal> Rates)> periods = [.. Periods(from, to, interval)];
        return new(
            [.. periods.Select(p => p.Start)], [.. periods.Select(p => p.Rates[0])], [.. periods.Select(p => p.Rates.Max())],
            [.. periods.Select(p => p.Rates.Min())], [.. periods.Select(p => p.Rates[^1])], null);
    }

    public static long PeriodStart(Interval interval, long open)
    {
        DateTime time = DateTimeOffset.FromUnixTimeSeconds(open).UtcDateTime;
        DateTime start = interval switch
        {
            Interval.FiveMinutes => time,
            Interval.FifteenMinutes => time.AddMinutes(-(time.Minute % 15)),
            Interval.Hour => time.AddMinutes(-time.Minute),
            Interval.FourHours => time.Date.AddHours(time.Hour / 4 * 4),
            Interval.Day => time.Date,
            Interval.Week => time.Date.AddDays(-(((int)time.DayOfWeek + 6) % 7)),
            _ => new DateTime(time.Year, time.Month, 1, 0, 0, 0, DateTimeKind.Utc),
        };
        return new DateTimeOffset(start, TimeSpan.Zero).ToUnixTimeSeconds();
    }

    public bool IsComplete(long from, long to)
    {
        HashSet<long> opens = [.. _bars.Select(bar => bar.Open)];
        for (long t = from; t < to; t += 300)
        {
            if (!opens.Contains(t) && !IsRead(t))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Runs of absent bars between the first bar and the last, alike in whether the source was read there.</summary>
    public List<(long From, long To, bool IsRead)> Gaps()
    {
        List<(long From, long To, bool IsRead)> gaps = [];
        for (int i = 1; i < _bars.Count; i++)
        {
            bool runs = false;
            for (long t = _bars[i - 1].Open + 300; t < _bars[i].Open; t += 300)
            {
                bool read = IsRead(t);
                if (runs && gaps[^1].IsRead == read)
                {
                    gaps[^1] = gaps[^1] with { To = t + 300 };
                }
                else
                {
                    gaps.Add((t, t + 300, read));
                }

                runs = true;
            }
        }

        return gaps;
    }

    private bool IsRead(long open) => _read.Exists(range => range.From <= open && open < range.To);

    private static long CeilingOfFiveMinutes(long seconds)
    {
        while (seconds % 300 != 0)
        {
            seconds++;
        }

        return seconds;
    }
}

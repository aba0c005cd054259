using System.Globalization;

namespace Pnl;

/// <summary>
/// The rows of a file of one token as they were read, and the rules by which they become bars: the same for whatever kind of
/// file they came in.
/// <list type="number">
/// <item>Rows of the same time and rate count once. Of those that differ the later one counts: the lower in a file that ascends,
/// the upper in one whose newest row comes first; the others are set aside.</item>
/// <item>A date is a day. Of all other rows the distances tell what they are (<see cref="RateSpacing"/>), unless that is given.</item>
/// <item>Candles shorter than the bar that they go into make a bar only where the one is there that ends with it: its close is
/// that bar's rate.</item>
/// <item>Of points in time the last one in 5 minutes is their rate.</item>
/// </list>
/// </summary>
internal sealed class RateSheet
{
    private const byte IsDate = 1, IsRounded = 2;
    private const int Day = 86_400;
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private readonly List<long> _seconds = [], _lines = [];
    private readonly List<int> _nanoseconds = [];
    private readonly List<decimal> _rates = [];
    private readonly List<byte> _flags = [];
    private readonly List<AsideRow> _aside = [];
    private long _rows, _descents, _ascents;

    /// <summary>Rows added.</summary>
    public long Rows => _rows;

    /// <summary>Those of them that were no rates.</summary>
    public int Refused => _aside.Count;

    /// <summary>Adds a row, good or bad.</summary>
    public void Add(in RateRow row)
    {
        _rows++;
        bool usable = row.Defect is BarDefect.None or BarDefect.TimeUnaligned or BarDefect.TimeIsDate;
        BarDefect defect = usable ? row.RateDefect : row.Defect;
        if (defect != BarDefect.None)
        {
            _aside.Add(new(row.Line, row.Defect is BarDefect.TimeMalformed or BarDefect.RowMalformed ? null : row.TimeSeconds, defect.Code()));
            return;
        }

        if (_seconds.Count > 0)
        {
            _ascents += row.TimeSeconds > _seconds[^1] ? 1 : 0;
            _descents += row.TimeSeconds < _seconds[^1] ? 1 : 0;
        }

        _seconds.Add(row.TimeSeconds);
        _nanoseconds.Add(row.Nanoseconds);
        _rates.Add(row.Rate);
        _lines.Add(row.Line);
        _flags.Add((byte)((row.Defect == BarDefect.TimeIsDate ? IsDate : 0) | (row.IsRounded ? IsRounded : 0)));
    }

    /// <summary>Makes bars of the rows.</summary>
    /// <param name="source">What was read, to name it in errors.</param>
    /// <param name="given">The length of its candles in seconds, as somebody says who knows; null to find it out.</param>
    /// <param name="named">The length that its name tells, which has to be what is found out; null if it tells none.</param>
    /// <exception cref="RateFileException">It cannot be told what the rows are, or they are not what is said; the message tells the way out.</exception>
    public RateReading ToReading(string source, int? given = null, int? named = null)
    {
        int[] order = Ordered();
        Work work = new(_rows, [.. _aside]);
        order = Distinct(order, work);
        int[] dates = Array.FindAll(order, i => (_flags[i] & IsDate) != 0), instants = dates.Length == 0 ? order : Array.FindAll(order, i => (_flags[i] & IsDate) == 0);
        if (dates.Length > 0)
        {
            if ((given ?? named ?? Day) is var length && length != Day)
            {
                throw new RateFileException($"{source} has dates without a time, which are days, and not candles of {CandleLength.Name(length)}.");
            }

            Take(dates, new(0, dates.Length, Day), work);
        }

        if (instants.Length > 0)
        {
            foreach (RateStretch stretch in Stretches(source, instants, given, named))
            {
                Take(instants, stretch, work);
            }
        }

        return work.Result(_rates, _lines, _flags);
    }

    private List<RateStretch> Stretches(string source, int[] rows, int? given, int? named)
    {
        long[] times = Array.ConvertAll(rows, i => _seconds[i]);
        bool areWhole = rows.All(i => _nanoseconds[i] == 0);
        long closest = areWhole ? Closest(times) : 0;
        if (given is { } length)
        {
            if (CandleLength.Target(length) is null)
            {
                throw new RateFileException($"Candles of {CandleLength.Name(length)} fit into no bars of {BarPeriod.Names}.");
            }

            (long step, int count, int of) = RateSpacing.Usual(times);
            bool isGrid = areWhole && times.All(time => time % 60 == 0);
            if (length == BarTime.SecondsPerBar ? isGrid && step < length && 2 * count > of && CandleLength.Usual.Contains((int)step) : closest < length && times.Length > 1)
            {
                throw new RateFileException($"{source} has rows {CandleLength.Name(length == BarTime.SecondsPerBar ? step : Math.Max(closest, 1))} apart, so they are no candles of {CandleLength.Name(length)}.{Advice(step)}");
            }

            return [new(0, rows.Length, length, ArePoints: length == BarTime.SecondsPerBar)];
        }

        List<RateStretch> found = RateSpacing.Of(times, areWhole, out string? unclear);
        if (named is not { } name)
        {
            return unclear is null ? found : throw new RateFileException(
                $"{source} does not tell of what interval its rates are: {unclear}. Say it with --interval: {BarPeriod.Names}, or 1m and the like for candles to be folded.");
        }

        if (CandleLength.Target(name) is null)
        {
            throw new RateFileException($"{source} is of candles of {CandleLength.Name(name)} by its name, which fit into no bars of {BarPeriod.Names}.");
        }

        if (unclear is not null && times.All(time => time % name == 0) && (times.Length == 1 || closest >= name))
        {
            return [new(0, rows.Length, name)];
        }

        return unclear is null && found.All(stretch => stretch.Seconds == name)
            ? found
            : throw new RateFileException($"{source} is of candles of {CandleLength.Name(name)} by its name, and its rows are not: {unclear ?? $"they are {string.Join(" and ", found.Select(stretch => stretch.ArePoints ? "points in time" : CandleLength.Name(stretch.Seconds)).Distinct())}"}. Say with --interval what they are.");
    }

    private static string Advice(long step) => step is > 0 and <= int.MaxValue && CandleLength.Usual.Contains((int)step)
        ? $" They look like {CandleLength.Word(step)} candles: --interval {CandleLength.Name(step)}."
        : "";

    private static long Closest(long[] times)
    {
        long closest = long.MaxValue;
        for (int i = 1; i < times.Length; i++)
        {
            closest = Math.Min(closest, times[i] - times[i - 1]);
        }

        return closest;
    }

    /// <summary>Makes bars of a stretch of rows.</summary>
    private void Take(int[] rows, RateStretch stretch, Work work)
    {
        Interval interval = CandleLength.Target(stretch.Seconds)!.Value;
        int period = BarPeriod.SecondsOf(interval);
        List<int> slots = new(stretch.To - stretch.From), bars = new(stretch.To - stretch.From);
        int offGrid = 0, incomplete = 0;
        for (int at = stretch.From, next; at < stretch.To; at = next)
        {
            // All rows of one period: the last one is its rate, if it ends with it.
            long number = _seconds[rows[at]] / period;
            int unaligned = 0;
            for (next = at; next < stretch.To && _seconds[rows[next]] / period == number; next++)
            {
                unaligned += _seconds[rows[next]] % stretch.Seconds != 0 || _nanoseconds[rows[next]] != 0 ? 1 : 0;
            }

            int last = rows[next - 1];
            if (stretch.ArePoints || stretch.Seconds == BarTime.SecondsPerBar)
            {
                offGrid += unaligned;
            }
            else if (unaligned > 0)
            {
                AsideAll(rows[at..next], BarDefect.TimeUnaligned.Code(), work);
                continue;
            }
            else if (_seconds[last] % period != period - stretch.Seconds)
            {
                incomplete += next - at;
                AsideAll(rows[at..next], "bar.incomplete", work);
                continue;
            }

            work.Folded += next - 1 - at;
            slots.Add((int)((number + 1) * (period / BarTime.SecondsPerBar)) - 1);
            bars.Add(last);
        }

        work.Add(interval, slots, bars);
        work.Notes.Add(Told(stretch, interval, stretch.To - stretch.From, bars.Count, offGrid, incomplete));
    }

    private void AsideAll(int[] rows, string code, Work work) => work.Aside.AddRange(rows.Select(i => new AsideRow(_lines[i], _seconds[i], code)));

    private static string Told(RateStretch stretch, Interval interval, int rows, int bars, int offGrid, int incomplete)
    {
        string made = string.Create(Invariant, $"{bars:N0} bars of {interval.Name()}");
        string told = stretch.ArePoints && offGrid > 0 ? string.Create(Invariant, $"points in time: {rows:N0} rows, {offGrid:N0} of them off the grid of 5 minutes, make {made}: the last one in 5 minutes counts")
            : stretch.Seconds < BarPeriod.SecondsOf(interval) ? string.Create(Invariant, $"{CandleLength.Word(stretch.Seconds)} candles: {rows:N0} rows make {made}, each with the close of the last one")
            : interval == Interval.FiveMinutes ? made
            : $"{CandleLength.Word(stretch.Seconds)} rates: {made}, each known at the end of its period";
        return incomplete == 0 ? told : told + string.Create(Invariant, $"; {incomplete:N0} rows make none, since the candle at the end of theirs is absent");
    }

    /// <summary>Of rows of the same time keeps one: the last of them, since the order is that of time.</summary>
    private int[] Distinct(int[] order, Work work)
    {
        int kept = 0;
        for (int at = 0, next; at < order.Length; at = next)
        {
            for (next = at + 1; next < order.Length && IsSameTime(order[at], order[next]); next++)
            {
            }

            int last = order[next - 1];
            for (int i = at; i < next - 1; i++)
            {
                if (_rates[order[i]] == _rates[last])
                {
                    work.Folded++;
                }
                else
                {
                    work.Aside.Add(new(_lines[order[i]], _seconds[order[i]], "time.repeated"));
                    work.Differing(_rates[order[i]], _rates[last]);
                }
            }

            order[kept++] = last;
        }

        return kept == order.Length ? order : order[..kept];
    }

    private bool IsSameTime(int one, int other) =>
        _seconds[one] == _seconds[other] && _nanoseconds[one] == _nanoseconds[other] && ((_flags[one] ^ _flags[other]) & IsDate) == 0;

    /// <summary>The rows in order of time; those of one time in the order in which they were written, the newest last.</summary>
    private int[] Ordered()
    {
        int[] order = new int[_seconds.Count];
        bool newestFirst = _descents > _ascents;
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = newestFirst ? order.Length - 1 - i : i;
        }

        for (int i = 1; i < order.Length; i++)
        {
            if (Compare(order[i - 1], order[i]) > 0)
            {
                int sign = newestFirst ? -1 : 1;
                Array.Sort(order, (one, other) => Compare(one, other) is not 0 and int c ? c : sign * one.CompareTo(other));
                break;
            }
        }

        return order;
    }

    private int Compare(int one, int other) =>
        _seconds[one] != _seconds[other] ? _seconds[one].CompareTo(_seconds[other])
        : _nanoseconds[one] != _nanoseconds[other] ? _nanoseconds[one].CompareTo(_nanoseconds[other])
        : (_flags[one] & IsDate).CompareTo(_flags[other] & IsDate);

    /// <summary>What has come of the rows so far.</summary>
    private sealed class Work(long rows, List<AsideRow> aside)
    {
        private readonly List<(Interval Interval, List<int> Slots, List<int> Bars)> _runs = [];
        private long _differing;
        private double _most;

        public List<AsideRow> Aside { get; } = aside;

        public List<string> Notes { get; } = [];

        public long Folded { get; set; }

        public void Add(Interval interval, List<int> slots, List<int> bars)
        {
            if (slots.Count > 0)
            {
                _runs.Add((interval, slots, bars));
            }
        }

        public void Differing(decimal one, decimal other)
        {
            _differing++;
            _most = Math.Max(_most, (double)Math.Max(one, other) / (double)Math.Min(one, other) - 1);
        }

        public RateReading Result(List<decimal> rates, List<long> lines, List<byte> flags)
        {
            if (_differing > 0)
            {
                Notes.Add(string.Create(Invariant, $"{_differing:N0} rows repeat the time of another with another rate, up to {_most * 100:0.##} % apart: the later one counts"));
            }

            return new()
            {
                Rows = rows,
                Runs = [.. _runs.Select(run => new RateRun(run.Interval, [.. run.Slots], [.. run.Bars.Select(i => rates[i])], [.. run.Bars.Select(i => lines[i])]))],
                Aside = Aside,
                Folded = Folded,
                Rounded = _runs.Sum(run => run.Bars.Count(i => (flags[i] & IsRounded) != 0)),
                Notes = Notes,
            };
        }
    }
}

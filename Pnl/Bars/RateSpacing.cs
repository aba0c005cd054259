namespace Pnl;

/// <summary>A stretch of the rows of a file that are of one kind.</summary>
/// <param name="From">Index of the first row.</param>
/// <param name="To">Index behind the last one.</param>
/// <param name="Seconds">Length of the candles, of which each row's time is the opening.</param>
/// <param name="ArePoints">Whether they are points in time instead; the length is that of a 5-minute bar then.</param>
internal readonly record struct RateStretch(int From, int To, int Seconds, bool ArePoints = false);

/// <summary>
/// Finds out from the times of rates of what intervals they are. Nothing is guessed: what is not clear is said to be so.
/// <list type="bullet">
/// <item>Rows of which some open at no longer period than 5 minutes are bars of 5 minutes, whatever lies between them.</item>
/// <item>Rows that all open at periods of one longer length, and are mostly so far apart, are candles of that length. A row at
/// 00:00 alone can be a bar of 5 minutes or a day: if their distances do not tell, nobody knows.</item>
/// <item>A long run of rows so far apart within others (days, then 5 minutes) is a stretch of its own.</item>
/// <item>Rows on the minute and mostly one, two or three of them apart are candles of that length; all else off the grid of 5
/// minutes are points in time.</item>
/// </list>
/// </summary>
internal static class RateSpacing
{
    private const int Grid = BarTime.SecondsPerBar, Minute = 60, LeastOfTen = 12;

    /// <summary>
    /// Lengths of runs within finer rows, and how many rows they have at least: so many bars of 5 minutes do not open at such
    /// periods by chance, not even once in 10^12 places.
    /// </summary>
    private static readonly (int Seconds, int Rows)[] RunLengths = [(86_400, 5), (14_400, 8), (3_600, 12), (900, 26)];

    /// <summary>Divides rows into stretches.</summary>
    /// <param name="times">Unix seconds, ascending, each time once.</param>
    /// <param name="areWhole">Whether no fraction of a second was cut off from any of them.</param>
    /// <param name="unclear">Why it cannot be told; null if it can.</param>
    /// <returns>The stretches, in order of time; empty if it cannot be told.</returns>
    public static List<RateStretch> Of(ReadOnlySpan<long> times, bool areWhole, out string? unclear)
    {
        unclear = null;
        List<RateStretch> stretches = areWhole ? Runs(times) : [];
        List<RateStretch> rest = Between(stretches, times.Length);
        if (rest.Count > 0)
        {
            (int seconds, bool arePoints) = Judge(times, rest, areWhole, out unclear);
            if (unclear is not null)
            {
                return [];
            }

            stretches.AddRange(rest.Select(piece => piece with { Seconds = seconds, ArePoints = arePoints }));
            stretches.Sort((one, other) => one.From.CompareTo(other.From));
        }

        return stretches;
    }

    /// <summary>The distance that most neighbours have, the shorter of two that are equally frequent, and how many have it; 0 without neighbours.</summary>
    public static (long Step, int Count, int Of) Usual(ReadOnlySpan<long> times)
    {
        Dictionary<long, int> counts = [];
        Count(times, counts);
        return Usual(counts);
    }

    private static (long Step, int Count, int Of) Usual(Dictionary<long, int> counts) => counts.Count == 0
        ? default
        : counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value, counts.Values.Sum())).First();

    private static void Count(ReadOnlySpan<long> times, Dictionary<long, int> counts)
    {
        for (int i = 1; i < times.Length; i++)
        {
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, times[i] - times[i - 1], out _)++;
        }
    }

    private static (int Seconds, bool ArePoints) Judge(ReadOnlySpan<long> times, List<RateStretch> pieces, bool areWhole, out string? unclear)
    {
        unclear = null;
        Dictionary<long, int> counts = [];
        int rows = 0, minutes = 0, slots = 0, quarters = 0;
        foreach (RateStretch piece in pieces)
        {
            ReadOnlySpan<long> here = times[piece.From..piece.To];
            Count(here, counts);
            rows += here.Length;
            foreach (long time in here)
            {
                minutes += time % Minute == 0 ? 1 : 0;
                slots += time % Grid == 0 ? 1 : 0;
                quarters += time % (3 * Grid) == 0 ? 1 : 0;
            }
        }

        (long step, int count, int of) = Usual(counts);
        bool isRegular = 2 * count > of || (of >= 10 && counts.Values.Count(other => other == count) == 1);
        if (!areWhole || minutes < rows)
        {
            return (Grid, true);
        }

        if (slots < rows)
        {
            return isRegular && step is Minute or 2 * Minute or 3 * Minute && Aligned(times, pieces, (int)step) ? ((int)step, false) : (Grid, true);
        }

        if (quarters < rows)
        {
            // A few bars of 5 minutes may well be 10 apart; a dozen and more without an odd one are candles of 10.
            return isRegular && step == 2 * Grid && rows >= LeastOfTen && Aligned(times, pieces, 2 * Grid) ? (2 * Grid, false) : (Grid, false);
        }

        if (isRegular && CandleLength.Usual.Contains((int)Math.Min(step, int.MaxValue)) && Aligned(times, pieces, (int)step))
        {
            return ((int)step, false);
        }

        unclear = of == 0 ? "one row tells no interval"
            : isRegular && step > 86_400 ? $"its rows are mostly {CandleLength.Name(step)} apart, and no longer periods than a day are taken"
            : isRegular ? $"its rows are mostly {CandleLength.Name(step)} apart, but do not open at such periods in UTC"
            : "its rows are at irregular distances, and all at full quarters of an hour";
        return default;
    }

    private static bool Aligned(ReadOnlySpan<long> times, List<RateStretch> pieces, int seconds)
    {
        foreach (RateStretch piece in pieces)
        {
            foreach (long time in times[piece.From..piece.To])
            {
                if (time % seconds != 0)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>The long runs of coarse rows.</summary>
    private static List<RateStretch> Runs(ReadOnlySpan<long> times)
    {
        List<RateStretch> runs = [];
        foreach ((int seconds, int least) in RunLengths)
        {
            foreach (RateStretch free in Between(runs, times.Length))
            {
                for (int from = free.From, to; from < free.To; from = to)
                {
                    to = from + 1;
                    if (times[from] % seconds != 0)
                    {
                        continue;
                    }

                    int steps = 0;
                    for (; to < free.To && times[to] % seconds == 0; to++)
                    {
                        steps += times[to] - times[to - 1] == seconds ? 1 : 0;
                    }

                    // The row before a finer one is the first of the finer ones.
                    int end = to < times.Length && times[to] - times[to - 1] < seconds ? to - 1 : to;
                    if (end - from >= least && 2 * steps >= end - from - 1)
                    {
                        runs.Add(new(from, end, seconds));
                    }
                }
            }

            runs.Sort((one, other) => one.From.CompareTo(other.From));
        }

        return runs;
    }

    private static List<RateStretch> Between(List<RateStretch> runs, int count)
    {
        List<RateStretch> rest = [];
        int at = 0;
        foreach (RateStretch run in runs)
        {
            if (run.From > at)
            {
                rest.Add(new(at, run.From, 0));
            }

            at = run.To;
        }

        if (at < count)
        {
            rest.Add(new(at, count, 0));
        }

        return rest;
    }
}

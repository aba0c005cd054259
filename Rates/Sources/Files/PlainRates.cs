using System.Globalization;

namespace Pnl.Rates;

/// <summary>
/// All rates of a file of one token, in order: of each bar the close alone, by the rules that hold for every file
/// (<see cref="RateSheet"/>). A file of several intervals, such as days and then 5 minutes, is one part of each.
/// </summary>
internal sealed class PlainRates
{
    private const int BytesABar = sizeof(int) + sizeof(long);

    private readonly Part[] _parts;
    private readonly (int Slot, QuarantinedRow Row)[] _quarantined;

    private PlainRates(Part[] parts, (int Slot, QuarantinedRow Row)[] quarantined) => (_parts, _quarantined) = (parts, quarantined);

    /// <summary>From the first to the last bar; empty if there is none.</summary>
    public SlotRange Slots => _parts.Length == 0 ? default : new(_parts[0].Slots.From, _parts[^1].Slots.To);

    /// <summary>Memory that it takes, about.</summary>
    public long Bytes => _parts.Sum(part => (long)part.Candles.Count) * BytesABar;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="quote">The currency of its rates; null if nothing says which.</param>
    /// <param name="most">The most rows that are taken.</param>
    /// <exception cref="RateFileException">It cannot be read, has more rows than <paramref name="most"/>, or does not tell what its rates are.</exception>
    public static PlainRates Read(string path, string? quote = null, int most = RateFileReading.MostRows)
    {
        // Most files are bars of 5 minutes in order, without a fault.
        if (RateParquetColumns.TryRead(path, quote) is { } columns && IsOfFiveMinutes(columns.Slots))
        {
            return new(columns.Count == 0 ? [] : [new(Interval.FiveMinutes, columns)], []);
        }

        RateReading series = RateFileReading.Read(path, quote, most: most);
        Part[] parts = [.. series.Runs.Select(run => new Part(run.Interval, Candles.OfCloses(run.Slots, DecimalColumn.Of(run.Rates)))).OrderBy(part => part.Slots.From)];
        return new(InOrder(parts), [.. series.Aside.Select(row => (Place(row), new QuarantinedRow(row.Seconds, row.Code, Line(row.Line))))]);

        // A row without a time is told with the first page, so that it is told once.
        int Place(AsideRow row) => row.Seconds is > 0 and < 253_402_300_799 and var at ? BarTime.SlotAtSeconds(at) : 0;
    }

    /// <summary>The candles at the beginning of a range, of one interval and of so many months at most; null if there are none in it.</summary>
    public CandlePage? Page(SlotRange range, int mostMonths = 12)
    {
        foreach (Part part in _parts)
        {
            SlotRange here = part.Slots.Intersect(range);
            if (here.IsEmpty)
            {
                continue;
            }

            here = here with { To = Math.Min(here.To, BarTime.FirstSlotOfMonth(BarTime.MonthOf(here.From) + mostMonths)) };

            // What stands before the first bar or behind the last goes with it.
            (bool begins, bool ends) = (here.From <= Slots.From, here.To >= Slots.To);
            return new(
                part.Candles.In(here),
                here,
                [.. _quarantined.Where(q => (q.Slot >= here.From || begins) && (q.Slot < here.To || ends)).Select(q => q.Row)])
            {
                Interval = part.Interval,
            };
        }

        return null;
    }

    private static bool IsOfFiveMinutes(ReadOnlySpan<int> slots)
    {
        long[] times = new long[slots.Length];
        for (int i = 0; i < times.Length; i++)
        {
            times[i] = BarTime.OpenSeconds(slots[i]);
        }

        return times.Length == 0 || RateSpacing.Of(times, areWhole: true, out _) is [{ Seconds: BarTime.SecondsPerBar }];
    }

    /// <summary>Parts that do not overlap: where two do, the finer one has the time, since it says more.</summary>
    private static Part[] InOrder(Part[] parts)
    {
        for (int i = 1; i < parts.Length; i++)
        {
            if (parts[i].Slots.From < parts[i - 1].Slots.To)
            {
                SortedList<int, decimal> finest = [];
                foreach (Part part in parts.OrderByDescending(part => part.Interval))
                {
                    for (int c = 0; c < part.Candles.Count; c++)
                    {
                        finest[part.Candles.Slots[c]] = part.Candles.Close[c];
                    }
                }

                return [new(parts.Min(part => part.Interval), Candles.OfCloses([.. finest.Keys], DecimalColumn.Of([.. finest.Values])))];
            }
        }

        return parts;
    }

    private static string Line(long line) => string.Create(CultureInfo.InvariantCulture, $"line {line}");

    private sealed record Part(Interval Interval, Candles Candles)
    {
        /// <summary>From the opening of the first period to the close of the last.</summary>
        public SlotRange Slots { get; } = new(Candles.Slots[0] - BarPeriod.SlotsOf(Interval) + 1, Candles.Slots[^1] + 1);
    }
}

using System.Globalization;

namespace Pnl.Rates;

/// <summary>
/// All rates of a file of one token, in order: of each bar the close alone. Rows of the same time are taken once if they are equal, and kept aside if they differ.
/// </summary>
internal sealed class PlainRates
{
    private const int BytesABar = sizeof(int) + sizeof(long);

    private const int MadeReady = 1 << 20;

    /// <summary>The most rows of a file: a few kilobytes of Parquet or gzip may say to be billions, and bars since 1970 are some 6 million.</summary>
    public const int MostRows = 1 << 24;

    private readonly Candles _candles;
    private readonly (int Slot, QuarantinedRow Row)[] _quarantined;

    private PlainRates(Candles candles, (int Slot, QuarantinedRow Row)[] quarantined) => (_candles, _quarantined) = (candles, quarantined);

    /// <summary>From the first to the last bar; empty if there is none.</summary>
    public SlotRange Slots => _candles.Count == 0 ? default : new(_candles.Slots[0], _candles.Slots[^1] + 1);

    /// <summary>Memory that it takes, about.</summary>
    public long Bytes => (long)_candles.Count * BytesABar;

    /// <summary>Reads a file.</summary>
    /// <exception cref="RateFileException">It cannot be read, or has more rows than <paramref name="most"/>.</exception>
    public static PlainRates Read(string path, int most = MostRows)
    {
        if (RateParquetColumns.TryRead(path) is { } columns)
        {
            return new(columns, []);
        }

        using RateFile file = RateFile.Open(path);
        int madeReady = (int)Math.Min(file.RowCount ?? 0, MadeReady);
        List<int> slots = new(madeReady);
        List<decimal> rates = new(madeReady);
        List<(int Slot, QuarantinedRow Row)> quarantined = [];
        bool ordered = true;
        while (file.TryRead(out RateRow row))
        {
            if (slots.Count + quarantined.Count == most)
            {
                throw new RateFileException($"{path} has more than {most} rows, which is more than there are bars of one token.");
            }

            if (row.Defect == BarDefect.None)
            {
                ordered &= slots.Count == 0 || row.Slot > slots[^1];
                slots.Add(row.Slot);
                rates.Add(row.Rate);
                continue;
            }

            // A row without a time is told with the page of the bar before it, so that it is told once.
            bool timed = row.TimeSeconds is > 0 and < 253_402_300_799;
            int at = timed ? BarTime.SlotAtSeconds(row.TimeSeconds) : slots.Count > 0 ? slots[^1] : 0;
            quarantined.Add((at, new(timed ? row.TimeSeconds : null, row.Defect.Code(), Line(row.Line))));
        }

        (int[] times, decimal[] values) = ([.. slots], [.. rates]);
        return ordered ? new(Candles.OfCloses(times, DecimalColumn.Of(values)), [.. quarantined]) : Ordered(times, values, quarantined);
    }

    /// <summary>The candles of a range.</summary>
    public CandlePage Page(SlotRange range)
    {
        // What stands before the first bar or behind the last goes with it.
        (bool begins, bool ends) = (range.From <= Slots.From, range.To >= Slots.To);
        return new(
            _candles.In(range),
            range,
            [.. _quarantined.Where(q => (q.Slot >= range.From || begins) && (q.Slot < range.To || ends)).Select(q => q.Row)]);
    }

    private static PlainRates Ordered(int[] slots, decimal[] rates, List<(int Slot, QuarantinedRow Row)> quarantined)
    {
        Array.Sort(slots, rates);
        List<int> kept = new(slots.Length);
        List<decimal> values = new(slots.Length);
        for (int i = 0, next; i < slots.Length; i = next)
        {
            bool differ = false;
            for (next = i + 1; next < slots.Length && slots[next] == slots[i]; next++)
            {
                differ |= rates[next] != rates[i];
            }

            if (!differ)
            {
                kept.Add(slots[i]);
                values.Add(rates[i]);
                continue;
            }

            for (int j = i; j < next; j++)
            {
                string row = $"{BarTime.Open(slots[j]):yyyy-MM-dd'T'HH:mm'Z'} {rates[j].ToString(CultureInfo.InvariantCulture)}";
                quarantined.Add((slots[j], new(BarTime.OpenSeconds(slots[j]), "time.repeated", row)));
            }
        }

        return new(Candles.OfCloses([.. kept], DecimalColumn.Of([.. values])), [.. quarantined]);
    }

    private static string Line(long line) => string.Create(CultureInfo.InvariantCulture, $"line {line}");
}

using System.Globalization;

namespace Pnl.Rates;

/// <summary>
/// All rates of a file of one token, in order. The file has one rate for each bar, so that a candle of it has four times
/// that rate and no volume. Rows of the same time are taken once if they are equal, and kept aside if they differ.
/// </summary>
internal sealed class PlainRates
{
    private const int BytesABar = sizeof(int) + sizeof(decimal);

    private readonly int[] _slots;
    private readonly decimal[] _rates;
    private readonly (int Slot, QuarantinedRow Row)[] _quarantined;

    private PlainRates(int[] slots, decimal[] rates, (int Slot, QuarantinedRow Row)[] quarantined) =>
        (_slots, _rates, _quarantined) = (slots, rates, quarantined);

    /// <summary>From the first to the last bar; empty if there is none.</summary>
    public SlotRange Slots => _slots.Length == 0 ? default : new(_slots[0], _slots[^1] + 1);

    /// <summary>Memory that it takes, about.</summary>
    public long Bytes => (long)_slots.Length * BytesABar;

    /// <summary>Reads a file.</summary>
    /// <exception cref="RateFileException">It cannot be read.</exception>
    public static PlainRates Read(string path)
    {
        using RateFile file = RateFile.Open(path);
        List<int> slots = new((int)(file.RowCount ?? 0));
        List<decimal> rates = new((int)(file.RowCount ?? 0));
        List<(int Slot, QuarantinedRow Row)> quarantined = [];
        bool ordered = true;
        while (file.TryRead(out RateRow row))
        {
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
        return ordered ? new(times, values, [.. quarantined]) : Ordered(times, values, quarantined);
    }

    /// <summary>The candles of a range.</summary>
    public CandlePage Page(SlotRange range)
    {
        (int first, int end) = (At(range.From), At(range.To));
        Candle[] candles = new Candle[end - first];
        for (int i = first; i < end; i++)
        {
            decimal rate = _rates[i];
            candles[i - first] = new(_slots[i], rate, rate, rate, rate, 0m);
        }

        // What stands before the first bar or behind the last goes with it.
        (bool begins, bool ends) = (range.From <= Slots.From, range.To >= Slots.To);
        return new(
            candles,
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

        return new([.. kept], [.. values], [.. quarantined]);
    }

    private static string Line(long line) => string.Create(CultureInfo.InvariantCulture, $"line {line}");

    private int At(int slot)
    {
        int found = Array.BinarySearch(_slots, slot);
        return found < 0 ? ~found : found;
    }
}

namespace Pnl.Cli.Import;

/// <summary>
/// Cuts the bars of a file into calls. An import claims nothing but its bars: what the file does not have may be elsewhere. Who
/// knows that it is whole says so; then each call covers up to where the next begins, and the last one up to the close of its
/// last bar. Never covered are slots of which the file has rows that make no bar: something was there.
/// </summary>
internal static class RateChunks
{
    /// <summary>The calls for the bars of a file, in order.</summary>
    /// <param name="series">The bars.</param>
    /// <param name="maxRows">The most bars of a call.</param>
    /// <param name="covers">Whether the file is whole from its first bar to its last.</param>
    public static IEnumerable<RateChunk> Of(RateReading series, int maxRows, bool covers)
    {
        int[] holes = covers ? [.. series.Aside.Where(row => row.Seconds is >= 0 and < 253_402_300_800).Select(row => BarTime.SlotAtSeconds(row.Seconds!.Value)).Distinct().Order()] : [];
        foreach (RateRun run in series.Runs)
        {
            int[] slots = run.Slots;
            long open = BarPeriod.OpenSeconds(run.Interval, slots.Length > 0 ? slots[0] : 0);
            for (int from = 0, to; from < slots.Length; from = to)
            {
                to = from + 1;
                while (to < slots.Length && to - from < maxRows && Hole(slots[to - 1], slots[to]) is null)
                {
                    to++;
                }

                if (!covers)
                {
                    yield return new(run, from, to, null);
                    continue;
                }

                (int First, int Last)? hole = to < slots.Length ? Hole(slots[to - 1], slots[to]) : null;
                long end = to == slots.Length ? BarTime.CloseSeconds(slots[^1])
                    : hole is { } h ? BarTime.OpenSeconds(h.First) : BarPeriod.OpenSeconds(run.Interval, slots[to]);
                yield return new(run, from, to, (open, end));
                open = hole is { } gap ? BarTime.CloseSeconds(gap.Last) : end;
            }
        }

        // The slots between two bars of which there are rows but no bar: from the first to the last of them.
        (int First, int Last)? Hole(int before, int after)
        {
            int first = Array.BinarySearch(holes, before + 1), last = Array.BinarySearch(holes, after);
            (first, last) = (first < 0 ? ~first : first, (last < 0 ? ~last : last) - 1);
            return first <= last ? (holes[first], holes[last]) : null;
        }
    }
}

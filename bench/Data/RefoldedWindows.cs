using System.Collections.Immutable;

namespace Pnl.Bench.Data;

/// <summary>
/// The rolling windows of a token from its bars alone: every bar of every segment is decoded and folded once, no stored
/// summary is looked at. What the engine answers from summaries must equal it bit for bit.
/// </summary>
internal static class RefoldedWindows
{
    public static RateSummary[] Of(StoredToken token)
    {
        ImmutableArray<RollingWindow> all = RollingWindow.All;
        RateSummary life = token.History.Life; // only for its first and last slot

        // 1. The starts of the windows cut the life into rings; each is folded on its own.
        Span<int> starts = stackalloc int[all.Length];
        for (int w = 0; w < all.Length; w++)
        {
            starts[w] = BarTime.SlotAtSeconds(all[w].From(life)) - 1;
        }

        Span<int> cuts = stackalloc int[all.Length];
        starts.CopyTo(cuts);
        cuts.Sort();
        RateSummary[] rings = new RateSummary[all.Length + 1];
        DayBars day = DayBars.Rent();
        int ring = 0;
        foreach (Segment segment in token.Segments)
        {
            for (int i = 0; i < segment.DayCount; i++)
            {
                segment.Decode(i, day);
                int from = 0;
                while (from < day.Count)
                {
                    while (ring < cuts.Length && day.Slots[from] > cuts[ring])
                    {
                        ring++;
                    }

                    int to = ring < cuts.Length ? day.IndexAtOrAfter(cuts[ring] + 1) : day.Count;
                    rings[ring] += day.Summary(from, to);
                    from = to;
                }
            }
        }

        day.Return();

        // 2. A window is the rings behind its start, and the bar as of its start before them.
        RateSummary[] windows = new RateSummary[all.Length];
        for (int w = 0; w < all.Length; w++)
        {
            RateSummary bars = default, before = default;
            for (int r = 0; r < rings.Length; r++)
            {
                bool inside = r > 0 && cuts[r - 1] >= starts[w];
                (bars, before) = inside ? (bars + rings[r], before) : (bars, rings[r].IsEmpty ? before : rings[r]);
            }

            windows[w] = before.IsEmpty ? bars : RateSummary.Of(new Bar(before.LastSlot, before.Last)) + bars;
        }

        return windows;
    }
}

using Pnl.Rates;

namespace Pnl.Tests.Cluster;

/// <summary>What a store must hold of a set of bars: what the domain makes of them at once, from nothing.</summary>
internal static class CleanBuild
{
    /// <summary>Asserts that months and open days are stored byte for byte as a clean build has them.</summary>
    public static async Task AssertStoredAsync(ISegmentStore store, string token, IEnumerable<Bar> bars)
    {
        Bar[] all = [.. bars.Select(AsTaken).OrderBy(bar => bar.Slot)];
        HistoryChange clean = TokenHistory.Empty.With(all, default, SegmentSet.Empty, TokenHistory.Stagger(token));
        StoredToken? stored = await store.LoadAsync(token, CancellationToken.None);
        Assert.NotNull(stored);
        TokenHistory history = TokenHistory.Restore(stored.Months, stored.Tail, stored.Coverage);
        Assert.Equal(all.Length, history.Life.Count);
        Assert.Equal(clean.Sealed.Select(month => month.Summary.Month), stored.Months.Select(month => month.Month));
        for (int i = 0; i < clean.Sealed.Count; i++)
        {
            Assert.Equal(clean.Sealed[i].Summary.Store(), stored.Months[i].Store());
            Segment month = await store.ReadMonthAsync(stored.Key, stored.Months[i].Month, CancellationToken.None);
            Assert.Equal(Hex(clean.Sealed[i].Segment), Hex(month));
        }

        Assert.Equal(Hex(clean.History.Tail), Hex(stored.Tail));
    }

    /// <summary>All bars that are stored of a token, in order of time; none if it is unknown.</summary>
    public static async Task<IReadOnlyList<Bar>> StoredAsync(ISegmentStore store, string token)
    {
        List<Bar> bars = [];
        if (await store.LoadAsync(token, CancellationToken.None) is { } stored)
        {
            foreach (MonthSummary month in stored.Months)
            {
                bars.AddRange((await store.ReadMonthAsync(stored.Key, month.Month, CancellationToken.None)).ToBars());
            }

            bars.AddRange(stored.Tail?.ToBars() ?? []);
        }

        return bars;
    }

    // The domain takes rates without trailing zeros, as the check of every way in leaves them.
    private static Bar AsTaken(Bar bar)
    {
        Assert.Equal(BarDefect.None, BarCheck.Check(BarTime.OpenSeconds(bar.Slot), bar.Rate, DateTimeOffset.MaxValue, out Bar taken));
        return taken;
    }

    private static string Hex(Segment? segment) => segment is null ? "" : Convert.ToHexString(segment.Bytes.Span);
}

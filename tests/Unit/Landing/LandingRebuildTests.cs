using System.Text;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Landing;

public sealed class LandingRebuildTests : IDisposable
{
    private const int Month = AnyLanded.Month;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-rebuild-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_store_is_byte_for_byte_the_one_that_the_candles_were_taken_into(int seed)
    {
        Random random = new(seed);
        FolderLanding landing = new(Folder("landing"));
        await using SqliteSegmentStore taken = SqliteSegmentStore.Open(Folder("taken"));
        DateTimeOffset at = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        foreach (string token in (string[])["abc", "xyz"])
        {
            TokenHistory history = TokenHistory.Empty;
            StoredKey? stored = null;
            long revision = 0;
            Dictionary<int, Segment> months = [];
            (LandingKey Key, SlotRange Covered, Bar[] Bars)[] fetches = [.. Fetches(token, random)];
            foreach ((LandingKey key, _, Bar[] bars) in fetches)
            {
                await landing.WriteAsync(AnyLanded.Of(key, at = at.AddSeconds(1), bars), Cancellation);
            }

            // The token lists binance, which so comes before files, whichever was fetched first.
            foreach ((_, SlotRange covered, Bar[] bars) in fetches.OrderBy(fetch => fetch.Key.Source == "binance"))
            {
                SegmentSet segments = new();
                foreach (int month in history.IngestNeeds(bars, TokenHistory.Stagger(token)))
                {
                    segments.Add(month, months[month]);
                }

                HistoryChange change = history.With(bars, covered, segments, TokenHistory.Stagger(token));
                history = change.History;
                foreach (SealedMonth month in change.Sealed)
                {
                    months[month.Summary.Month] = month.Segment;
                }

                stored = await taken.WriteAsync(new(token, stored, revision, ++revision, AnyLanded.Registration, history, change.Sealed));
            }
        }

        await using SqliteSegmentStore rebuilt = SqliteSegmentStore.Open(Folder("rebuilt"));
        (int tokens, long bars2) = await LandingRebuild.RunAsync(landing, rebuilt, null, Cancellation);
        Assert.Equal(2, tokens);
        Assert.Equal(await TextAsync(taken), await TextAsync(rebuilt));
        long stored2 = 0;
        foreach (string token in await rebuilt.ListAsync(null, null, 10, Cancellation))
        {
            StoredToken whole = (await rebuilt.LoadAsync(token, Cancellation))!;
            stored2 += TokenHistory.Restore(whole.Months, whole.Tail, whole.Coverage).Life.Count;
        }

        Assert.Equal(stored2, bars2);
    }

    [Fact]
    public async Task Of_two_listings_of_one_source_the_one_that_comes_first_counts_and_holes_fall_through()
    {
        int first = BarTime.FirstSlotOfMonth(Month);
        LandingKey key = new("binance", "xyz", new(first, first + 6));
        TokenRegistration registration = AnyLanded.Registration with { Sources = new Dictionary<string, string>(), Listings = [new("binance", "NEW", "usdt"), new("binance", "OLD", "usdt")] };
        LandedCandles preferred = AnyLanded.Of(key, DateTimeOffset.UnixEpoch, new Bar(first, 7), new Bar(first + 2, 8)) with { Symbol = "NEW", Registration = registration };
        LandedCandles later = AnyLanded.Of(key, DateTimeOffset.UnixEpoch.AddDays(1), new Bar(first, 1), new Bar(first + 1, 2), new Bar(first + 2, 3)) with { Symbol = "OLD", Registration = registration };
        FolderLanding landing = new(Folder("landing"));
        await landing.WriteAsync(preferred, Cancellation);
        await landing.WriteAsync(later, Cancellation);

        Assert.Equal([new(first, 7), new(first + 1, 2), new(first + 2, 8)], (await RebuiltAsync(landing)).Bars);
    }

    [Fact]
    public async Task Slots_of_which_rows_were_set_aside_are_not_covered()
    {
        int first = BarTime.FirstSlotOfMonth(Month);
        LandedCandles candles = AnyLanded.Of(new("binance", "xyz", new(first, first + 9)), DateTimeOffset.UnixEpoch, new Bar(first, 7), new Bar(first + 5, 8)) with
        {
            Quarantined =
            [
                new(BarTime.OpenSeconds(first + 2), "rate.jump", "a spike"), new(BarTime.OpenSeconds(first + 3) + 17, "time.unaligned", "a point between"),
                new(BarTime.OpenSeconds(first + 5) + 4, "time.unaligned", "one beside a candle"), new(null, "time.malformed", "?"), new(0, "rate.zero", "elsewhere"),
            ],
        };
        FolderLanding landing = new(Folder("landing"));
        await landing.WriteAsync(candles, Cancellation);

        Assert.Equal([first + 2, first + 3], candles.SetAside());
        Assert.Equal([new(first, first + 2), new(first + 4, first + 9)], (await RebuiltAsync(landing)).Coverage.Ranges);
    }

    [Fact]
    public void A_row_of_a_coarser_listing_leaves_its_period_not_covered()
    {
        int day = BarTime.FirstSlotOfMonth(Month);
        LandedCandles candles = AnyLanded.Of(new("files", "xyz", new(day, day + 3 * 288)), DateTimeOffset.UnixEpoch, new Bar(day + 287, 7)) with
        {
            Interval = Interval.Day,
            Quarantined = [new(BarTime.OpenSeconds(day + 288), "rate.zero", "0")],
        };

        Assert.Equal([day + 2 * 288 - 1], candles.SetAside());
        Assert.Equal([new(day, day + 288), new(day + 2 * 288, day + 3 * 288)], candles.Read());
    }

    private async Task<(Bar[] Bars, Coverage Coverage)> RebuiltAsync(ILanding landing)
    {
        await using SqliteSegmentStore store = SqliteSegmentStore.Open(Folder("store"));
        await LandingRebuild.RunAsync(landing, store, null, Cancellation);
        StoredToken stored = (await store.LoadAsync("xyz", Cancellation))!;
        return ([.. stored.Tail!.ToBars()], stored.Coverage);
    }

    [Fact]
    public async Task A_store_with_tokens_is_left_alone()
    {
        FolderLanding landing = new(Folder("landing"));
        int first = BarTime.FirstSlotOfMonth(Month);
        await landing.WriteAsync(AnyLanded.Of(new("binance", "xyz", new(first, first + 1)), DateTimeOffset.UnixEpoch, new Bar(first, 1)), Cancellation);
        await using SqliteSegmentStore store = SqliteSegmentStore.Open(Folder("store"));
        await LandingRebuild.RunAsync(landing, store, null, Cancellation);
        string before = await TextAsync(store);
        await Assert.ThrowsAsync<InvalidOperationException>(() => LandingRebuild.RunAsync(landing, store, null, Cancellation));
        Assert.Equal(before, await TextAsync(store));
    }

    private string Folder(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Months in random order, some in two pieces, and of two sources.</summary>
    private static IEnumerable<(LandingKey Key, SlotRange Covered, Bar[] Bars)> Fetches(string token, Random random)
    {
        List<(string Source, SlotRange Range)> ranges = [];
        for (int month = Month; month < Month + 4; month++)
        {
            (int from, int to) = (BarTime.FirstSlotOfMonth(month), BarTime.FirstSlotOfMonth(month + 1));
            int cut = random.Next(from, to);
            ranges.AddRange([("binance", new(from, cut)), ("binance", new(cut, to)), ("files", new(from + 100, to))]);
        }

        (string Source, SlotRange Range)[] order = [.. ranges.Where(range => !range.Range.IsEmpty)];
        random.Shuffle(order);
        foreach ((string source, SlotRange range) in order)
        {
            Bar[] bars =
            [
                .. Enumerable.Range(range.From, range.Length).Where(_ => random.Next(100) > 0)
                    .Select(slot => new Bar(slot, random.Next(20) == 0 ? random.Next(1, 1000) / 8m : 100 + slot % 97 * 0.01m))
                    .Select(bar => bar with { Rate = bar.Rate / 1.0000000000000000000000000000m }),
            ];
            yield return (new(source, token, range), range, bars);
        }
    }

    private static async Task<string> TextAsync(SqliteSegmentStore store)
    {
        StringBuilder text = new();
        foreach (string token in await store.ListAsync(null, null, 10, Cancellation))
        {
            StoredToken stored = (await store.LoadAsync(token, Cancellation))!;
            text.AppendLine(token).AppendLine(Convert.ToHexString(stored.Tail!.Bytes.Span));
            AnyLanded.AssertRegistered(stored.Registration with { Kept = null });
            foreach (MonthSummary month in stored.Months)
            {
                text.AppendLine(Convert.ToHexString(month.Store())).AppendLine(Convert.ToHexString((await store.ReadMonthAsync(stored.Key, month.Month, Cancellation)).Bytes.Span));
            }
        }

        return text.ToString();
    }
}

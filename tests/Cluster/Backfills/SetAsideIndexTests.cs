using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Backfills;

/// <summary>Which rows of a token were not taken as bars, after fetches of the same time.</summary>
public sealed class SetAsideIndexTests : IDisposable
{
    private static readonly int First = BarTime.FirstSlotOfMonth(54 * 12 + 4);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-aside-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_later_fetch_of_the_same_time_and_listing_tells_instead()
    {
        FolderLanding landing = new(_folder.FullName);
        await landing.WriteAsync(Landed(0, First, First + 100, "XYZ", Row(First + 10, "old"), Row(First + 20, "mended"), new(null, "time.malformed", "untimed")), Cancellation);
        await landing.WriteAsync(Landed(1, First + 20, First + 21, "XYZ"), Cancellation);
        await landing.WriteAsync(Landed(2, First + 10, First + 11, "XYZ", Row(First + 10, "still")), Cancellation);
        await landing.WriteAsync(Landed(3, First, First + 50, "OTHER", Row(First + 10, "another listing's")), Cancellation);

        SetAsideIndex index = await IndexAsync(landing);

        Assert.Equal(3, index.Total);
        SetAsideRow[] rows = await index.ReadAsync(landing, 0, 100, Cancellation);
        Assert.Equal(["another listing's", "untimed", "still"], rows.Select(row => row.Text));
        Assert.Equal(
            new SetAsideRow("binance", "XYZ", "usdt", Interval.FiveMinutes, BarTime.Open(First + 10), "still", "rate.jump", DateTimeOffset.UnixEpoch.AddHours(2)), rows[2]);
        Assert.Null(rows[1].Time);

        // A fetch of all of it tells of what had no time, too.
        await landing.WriteAsync(Landed(4, First - 50, First + 100, "XYZ"), Cancellation);
        Assert.Equal("another listing's", Assert.Single(await (await IndexAsync(landing)).ReadAsync(landing, 0, 100, Cancellation)).Text);
    }

    [Fact]
    public async Task Pages_join_to_the_whole_and_texts_are_bounded()
    {
        FolderLanding landing = new(_folder.FullName);
        for (int file = 0; file < 3; file++)
        {
            int from = First + 10 * file;
            await landing.WriteAsync(Landed(0, from, from + 10, "XYZ", [.. Enumerable.Range(from, 7).Select(slot => Row(slot, $"{slot} {new string('x', 500)}"))]), Cancellation);
        }

        SetAsideIndex index = await IndexAsync(landing);
        List<SetAsideRow> all = [];
        for (SetAsideRow[] page; (page = await index.ReadAsync(landing, all.Count, 4, Cancellation)).Length > 0;)
        {
            Assert.InRange(page.Length, 1, 4);
            all.AddRange(page);
        }

        Assert.Equal(21, index.Total);
        Assert.Equal(Enumerable.Range(0, 3).SelectMany(file => Enumerable.Range(First + 10 * file, 7)).Select(BarTime.Open), all.Select(row => row.Time!.Value));
        Assert.All(all, row => Assert.Equal(SetAsideIndex.MostText, row.Text.Length));
    }

    private static QuarantinedRow Row(int slot, string text) => new(BarTime.OpenSeconds(slot), "rate.jump", text);

    private static LandedCandles Landed(int hour, int from, int to, string symbol, params QuarantinedRow[] aside) =>
        new(new("binance", "xyz", new(from, to)), new() { Symbol = "XYZ", Name = "Xyz", Quote = "usdt" }, symbol, DateTimeOffset.UnixEpoch.AddHours(hour), Candles.None, aside);

    private static async Task<SetAsideIndex> IndexAsync(FolderLanding landing)
    {
        List<LandedRows> rows = [];
        await foreach (LandingKey key in landing.ListAsync("xyz", Cancellation))
        {
            rows.Add(await landing.ReadRowsAsync(key, Cancellation));
        }

        return SetAsideIndex.Of(rows);
    }
}

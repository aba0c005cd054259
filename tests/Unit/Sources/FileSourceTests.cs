using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Sources;

public sealed class FileSourceTests : IDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly int May = Slots.At("2021-05-01");
    private static readonly int June = Slots.At("2021-06-01");
    private static readonly int July = Slots.At("2021-07-01");

    private readonly string _folder = Directory.CreateTempSubdirectory("pnl-files-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private FileSource Source() => new(_folder, _time);

    private void Csv(string name, params IEnumerable<string> rows) =>
        File.WriteAllText(Path.Combine(_folder, name), "time,rate\n" + string.Concat(rows.Select(r => r + "\n")));

    private string Zip(string name, params IEnumerable<string> rows)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        using StreamWriter csv = new(zip.CreateEntry(Path.ChangeExtension(Path.GetFileName(name), ".csv")).Open(), new UTF8Encoding(false));
        foreach (string row in rows)
        {
            csv.Write(row + "\n");
        }

        return path;
    }

    private static string Kline(int slot, decimal rate, long ticksASecond = 1000) => FormattableString.Invariant(
        $"{slot * 300L * ticksASecond},{rate},{rate + 2},{rate - 1},{rate + 1},5.5,{(slot + 1) * 300L * ticksASecond - 1},1,1,1,1,0");

    private static async Task<List<CandlePage>> PagesAsync(FileSource source, string symbol, SlotRange range)
    {
        List<CandlePage> pages = [];
        for (int from = range.From; from < range.To;)
        {
            CandlePage page = await source.ReadAsync(new(symbol, "", ""), range with { From = from }, Cancel);
            Assert.True(page.Covered.To > from);
            from = page.Covered.To;
            pages.Add(page);
        }

        return pages;
    }

    [Fact]
    public async Task Pairs_are_named_by_their_files()
    {
        Csv("BTC-USDT.csv", "0,1");
        Csv("ETH-BTC.1m.csv", "0,1");
        Csv("readme.txt");
        Zip("BTCUSDT-5m-2021-05.zip");
        Zip("spot/monthly/klines/SHIBUSDT/5m/SHIBUSDT-5m-2021-05.zip");
        Zip("TUSDUSDT-5m-2021-05.zip");
        Zip("BTCUSDT-1m-2021-05.zip");

        Assert.Equal(
            [new("BTC-USDT", "btc", "usdt"), new("SHIB-USDT", "shib", "usdt"), new("TUSD-USDT", "tusd", "usdt")],
            await Source().ListAsync(Cancel));
    }

    [Fact]
    public async Task A_file_of_rates_covers_from_its_first_row_to_its_last_a_year_a_page()
    {
        int nextMay = Slots.At("2022-05-01");
        Csv("BTC-USDT.csv", $"{(May + 10) * 300L},1.5", $"{(May + 12) * 300L},2", $"{(nextMay + 3) * 300L},3");

        List<CandlePage> pages = await PagesAsync(Source(), "BTC-USDT", new(May - 5000, nextMay + 8928));

        Assert.Equal([new(May + 10, nextMay), new(nextMay, nextMay + 4), new(nextMay + 8928, nextMay + 8928)], pages.Select(p => p.Covered));
        Assert.Equal(
            [new(May + 10, 1.5m, 1.5m, 1.5m, 1.5m, 0m), new(May + 12, 2m, 2m, 2m, 2m, 0m), new(nextMay + 3, 3m, 3m, 3m, 3m, 0m)],
            pages.SelectMany(p => p.Candles));
    }

    [Fact]
    public async Task Bad_rows_of_a_file_are_told_once_with_their_line()
    {
        Csv(
            "X-USD.csv", "soon,1", $"{(May + 1) * 300L},1", $"{(May + 2) * 300L},0", $"{(May + 3) * 300L + 1},1", $"{(May + 5) * 300L},7",
            $"{(May + 5) * 300L},8", $"{(May + 4) * 300L},2", $"{(May + 4) * 300L},2.0", $"{(June + 1) * 300L},3", $"{(July + 1) * 300L},-3");

        List<CandlePage> pages = await PagesAsync(Source(), "X-USD", new(May, July + 100));

        Assert.Equal([May + 1, May + 4, June + 1], pages.SelectMany(p => p.Candles).Select(c => c.Slot));
        Assert.Equal(
            [
                ("time.malformed", "line 2"), ("rate.zero", "line 4"), ("time.unaligned", "line 5"), ("rate.negative", "line 11"),
                ("time.repeated", "2021-05-01T00:25Z 7"), ("time.repeated", "2021-05-01T00:25Z 8"),
            ],
            pages.SelectMany(p => p.Quarantined).Select(q => (q.Code, q.Row)).OrderBy(q => q.Code == "time.repeated").ThenBy(q => q.Row.Length).ThenBy(q => q.Row, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_ZIP_covers_its_month_and_the_newest_one_up_to_its_last_row()
    {
        Zip("BTCUSDT-5m-2021-05.zip", Kline(May + 2, 100), Kline(May + 3, 101));
        Zip("BTCUSDT-5m-2021-07.zip", Kline(July, 200), Kline(July + 9, 201));

        List<CandlePage> pages = await PagesAsync(Source(), "BTC-USDT", new(May - 100, Slots.At("2021-08-01")));

        Assert.Equal([new(May, June), new(July, July + 10), new(Slots.At("2021-08-01"), Slots.At("2021-08-01"))], pages.Select(p => p.Covered));
        Assert.Equal(new Candle(May + 2, Open: 100m, High: 102m, Low: 99m, Close: 101m, Volume: 5.5m), pages[0].Candles[0]);
    }

    [Fact]
    public async Task Times_of_2025_are_microseconds_and_futures_have_a_header()
    {
        int january = Slots.At("2025-01-01");
        Zip("BTCUSDT-5m-2025-01.zip", Kline(january, 90_000, 1_000_000), "", Kline(january + 1, 90_001, 1_000_000));
        Zip("ETHUSDT-5m-2021-05.zip", "open_time,open,high,low,close,volume,close_time,q,c,tb,tq,i", Kline(May, 3));

        Assert.Equal([january, january + 1], (await PagesAsync(Source(), "BTC-USDT", new(january, january + 2)))[0].Candles.Select(c => c.Slot));
        Assert.Equal(May, Assert.Single((await PagesAsync(Source(), "ETH-USDT", new(May, May + 1)))[0].Candles).Slot);
    }

    [Fact]
    public async Task Bad_rows_of_a_ZIP_are_kept_aside()
    {
        Zip("BTCUSDT-5m-2021-05.zip", Kline(May, 100), $"{(May + 1) * 300_000L},1,0.5,1,1,1", "1,2", Kline(May + 2, 100), Kline(May + 2, 101));

        CandlePage page = Assert.Single(await PagesAsync(Source(), "BTC-USDT", new(May, May + 1)));
        Assert.Equal("row.malformed", Assert.Single(page.Quarantined).Code);
        Assert.Equal(100m + 1, Assert.Single(page.Candles).Close);

        Zip("BTCUSDT-5m-2021-07.zip"); // so that May is not the newest
        page = Assert.Single(await PagesAsync(Source(), "BTC-USDT", new(May, June)));
        Assert.Equal(
            ["candle.contradictory", "row.malformed", "time.repeated", "time.repeated"],
            page.Quarantined.Select(q => q.Code).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Where_both_have_a_month_the_ZIP_counts_and_the_file_goes_on_behind_it()
    {
        Csv("BTC-USDT.csv", $"{(May - 2) * 300L},1", $"{(May + 1) * 300L},2", $"{(June + 1) * 300L},3");
        Zip("BTCUSDT-5m-2021-05.zip", Kline(May + 1, 100), Kline(May + 4, 100));

        List<CandlePage> pages = await PagesAsync(Source(), "BTC-USDT", new(May - 2, June + 2));

        Assert.Equal(
            [new(May - 2, May), new(May, May + 5), new(May + 5, June + 2)], pages.Select(p => p.Covered));
        Assert.Equal([1m, 101m, 101m, 3m], pages.SelectMany(p => p.Candles).Select(c => c.Close));
    }

    [Fact]
    public void A_ZIP_that_says_to_hold_more_than_its_bytes_can_is_refused_before_room_is_made()
    {
        string path = Zip("BTCUSDT-5m-2021-05.zip", Kline(May, 100));
        byte[] bytes = File.ReadAllBytes(path);
        int directory = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BitConverter.TryWriteBytes(bytes.AsSpan(directory + 24), 200 << 20);
        File.WriteAllBytes(path, bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();

        RateFileException error = Assert.Throws<RateFileException>(() => KlineZip.Parse("BTCUSDT-5m-2021-05.zip")!.Read(path));

        Assert.Contains($"cannot be {200 << 20}", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 << 20);
    }

    [Fact]
    public async Task Damaged_files_and_unknown_symbols_are_errors()
    {
        string path = Zip("BTCUSDT-5m-2021-05.zip", Enumerable.Range(0, 500).Select(i => Kline(May + i, 100 + i)));
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 3] ^= 0x55;
        File.WriteAllBytes(path, bytes);
        File.WriteAllBytes(Path.Combine(_folder, "ETHUSDT-5m-2021-05.zip"), bytes[..(bytes.Length / 2)]);
        Csv("X-USD.csv");
        File.WriteAllText(Path.Combine(_folder, "Y-USD.csv"), "a,b\n1,2\n");

        foreach (string symbol in (string[])["BTC-USDT", "ETH-USDT", "Y-USD"])
        {
            SourceException e = await Assert.ThrowsAsync<SourceException>(() => PagesAsync(Source(), symbol, new(May, May + 1)));
            Assert.Equal(("source.malformed", false), (e.Code, e.IsTransient));
        }

        Assert.Equal(new(June, June), Assert.Single(await PagesAsync(Source(), "X-USD", new(May, June))).Covered);
        Assert.Equal("symbol.unknown", (await Assert.ThrowsAsync<SourceException>(() => PagesAsync(Source(), "Z-USD", new(May, June)))).Code);
    }

    [Fact]
    public async Task A_file_that_grows_is_read_again()
    {
        Csv("X-USD.csv", $"{May * 300L},1");
        FileSource source = Source();
        Assert.Equal(new(May, May + 1), (await PagesAsync(source, "X-USD", new(May, June)))[0].Covered);

        Csv("X-USD.csv", $"{May * 300L},1", $"{(May + 1) * 300L},2");
        Assert.Equal(new(May, May + 2), (await PagesAsync(source, "X-USD", new(May, June)))[0].Covered);
    }

    [Fact]
    public async Task Real_files_come_out_as_they_are()
    {
        FileSource source = new(MarketData.File("5m", "bitfinex"), _time);
        Assert.Equal(["BTC-USD", "ETH-USD", "LTC-USD", "XRP-USD"], (await source.ListAsync(Cancel)).Select(p => p.Symbol));

        List<CandlePage> pages = await PagesAsync(source, "XRP-USD", new(Slots.At("2017-01-01"), Slots.At("2018-02-01")));

        // 61,737 rows from 2017-05-19 17:55 to 2017-12-31 23:55 (README of the data)
        Assert.Equal(61_737, pages.Sum(p => p.Candles.Count));
        Assert.Equal(2, pages.Count); // all of it, and the end
        Assert.Equal(Slots.At("2017-05-19T17:55"), pages[0].Covered.From);
        Assert.Equal(Slots.At("2017-12-31T23:55") + 1, pages[0].Covered.To);
    }
}

using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Pnl.Rates;
using Pnl.Tests.Shared;

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
    public async Task Links_that_lead_out_of_the_folder_are_passed_over_and_those_within_are_good()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links are made by admins alone there.");
        string outside = Directory.CreateTempSubdirectory("pnl-outside-").FullName;
        try
        {
            string secret = Path.Combine(outside, "AAA-USD.csv");
            await File.WriteAllTextAsync(secret, $"time,rate\n{May * 300L},1\n{May * 300L + 300},2\n", Cancel);
            File.CreateSymbolicLink(Path.Combine(_folder, "AAA-USD.csv"), secret);
            Directory.CreateSymbolicLink(Path.Combine(_folder, "way"), outside);
            File.CreateSymbolicLink(Path.Combine(_folder, "BBB-USD.csv"), Path.Combine("way", "AAA-USD.csv")); // out by a link on its way
            Directory.CreateSymbolicLink(Path.Combine(_folder, "circle"), _folder);

            // As Kubernetes mounts a volume.
            Directory.CreateDirectory(Path.Combine(_folder, "..v1"));
            File.Copy(secret, Path.Combine(_folder, "..v1", "CCC-USD.csv"));
            Directory.CreateSymbolicLink(Path.Combine(_folder, "..data"), "..v1");
            File.CreateSymbolicLink(Path.Combine(_folder, "CCC-USD.csv"), Path.Combine("..data", "CCC-USD.csv"));
            Zip("2021/DDDUSDT-5m-2021-05.zip", Kline(May, 1));

            Assert.Equal(["CCC-USD", "DDD-USDT"], (await Source().ListAsync(Cancel)).Select(pair => pair.Symbol));
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Fact]
    public async Task A_file_that_is_none_of_rates_is_refused_by_its_name_alone()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "KEY-USD.csv"), "user,password\nroot,hunter2\n", Cancel);
        FileSource source = Source();
        await source.ListAsync(Cancel);
        SourceException refused = await Assert.ThrowsAsync<SourceException>(async () => await source.ReadAsync(new("KEY-USD", "key", "usd"), new(May, June), Cancel));
        Assert.Contains("KEY-USD.csv", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("password", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("root", refused.Message, StringComparison.Ordinal);
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

        // Line 5 lies off the grid, and is the last rate of its 5 minutes; of lines 6 and 7 the later one counts.
        Assert.Equal([(May + 1, 1m), (May + 3, 1m), (May + 4, 2m), (May + 5, 8m), (June + 1, 3m)], pages.SelectMany(p => p.Candles).Select(c => (c.Slot, c.Close)));
        Assert.Equal(
            [("time.malformed", "line 2"), ("rate.zero", "line 4"), ("time.repeated", "line 6"), ("rate.negative", "line 11")],
            pages.SelectMany(p => p.Quarantined).Select(q => (q.Code, q.Row)).OrderBy(q => q.Row.Length).ThenBy(q => q.Row, StringComparer.Ordinal));
    }

    [Fact]
    public async Task ZIPs_cover_the_days_of_which_they_have_rows_and_the_newest_one_up_to_its_last_row()
    {
        Zip("BTCUSDT-5m-2021-05.zip", Kline(May + 2, 100), Kline(May + 3, 101));
        Zip("BTCUSDT-5m-2021-07.zip", Kline(July, 200), Kline(July + 9, 201));

        List<CandlePage> pages = await PagesAsync(Source(), "BTC-USDT", new(May - 100, Slots.At("2021-08-01")));

        Assert.Equal([new(May, May + 288), new(July, July + 10), new(Slots.At("2021-08-01"), Slots.At("2021-08-01"))], pages.Select(p => p.Covered));
        Assert.Equal(new Candle(May + 2, Open: 100m, High: 102m, Low: 99m, Close: 101m, Volume: 5.5m), pages[0].Candles[0]);
    }

    [Fact]
    public async Task A_day_that_the_month_lacks_is_not_absent_and_the_ZIP_of_the_day_fills_it()
    {
        int Day(int day) => May + (day - 1) * 288;
        Zip("monthly/BTCUSDT-5m-2021-05.zip", [.. Enumerable.Range(1, 31).Where(day => day is not (7 or 20)).SelectMany(day => Enumerable.Range(Day(day), 288)).Where(slot => slot != Day(3) + 5).Select(slot => Kline(slot, 100))]);
        Zip("daily/BTCUSDT-5m-2021-05-07.zip", [.. Enumerable.Range(Day(7), 288).Select(slot => Kline(slot, 107))]);
        Zip("daily/BTCUSDT-5m-2021-05-03.zip", [.. Enumerable.Range(Day(3), 288).Select(slot => Kline(slot, 103))]);
        Zip("BTCUSDT-5m-2021-07.zip", Kline(July, 200)); // so that May is not the newest

        List<CandlePage> pages = await PagesAsync(Source(), "BTC-USDT", new(May, July));

        // Of the 20th nobody knows anything: it stays not covered, and is not absent.
        Assert.Equal([new(May, Day(20)), new(Day(21), June), new(July, July)], pages.Select(p => p.Covered));
        Candle[] candles = [.. pages.SelectMany(p => p.Candles)];
        Assert.Equal(30 * 288, candles.Length);
        Assert.Equal(108m, candles.Single(c => c.Slot == Day(7) + 144).Close);
        Assert.Equal((104m, 101m), (candles.Single(c => c.Slot == Day(3) + 5).Close, candles.Single(c => c.Slot == Day(3) + 6).Close)); // the month counts where it has a row
    }

    [Fact]
    public async Task Rows_of_a_ZIP_that_are_of_another_month_are_told_and_rows_off_the_grid_are_the_last_of_their_slot()
    {
        Zip("BTCUSDT-5m-2021-05.zip", Kline(May, 100), $"{May * 300_000L + 137_000},100,105,99,104,5,0,1,1,1,1,0", Kline(June + 1, 100));
        Zip("BTCUSDT-5m-2021-07.zip", Kline(July, 200));

        CandlePage page = (await PagesAsync(Source(), "BTC-USDT", new(May, June)))[0];
        Assert.Equal(104m, Assert.Single(page.Candles).Close);
        Assert.Equal(["time.notOfFile", "time.repeated"], page.Quarantined.Select(q => q.Code).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_file_of_days_and_then_of_5_minutes_is_a_page_of_each()
    {
        Csv("X-USD.csv", [.. Enumerable.Range(0, 40).Select(day => $"{(May + day * 288) * 300L},{day + 1}"), .. Enumerable.Range(0, 100).Select(i => $"{(May + 40 * 288 + i) * 300L},{i + 50}")]);

        List<CandlePage> pages = await PagesAsync(Source(), "X-USD", new(May, July));

        Assert.Equal([(Interval.Day, 40), (Interval.FiveMinutes, 100), (Interval.FiveMinutes, 0)], pages.Select(p => (p.Interval ?? Interval.FiveMinutes, p.Candles.Count)));
        Assert.Equal([new(May, May + 40 * 288), new(May + 40 * 288, May + 40 * 288 + 100), new(July, July)], pages.Select(p => p.Covered));
        Assert.Equal((May + 287, 1m), (pages[0].Candles[0].Slot, pages[0].Candles[0].Close)); // known at the end of its day
    }

    [Fact]
    public async Task Rates_of_another_currency_are_no_rates_of_the_pair()
    {
        File.WriteAllText(Path.Combine(_folder, "X-EUR.csv"), $"date,price_usd\n2021-05-01,5\n");
        Assert.Contains("in usd", (await Assert.ThrowsAsync<SourceException>(() => Source().ReadAsync(new("X-EUR", "x", "eur"), new(May, June), Cancel).AsTask())).Message, StringComparison.Ordinal);
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

        Zip("BTCUSDT-5m-2021-07.zip", Kline(July, 100)); // so that May is not the newest
        page = (await PagesAsync(Source(), "BTC-USDT", new(May, June)))[0];
        Assert.Equal([101m, 102m], page.Candles.Select(c => c.Close)); // of the two the later one
        Assert.Equal(
            ["candle.contradictory", "row.malformed", "time.repeated"],
            page.Quarantined.Select(q => q.Code).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Where_both_have_a_month_the_ZIP_counts_and_the_file_goes_on_behind_it()
    {
        Csv("BTC-USDT.csv", $"{(May - 2) * 300L},1", $"{(May + 1) * 300L},2", $"{(June + 1) * 300L},3");
        Zip("BTCUSDT-5m-2021-05.zip", Kline(May + 1, 100), Kline(May + 4, 100));

        List<CandlePage> pages = await PagesAsync(Source(), "BTC-USDT", new(May - 2, June + 2));

        Assert.Equal(
            [new(May - 2, May), new(May, May + 5), new(May + 5, June + 2)], pages.Select(p => p.Covered)); // the newest ZIP ends with its last row
        Assert.Equal([1m, 101m, 101m, 3m], pages.SelectMany(p => p.Candles).Select(c => c.Close));
    }

    [Fact]
    public void A_ZIP_that_says_to_hold_more_than_its_bytes_can_is_refused_before_room_is_made()
    {
        string path = Zip("BTCUSDT-5m-2021-05.zip", Kline(May, 100));
        byte[] bytes = File.ReadAllBytes(path);
        int directory = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BitConverter.TryWriteBytes(bytes.AsSpan(directory + 24), 30 << 20);
        File.WriteAllBytes(path, bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();

        RateFileException error = Assert.Throws<RateFileException>(() => KlineZip.Parse("BTCUSDT-5m-2021-05.zip")!.Read(path));

        Assert.Contains($"cannot be {30 << 20}", error.Message, StringComparison.Ordinal);
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
        Csv("X-USD.csv", $"{(May + 1) * 300L},1");
        FileSource source = Source();
        Assert.Equal(new(May + 1, May + 2), (await PagesAsync(source, "X-USD", new(May, June)))[0].Covered);

        Csv("X-USD.csv", $"{(May + 1) * 300L},1", $"{(May + 2) * 300L},2");
        Assert.Equal(new(May + 1, May + 3), (await PagesAsync(source, "X-USD", new(May, June)))[0].Covered);
    }

    [Fact]
    public async Task Real_files_come_out_as_they_are()
    {
        FileSource source = new(MarketData.Require("5m", "bitfinex"), _time);
        Assert.Equal(["BTC-USD", "ETH-USD", "LTC-USD", "XRP-USD"], (await source.ListAsync(Cancel)).Select(p => p.Symbol));

        List<CandlePage> pages = await PagesAsync(source, "XRP-USD", new(Slots.At("2017-01-01"), Slots.At("2018-02-01")));

        // 61,737 rows from 2017-05-19 17:55 to 2017-12-31 23:55 (README of the data)
        Assert.Equal(61_737, pages.Sum(p => p.Candles.Count));
        Assert.Equal(2, pages.Count); // all of it, and the end
        Assert.Equal(Slots.At("2017-05-19T17:55"), pages[0].Covered.From);
        Assert.Equal(Slots.At("2017-12-31T23:55") + 1, pages[0].Covered.To);
    }
}

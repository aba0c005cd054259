using System.Globalization;
using System.Text;
using System.Text.Json;
using Pnl.Rates;
using Pnl.Rates.Simulation;
using Pnl.Tests.Acceptance.Exchange;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Oracle;

/// <summary>
/// One life of Bitcoin: daily rates of Coin Metrics since 2010, Bitfinex' 5-minute bars from 2013, and an exchange in USDT
/// from 2017 on, converted by a daily rate of USDT. Each part comes in by another way, in any order, with kill -9 between;
/// the bytes that are stored are the same, and the answers are those of SQL over the same files.
/// </summary>
public sealed class OneLifeTests
{
    private static readonly DateTimeOffset To = new(2018, 7, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Parts = ["dailies", "tether", "files", "binance"];

    [Fact]
    public async Task Its_windows_series_and_volatility_are_those_of_SQL_and_its_bytes_do_not_depend_on_the_order_of_fetching()
    {
        string bitfinex = MarketData.Require("5m", "bitfinex", "BTC-USD.csv.gz");
        string dailies = MarketData.Require("daily", "coinmetrics", "btc.csv"), tether = MarketData.Require("daily", "coinmetrics", "usdt_eth.csv");
        TradedPair pair = Pair();
        await using FakeBinance exchange = await FakeBinance.StartAsync([pair], new(60_000, TimeSpan.FromSeconds(1)), new(1, 0));
        using DataFolder files = new();
        File.Copy(bitfinex, Path.Combine(files.Path, "BTC-USD.csv.gz"));

        string[]? first = null;
        foreach ((string[] order, bool isKilled) in ((string[], bool)[])[(Parts, false), ([.. Parts.Reverse()], true), (["binance", "dailies", "files", "tether"], true)])
        {
            using DataFolder folder = new();
            SiloProcess silo = await StartAsync();
            foreach (string part in order)
            {
                await TakeAsync(silo.Http, part, pair, dailies, tether);
                if (isKilled)
                {
                    silo.Kill();
                    silo.Dispose();
                    silo = await StartAsync();
                }
            }

            await ConvertedAsync(silo.Http);
            if (first is null)
            {
                await CompareAsync(silo.Http, pair, bitfinex, dailies, tether);
            }

            silo.Kill();
            silo.Dispose();
            string[] stored = await StoredAsync(folder.Path);
            Assert.Equal(first ??= stored, stored);

            async Task<SiloProcess> StartAsync()
            {
                SiloProcess started = await SiloProcess.ListeningAsync(
                    folder, "--Pnl:Feed=none", $"--Pnl:Sources:Files:Path={files.Path}", $"--Pnl:Sources:binance:Address={exchange.Address}",
                    "--Pnl:Sources:binance:PermitsAWindow=60000", "--Pnl:Sources:binance:WindowSeconds=1");
                await started.ReadyAsync(TimeSpan.FromMinutes(2));
                await started.Http.RegisterAsync("usdt", """{"quote":"usd"}""");
                await started.Http.RegisterAsync("btc", $$"""
                    {"symbol":"BTC","name":"Bitcoin","quote":"usd","listings":[{"source":"files","symbol":"BTC-USD"},{"source":"binance","symbol":"{{pair.Symbol}}","quote":"usdt"}]}
                    """);
                return started;
            }
        }
    }

    private static TradedPair Pair()
    {
        SimulatedMarket market = new(new() { Tokens = 600 });
        int from = BarTime.SlotAt(new DateTimeOffset(2017, 8, 1, 0, 0, 0, TimeSpan.Zero)), to = BarTime.SlotAt(To);
        return new(market, market.Tokens.First(token => token.ListedSlot > from && token.ListedSlot < from + 90 * BarTime.BarsPerDay && !(token.DelistedSlot < to) && token.Scale <= 6));
    }

    private static async Task TakeAsync(HttpClient http, string part, TradedPair pair, string dailies, string tether)
    {
        switch (part)
        {
            case "dailies" or "tether":
                (long, decimal)[] rows = [.. Rows(part == "dailies" ? dailies : tether)];
                string body = $$"""{"time":[{{string.Join(',', rows.Select(row => row.Item1))}}],"rate":[{{string.Join(',', rows.Select(row => row.Item2.ToString(CultureInfo.InvariantCulture)))}}]}""";
                Answer taken = (await http.SendAsync(HttpMethod.Post, $"/v1/tokens/{(part == "dailies" ? "btc" : "usdt")}/rates?interval=1d", Requests.Json(body))).Ok();
                // Those of days that have finer bars already change nothing of the token; they are kept all the same.
                Assert.Equal((rows.Length, 0), (taken["accepted"].GetInt32() + taken["unchanged"].GetInt32(), taken["rejected"].GetArrayLength()));
                break;
            default:
                string request = $$"""{"tokens":["btc"],"source":"{{part}}","to":"{{To:yyyy-MM-ddTHH:mm:ssZ}}"}""";
                Answer started = await http.SendAsync(HttpMethod.Post, "/v1/backfills", Requests.Json(request));
                string address = started.Headers.Location!.ToString(), status;
                do
                {
                    await Task.Delay(100, TestContext.Current.CancellationToken);
                    status = (await http.GetAnswerAsync(address)).Ok()["status"].GetString()!;
                }
                while (status is "planned" or "running");
                Assert.True(status == "completed", (await http.GetAnswerAsync(address)).Text);
                break;
        }
    }

    /// <summary>Waits until what is stored follows the rates of USDT: the answers say when.</summary>
    private static async Task ConvertedAsync(HttpClient http)
    {
        long last = BarTime.CloseSeconds(BarTime.SlotAt(To) - 1), before = new DateTimeOffset(2018, 1, 2, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(5));
        while (true)
        {
            Answer window = (await http.GetAnswerAsync($"/v1/tokens/btc/pnl?from={before}&to={last}")).Ok();
            if (window["complete"].GetBoolean() && window["interval"].GetString() == "5m")
            {
                return;
            }

            await Task.Delay(200, patience.Token);
        }
    }

    private static async Task CompareAsync(HttpClient http, TradedPair pair, string bitfinex, string dailies, string tether)
    {
        using MarketSql sql = MarketSql.OneLife(bitfinex, dailies, tether, Quoted(pair));
        Answer token = (await http.GetAnswerAsync("/v1/tokens/btc")).Ok();
        Assert.Equal(sql.Count, token["bars"].GetInt64());
        string[] life = [.. token["life"].EnumerateArray().Select(range => range.GetProperty("source").GetString() + "/" + range.GetProperty("interval").GetString())];
        Assert.Equal("api/1d", life[0]); // 2010 to 2013
        Assert.Equal("api/1d", life[^1]); // behind the exchange's last bar
        Assert.Contains("files/5m", life);
        Assert.Contains("binance/5m", life);

        // The hole of Bitfinex in April and May 2016 is filled by the next one that has anything there: days.
        Answer hole = (await http.GetAnswerAsync("/v1/tokens/btc/pnl?from=2016-04-10T00:00:00Z&to=2016-05-20T00:00:00Z")).Ok();
        Assert.Equal(("1d", 40, 40), (hole["interval"].GetString(), hole["bars"].GetInt32(), hole["expectedBars"].GetInt32()));

        Random random = new(15);
        long span = sql.Last - sql.First;
        foreach ((long from, long to) in Enumerable.Range(0, 6).Select(_ => (random.NextInt64(span), random.NextInt64(span))).Select(x => (sql.First + Math.Min(x.Item1, x.Item2), sql.First + Math.Max(x.Item1, x.Item2)))
            .Append((sql.First, sql.Last)).Append((0, sql.Last)).Append((1_460_000_000, 1_464_000_000)).Append((1_364_000_000, 1_366_000_000)).Append((1_512_000_000, 1_516_000_000)))
        {
            RealMarketTests.AssertEqual(sql.Window(from, to), (await http.GetAnswerAsync($"/v1/tokens/btc/pnl?from={from}&to={to}")).Ok().Json, $"from {from} to {to}");
        }

        RealMarketTests.AssertEqual(sql.Window(sql.First, sql.Last), (await http.GetAnswerAsync("/v1/tokens/btc/pnl")).Ok()["windows"].GetProperty("inception"), "inception");
        Answer series = (await http.GetAnswerAsync("/v1/tokens/btc/pnl/series?interval=1d")).Ok();
        List<(long Time, decimal Rate, decimal Pnl)> daily = sql.Daily();
        Assert.Equal(daily.Select(day => day.Time), series.Times());
        Assert.Equal(daily.Select(day => day.Rate), series.Decimals("rate"));
        Assert.Equal(daily.Select(day => day.Pnl), series.Decimals("pnl"));
    }

    /// <summary>What the exchange quotes, as rows of SQL read them: close time and rate in USDT.</summary>
    private static IEnumerable<(long Known, decimal Rate)> Quoted(TradedPair pair)
    {
        (int[] slots, long[] ticks) = pair.Closes(pair.ListedSlot, BarTime.SlotAt(To));
        return slots.Zip(ticks, (slot, tick) => (BarTime.CloseSeconds(slot), new decimal((int)tick, (int)(tick >> 32), 0, false, (byte)pair.Scale)));
    }

    private static IEnumerable<(long Time, decimal Rate)> Rows(string file) => File.ReadLines(file).Skip(1).Select(line => line.Split(',')).Select(row => (
        new DateTimeOffset(DateTime.Parse(row[0], CultureInfo.InvariantCulture), TimeSpan.Zero).ToUnixTimeSeconds(), decimal.Parse(row[1], CultureInfo.InvariantCulture)));

    /// <summary>All bytes of the token's bars and coverage, of what each listing brought, and of the order in which they came nothing.</summary>
    private static async Task<string[]> StoredAsync(string folder)
    {
        await using SqliteSegmentStore store = SqliteSegmentStore.Open(folder);
        List<string> all = [];
        await AddAsync("btc", "life");
        StoredToken token = (await store.LoadAsync("btc", CancellationToken.None))!;
        for (int i = 0; i < token.Registration.Kept!.Count; i++)
        {
            await AddAsync(ListingRow.Of("btc", i), token.Registration.Kept[i]);
        }

        return [.. all.Order(StringComparer.Ordinal)];

        async Task AddAsync(string row, string name)
        {
            StoredToken stored = (await store.LoadAsync(row, CancellationToken.None))!;
            TokenHistory history = stored.History();
            all.Add($"{name} tail {(history.Tail is { } tail ? Convert.ToHexString(tail.Bytes.Span) : "")}");
            all.Add($"{name} coarse {string.Join(' ', history.Coarse.Runs)}");
            if (name == "life")
            {
                all.Add($"{name} unconverted {string.Join(' ', stored.Conversions.Unconverted.Ranges)}");
                all.Add($"{name} coverage {string.Join(' ', history.Coverage.Ranges)} | {string.Join(' ', history.Coarse.Coverage.Ranges)}");
            }

            foreach (MonthSummary month in stored.Months)
            {
                Segment segment = await store.ReadMonthAsync(stored.Key, month.Month, CancellationToken.None);
                all.Add($"{name} {month.Month:d4} {Convert.ToHexString(month.Store())} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(segment.Bytes.Span))}");
            }
        }
    }
}

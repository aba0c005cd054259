using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using ParquetSharp;
using ParquetSharp.IO;
using Pnl.Rates;
using Pnl.Rates.Exchanges;
using Encoding = System.Text.Encoding;

namespace Pnl.Tests.Fuzz;

/// <summary>A reader of bytes that others may have written.</summary>
/// <param name="Name">What it reads.</param>
/// <param name="Extension">What the names of such files end in.</param>
/// <param name="Valid">A valid input, made by our own code where there is such.</param>
/// <param name="Mutate">Changes it a little; the third is another valid input.</param>
/// <param name="Read">Reads all of it: the file's path, and its bytes.</param>
/// <param name="Declared">What it may throw, and nothing else.</param>
internal sealed record Reader(
    string Name, string Extension, Func<Random, byte[]> Valid, Func<Random, byte[], byte[], byte[]> Mutate, Action<string, byte[]> Read, params Type[] Declared)
{
    private const int FirstSlot = 5_405_000; // in May 2021

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly Reader[] All =
    [
        new("csv", ".csv", Csv, Mutation.Table, Rates, typeof(RateFileException)),
        new("csv.gz", ".csv.gz", random => Gzip(Csv(random)), (random, valid, other) => random.Next(2) == 0 ? Mutation.Bytes(random, valid, other) : Gzip(Mutation.Table(random, Csv(random), other)), Rates, typeof(RateFileException)),
        new("parquet", ".parquet", Parquet, Mutation.Tail, Rates, typeof(RateFileException)),
        new("kline.zip", ".zip", random => Zip(Klines(random)), (random, valid, other) => random.Next(2) == 0 ? Mutation.Tail(random, valid, other) : Zip(Mutation.Table(random, Klines(random), other)), Kline, typeof(RateFileException)),
        new("landing", ".landed", Landed, Mutation.Tail, Landing, typeof(RateFileException), typeof(LaterReleaseException)),
        new("ledger", ".ledger.csv", Ledger, Mutation.Table, (_, bytes) => ReadLedger(bytes), typeof(LedgerFileException)),
        new("exchange", ".answer", Answer, Mutation.Bytes, (_, bytes) => Exchange(bytes), typeof(SourceException)),
        new("event", ".json", Event, Mutation.Bytes, (_, bytes) => BarsEvent.Read(bytes)),
        new("segment", ".segment", SegmentBytes, Resealed, (_, bytes) => Decode(bytes), typeof(SegmentCorruptException), typeof(LaterReleaseException)),
        new("month", ".month", random => new MonthSummary(616, Summary(random)).Store(), Mutation.Bytes, (_, bytes) => MonthSummary.Restore(616, bytes), typeof(SegmentCorruptException), typeof(LaterReleaseException)),
        new("landing path", ".key", random => Encoding.UTF8.GetBytes(LandingPath.Of(new("binance", "btc", new(FirstSlot, FirstSlot + random.Next(1, 500))))), Mutation.Bytes, (_, bytes) => LandingPath.Parse(Encoding.UTF8.GetString(bytes)), typeof(RateFileException)),
    ];

    public override string ToString() => Name;

    private static void Rates(string path, byte[] bytes)
    {
        // Row by row as the tool imports, and whole as the source of files does.
        using (RateFile file = RateFile.Open(path))
        {
            for (int rows = 0; file.TryRead(out RateRow row); rows++)
            {
                Assert.True(row.Defect != BarDefect.None || row.Rate > 0m, $"row {rows} is good and has the rate {row.Rate}");
                Assert.InRange(file.Fraction, 0, 1.01);
            }
        }

        PlainRates all = PlainRates.Read(path);
        _ = all.Page(all.Slots);
    }

    private static void Kline(string path, byte[] bytes)
    {
        KlineZip zip = KlineZip.Parse("BTCUSDT-5m-2021-05.zip")!;
        CandlePage page = zip.Read(path);
        Assert.All(page.Candles, candle => Assert.True(candle.Slot >= zip.Slots.From && candle.Slot < zip.Slots.To && candle.Close > 0m));
    }

    private static void Landing(string path, byte[] bytes)
    {
        LandedCandles landed = CandleParquet.Read(new MemoryStream(bytes), path);
        _ = landed.Candles.Bars();
        _ = landed.Candles.Sum(candle => (double)candle.Close + (double)candle.Volume);
    }

    private static void Decode(byte[] bytes)
    {
        Segment segment = Segment.Open(bytes, "btc-usd 2021-05");
        _ = segment.Summary();
        _ = segment.ToBars();
        _ = segment.Recompute();
    }

    private static byte[] Csv(Random random) => Encoding.UTF8.GetBytes("time,rate\n" + string.Concat(Bars(random).Select(bar => FormattableString.Invariant($"{BarTime.OpenSeconds(bar.Slot)},{bar.Rate}\n"))));

    private static Bar[] Bars(Random random)
    {
        int slot = FirstSlot;
        return [.. Enumerable.Range(0, random.Next(1, 700)).Select(_ => new Bar(slot += random.Next(1, 4), new decimal(random.Next(1, int.MaxValue), random.Next(4) == 0 ? random.Next() : 0, 0, false, (byte)random.Next(0, 20))))];
    }

    private static RateSummary Summary(Random random) => Bars(random).Aggregate(RateSummary.Empty, (sum, bar) => sum + RateSummary.Of(bar));

    private static byte[] Parquet(Random random)
    {
        Bar[] bars = Bars(random);
        long[] seconds = [.. bars.Select(bar => BarTime.OpenSeconds(bar.Slot))];
        Column time = random.Next(2) == 0 ? new Column<long>("time") : new Column<DateTime>("time", LogicalType.Timestamp(true, ParquetSharp.TimeUnit.Millis));
        int form = random.Next(4);
        Column rate = form switch { 0 => new Column<double>("rate"), 1 => new Column<string>("rate"), 2 => new Column<decimal>("rate", LogicalType.Decimal(29, 10)), _ => new Column<long?>("rate") };
        using MemoryStream bytes = new();
        using (ManagedOutputStream output = new(bytes, leaveOpen: true))
        using (ParquetFileWriter writer = new(output, [time, rate], (Compression)(random.Next(2) == 0 ? Compression.Zstd : Compression.Uncompressed)))
        {
            using RowGroupWriter group = writer.AppendRowGroup();
            using (ColumnWriter column = group.NextColumn())
            {
                if (time.LogicalSystemType == typeof(long))
                {
                    column.LogicalWriter<long>().WriteBatch(seconds);
                }
                else
                {
                    column.LogicalWriter<DateTime>().WriteBatch(Array.ConvertAll(seconds, s => DateTime.UnixEpoch.AddSeconds(s)));
                }
            }

            using (ColumnWriter column = group.NextColumn())
            {
                switch (form)
                {
                    case 0:
                        column.LogicalWriter<double>().WriteBatch(Array.ConvertAll(bars, bar => (double)bar.Rate));
                        break;
                    case 1:
                        column.LogicalWriter<string>().WriteBatch(Array.ConvertAll(bars, bar => FormattableString.Invariant($"{bar.Rate}")));
                        break;
                    case 2:
                        column.LogicalWriter<decimal>().WriteBatch(Array.ConvertAll(bars, bar => decimal.Round(bar.Rate % 1_000_000m, 10)));
                        break;
                    default:
                        column.LogicalWriter<long?>().WriteBatch(Array.ConvertAll(bars, bar => bar.Slot % 5 == 0 ? null : (long?)bar.Slot));
                        break;
                }
            }

            writer.Close();
        }

        return bytes.ToArray();
    }

    private static byte[] Klines(Random random) => Encoding.UTF8.GetBytes(string.Concat(Bars(random).Select(bar => FormattableString.Invariant(
        $"{BarTime.OpenSeconds(bar.Slot) * 1000},{bar.Rate},{bar.Rate},{bar.Rate},{bar.Rate},5.5,{BarTime.CloseSeconds(bar.Slot) * 1000 - 1},1,1,1,1,0\n"))));

    private static byte[] Zip(byte[] csv)
    {
        using MemoryStream bytes = new();
        using (ZipArchive zip = new(bytes, ZipArchiveMode.Create))
        {
            using Stream entry = zip.CreateEntry("BTCUSDT-5m-2021-05.csv").Open();
            entry.Write(csv);
        }

        return bytes.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using MemoryStream bytes = new();
        using (GZipStream gzip = new(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return bytes.ToArray();
    }

    private static byte[] Landed(Random random)
    {
        Bar[] bars = Bars(random);
        decimal widest = random.Next(3) switch { 0 => 1m, 1 => 1e-18m, _ => 1.0000000000000000000000000001m };
        Candle[] candles = [.. bars.Select(bar => new Candle(bar.Slot, bar.Rate, bar.Rate * 2, bar.Rate / 2, bar.Rate, widest))];
        using MemoryStream bytes = new();
        CandleParquet.Write(
            new(new("binance", "btc", new(FirstSlot, bars[^1].Slot + 1)), new() { Symbol = "BTC", Name = "Bitcoin", Quote = "usdt" }, "BTCUSDT", Now, Pnl.Rates.Candles.Of(candles), []), bytes);
        return bytes.ToArray();
    }

    // An answer of an exchange: whose it is, as a byte, from 128 on as an error, and its body.
    private static readonly ExchangeDialect[] Dialects =
        [new BinanceDialect(), new BitfinexDialect(), new BitstampDialect(), new BybitDialect(), new CoinbaseDialect(), new CoinGeckoDialect(false), new KrakenDialect(), new OkxDialect()];

    private static byte[] Answer(Random random)
    {
        int whose = random.Next(Dialects.Length);
        (long Seconds, string Rate)[] bars = [.. Enumerable.Range(0, random.Next(1, 30)).Select(i => (BarTime.OpenSeconds(FirstSlot + i), FormattableString.Invariant($"{random.Next(1, 1_000_000)}e-3")))];
        string Rows(Func<long, string, string> row) => string.Join(',', bars.Select(bar => row(bar.Seconds, bar.Rate)));
        string body = whose switch
        {
            0 => $"[{Rows((s, r) => $"[{s * 1000},\"{r}\",\"{r}\",\"{r}\",\"{r}\",\"1\",0]")}]",
            1 => $"[{Rows((s, r) => $"[{s * 1000},{r},{r},{r},{r},1]")}]",
            2 => "{\"data\":{\"pair\":\"BTC/USD\",\"ohlc\":[" + Rows((s, r) => $"{{\"timestamp\":\"{s}\",\"open\":\"{r}\",\"high\":\"{r}\",\"low\":\"{r}\",\"close\":\"{r}\",\"volume\":\"1\"}}") + "]}}",
            3 => "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{\"category\":\"spot\",\"list\":[" + Rows((s, r) => $"[\"{s * 1000}\",\"{r}\",\"{r}\",\"{r}\",\"{r}\",\"1\",\"1\"]") + "]}}",
            4 => $"[{Rows((s, r) => $"[{s},{r},{r},{r},{r},1]")}]",
            5 => "{\"prices\":[" + Rows((s, r) => $"[{s * 1000 + 1},{r}]") + "],\"market_caps\":[]}",
            6 => "{\"error\":[],\"result\":{\"XXBTZUSD\":[" + Rows((s, r) => $"[{s},\"{r}\",\"{r}\",\"{r}\",\"{r}\",\"{r}\",\"1\",1]") + $"],\"last\":{bars[^1].Seconds}}}}}",
            _ => "{\"code\":\"0\",\"msg\":\"\",\"data\":[" + Rows((s, r) => $"[\"{s * 1000}\",\"{r}\",\"{r}\",\"{r}\",\"{r}\",\"1\",\"1\",\"1\",\"1\"]") + "]}",
        };
        return [(byte)whose, .. Encoding.UTF8.GetBytes(body)];
    }

    private static void Exchange(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            throw new SourceException("source.malformed", "nothing", isTransient: true);
        }

        ExchangeDialect dialect = Dialects[bytes[0] % Dialects.Length];
        SlotRange page = new(FirstSlot, FirstSlot + 50);
        using HttpMessageInvoker http = new(new WholeAnswer(dialect, dialect.Limits, 1 << 20, TimeProvider.System) { InnerHandler = new Canned(bytes[0] < 128 ? 200 : 400, bytes[1..]) });
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri("http://127.0.0.1/"));
        using HttpResponseMessage answer = http.SendAsync(request, CancellationToken.None).GetAwaiter().GetResult();
        try
        {
            Assert.All(dialect.Candles(bytes.AsMemory(1), page).Candles, candle => Assert.True(candle.Slot >= page.From && candle.Slot < page.To && candle.Close > 0m));
            dialect.Pairs(bytes.AsMemory(1), []);
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            if (answer.StatusCode != System.Net.HttpStatusCode.OK || e.StackTrace?.Contains("Pairs", StringComparison.Ordinal) != true)
            {
                throw new SourceException("source.malformed", e.Message, isTransient: true, e); // as the source of exchanges has it
            }
        }
    }

    private sealed class Canned(int status, byte[] body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage((System.Net.HttpStatusCode)status) { Content = new ByteArrayContent(body) });
    }

    private static byte[] Event(Random random)
    {
        Bar[] bars = Bars(random)[..Math.Min(20, 1)];
        long[] times = [.. bars.Select(bar => BarTime.OpenSeconds(bar.Slot))];
        return BarsEvent.Write([.. bars.Select((_, i) => $"token-{i}")], times, [.. bars.Select(bar => bar.Rate)], random.Next(2) == 0 ? null : times);
    }

    private static byte[] SegmentBytes(Random random)
    {
        using Segment.Builder builder = new();
        foreach (IGrouping<int, Bar> day in Bars(random).GroupBy(bar => bar.Slot / BarTime.BarsPerDay))
        {
            DayBars bars = DayBars.Rent();
            bars.Set([.. day]);
            builder.Add(day.Key, bars);
            bars.Return();
        }

        return builder.Build(FirstSlot / BarTime.BarsPerDay).Bytes.ToArray();
    }

    /// <summary>Mostly with a checksum that holds: else nothing behind it would be tried.</summary>
    private static byte[] Resealed(Random random, byte[] valid, byte[] other)
    {
        byte[] bytes = Mutation.Bytes(random, valid, other);
        if (bytes.Length >= 4 && random.Next(8) != 0)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), Crc32.HashToUInt32(bytes.AsSpan(0, bytes.Length - 4)));
        }

        return bytes;
    }

    /// <summary>As an import does: read for both kinds of terms, and compared with what a ledger has.</summary>
    private static void ReadLedger(byte[] bytes)
    {
        LedgerFile file = LedgerCsv.Read(new StreamReader(new MemoryStream(bytes)), Now);
        LedgerFile withCash = LedgerCsv.Read(new StreamReader(new MemoryStream(bytes)), Now, "file", new() { TracksCash = true, DecimalMark = DecimalMark.Comma });
        Assert.InRange(withCash.Against(file.Entries).Entries.Length, 0, withCash.Entries.Length);
        Assert.True(!file.IsExport || file.Against(file.Entries).Entries.IsEmpty, "read again, it adds to itself");
    }

    private static byte[] Ledger(Random random) => Encoding.UTF8.GetBytes(Ledgers[random.Next(Ledgers.Length)]);

    private static readonly string[] Ledgers =
    [
        """
        User_ID,UTC_Time,Account,Operation,Coin,Change,Remark
        1,2024-01-15 10:30:00,Spot,Deposit,BTC,0.2,
        1,2024-02-15 10:30:00,Spot,Transaction Related,BTC,-0.01,
        1,2024-02-15 10:30:00,Spot,Buy,ETH,0.15,
        1,2024-02-15 10:30:00,Spot,Fee,BNB,-0.0002,
        1,2024-03-15 10:30:00,Spot,Small Assets Exchange BNB,ETH,-0.000123,
        1,2024-03-15 10:30:00,Spot,Small Assets Exchange BNB,BTC,-8E-08,
        1,2024-03-15 10:30:00,Spot,Small Assets Exchange BNB,BNB,0.0007,
        """,
        """
        Date(UTC+1),Coin,Network,Amount,TransactionFee,Address,TXID,SourceAddress,PaymentID,Status
        24-01-15 10:30:00,BTC,BTC,0.5,0.0002,bc1,tx1,,,Completed
        24-01-16 10:30:00,BTC,BTC,0.5,0,bc1,tx2,,,Failed
        """,
        """
        Date(UTC);Market;Type;Price;Amount;Total;Fee;Fee Coin
        15.01.2018 10:30;ETHUSDT;BUY;1.000,5;1,25;1250;0,001;ETH
        16/01/2018 10:30;BTCTUSD;SELL;1000;1;1000;0,001;BNB
        """,
        """
        txid,refid,time,type,subtype,aclass,asset,wallet,amount,fee,balance
        L1,R1,2025-02-10 10:00:00,trade,tradespot,currency,SOL,spot,-7,0,0
        L2,R1,2025-02-10 10:00:00,trade,tradespot,currency,SOL.F,earn,-2.5,0,0
        L3,R1,2025-02-10 10:00:00,trade,tradespot,currency,XXBT,spot,0.02,0.0001,0
        L4,R1,2025-02-10 10:00:00,trade,tradespot,currency,KFEE,spot,0,156,0
        L5,Unknown,2025-02-11 10:00:00,earn,,currency,DOT28.S,earn,-1,0,0
        L6,Unknown,2025-02-11 10:00:00,earn,,currency,DOT,spot,1,0,0
        """,
        """
        ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes
        a1,2025-01-05 10:00:00 UTC,Advanced Trade Buy,LINK,10,GBP,£15.80,£158.00,£158.79,£0.79,Bought 10 LINK for 201 USDC on LINK-USDC at 20 USDC/LINK
        g3,2025-02-05 10:00:00 UTC,Convert,SOL,99,EUR,€100.00,"€9,900.00","€10,000.00",€100.00,
        g3,2025-02-05 10:00:00 UTC,Convert,BTC,-0.5,EUR,"€20,000.00","€10,000.00","€10,000.00",€0.00,
        """,
        """
        id,time,kind,token,quantity,price,currency,fees,note
        a,2021-01-01T00:00:00Z,buy,btc,0.5,29000.5,usd,0.0005 btc; 1 usd,"first, of two"
        b,2021-01-02 10:00:00,deposit,eth,2,,,,
        c,2021-01-03 10:00:00,redenomination,eth,1000,,,,
        """,
        """
        Transactions
        User,Somebody,00000000-0000-0000-0000-000000000000
        ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes
        1a,2024-12-19 17:59:59 UTC,Advanced Trade Buy,SOL,0.035,EUR,€190.00,€6.65,€6.68990,€0.0399,Bought 0.035 SOL
        1c,2025-03-05 10:00:00 UTC,Buy,BTC,0.015,EUR,"€82,304.00","€1,234.56","€1,240.73",€6.17,
        1g,2025-03-09 10:00:00 UTC,Convert,ETH,-1,EUR,€2000.00,€2000.00,€1990.00,€10.00,Converted 1 ETH to 0.025 BTC
        """,
        """
        "txid","ordertxid","pair","time","type","ordertype","price","cost","fee","vol","margin","misc","ledgers"
        "TFW-1","O-1","XXMRZEUR","2017-11-12 19:04:13.6946","buy","market",103.22000000,10.32200000,0.02683720,0.10000000,0.00000000,"","L-1,L-2"
        "TFW-3","O-3","XBT/USDT","2024-01-15 10:30:00","buy","limit","42000.5","21000.25","5.25","0.5","0.0","","L-5"
        """,
        """
        "txid","refid","time","type","subtype","aclass","asset","wallet","amount","fee","balance"
        "L1","R1","2024-01-05 12:00:00","deposit","","currency","ZEUR","spot / main",1000.0000,0,1000.0000
        "L2","R2","2024-03-19 19:43:31","trade","","currency","ZEUR","spot / main",-100.0000,0.1800,899.8200
        "L3","R2","2024-03-19 19:43:31","trade","","currency","XXBT","spot / main",0.0020000000,0,0.0020000000
        "L4","R3","2024-03-20 10:00:00","trade","","currency","XETH","spot / main",-1.0000000000,0,0
        "L5","R3","2024-03-20 10:00:00","trade","","currency","XXBT","spot / main",0.0500000000,0.0001,0.0519
        "L6","R4","2024-04-01 10:00:00","staking","","currency","DOT.S","earn",1.5,0,1.5
        """,
        """
        Date(UTC),Pair,Side,Price,Executed,Amount,Fee
        2021-05-19 12:35:00,BTCUSDT,BUY,42000,0.5BTC,21000USDT,0.0005BTC
        2021-05-19 12:36:00,BTCUSDT,SELL,42000,0.5BTC,21000USDT,21USDT
        2021-05-19 12:37:00,1INCHUSDT,SELL,4,5.51INCH,22USDT,0.01BNB
        """,
    ];
}

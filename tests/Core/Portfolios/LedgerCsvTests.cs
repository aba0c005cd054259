namespace Pnl.Tests.Core.Portfolios;

/// <summary>Exports of exchanges. The headers and the manner of the rows are those of real exports; what they say is made up.</summary>
public sealed class LedgerCsvTests
{
    private static readonly DateTimeOffset Now = RateTable.At("2026-01-01");

    [Fact]
    public void Our_own_columns() =>
        Reads("pnl",
            """
            id,time,kind,token,quantity,price,currency,fees,note
            a,2021-01-01T00:00:00Z,buy,btc,0.5,29000.5,usd,0.0005 btc; 1 usd,"first, of two"
            b,2021-01-02 10:00:00,deposit,eth,2,,,,
            """,
            "a 2021-01-01T00:00:00.0000000Z Buy 0.5 btc @ 29000.5 usd [0.0005 btc, 1 usd] first, of two",
            "b 2021-01-02T10:00:00.0000000Z Deposit 2 eth @   [] ");

    [Fact]
    public void Coinbase() =>
        Reads("coinbase",
            """

            Transactions
            User,Somebody,00000000-0000-0000-0000-000000000000
            ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes
            1a,2024-12-19 17:59:59 UTC,Advanced Trade Buy,SOL,0.035,EUR,€190.00,€6.65,€6.68990,€0.0399,Bought 0.035 SOL
            1b,2025-01-10 09:15:00 UTC,Advanced Trade Sell,SOL,-0.5,EUR,€200.00,€100.00,€99.40,€0.60,
            1c,2025-03-05 10:00:00 UTC,Buy,BTC,0.015,EUR,"€82,304.00","€1,234.56","€1,240.73",€6.17,
            1d,2025-03-06 10:00:00 UTC,Buy,BTC,0.001,EUR,€80000.00,€82.00,€82.00,€0.00,
            1e,2025-03-07 10:00:00 UTC,Staking Income,ETH,0.01,EUR,€2000.00,€20.00,€20.00,€0.00,
            1f,2025-03-08 10:00:00 UTC,Send,BTC,-0.002,EUR,€80000.00,€160.00,€160.00,€0.00,
            1g,2025-03-09 10:00:00 UTC,Convert,ETH,-1,EUR,€2000.00,€2000.00,€1990.00,€10.00,Converted 1 ETH to 0.025 BTC
            """,
            "coinbase-1a 2024-12-19T17:59:59.0000000Z Buy 0.035 sol @ 190 eur [0.0399 eur] Bought 0.035 SOL",
            "coinbase-1b 2025-01-10T09:15:00.0000000Z Sell 0.5 sol @ 200 eur [0.6 eur] ",
            "coinbase-1c 2025-03-05T10:00:00.0000000Z Buy 0.015 btc @ 82304 eur [6.17 eur] ",
            "coinbase-1d 2025-03-06T10:00:00.0000000Z Buy 0.001 btc @ 82000 eur [] ", // the price is shown rounded, the subtotal was paid
            "coinbase-1e 2025-03-07T10:00:00.0000000Z Income 0.01 eth @ 2000 eur [] ",
            "coinbase-1f 2025-03-08T10:00:00.0000000Z Withdrawal 0.002 btc @   [] ",
            "coinbase-1g 2025-03-09T10:00:00.0000000Z Sell 1 eth @ 2000 eur [] Converted 1 ETH to 0.025 BTC",
            "coinbase-1g-to 2025-03-09T10:00:00.0000000Z Buy 0.025 btc @ 79600 eur [10 eur] Converted 1 ETH to 0.025 BTC"); // the fee is within the 2,000

    [Fact]
    public void Kraken_trades() =>
        Reads("kraken-trades",
            """
            "txid","ordertxid","pair","time","type","ordertype","price","cost","fee","vol","margin","misc","ledgers"
            "TFW-1","O-1","XXMRZEUR","2017-11-12 19:04:13.6946","buy","market",103.22000000,10.32200000,0.02683720,0.10000000,0.00000000,"","L-1,L-2"
            "TFW-2","O-2","DASHEUR","2017-11-23 20:10:26.1312","sell","market",484.000000,14.520000,0.000000,0.03000000,0.000000,"","L-3,L-4"
            "TFW-3","O-3","XBT/USDT","2024-01-15 10:30:00","buy","limit","42000.5","21000.25","5.25","0.5","0.0","","L-5"
            """,
            "kraken-TFW-1 2017-11-12T19:04:13.6946000Z Buy 0.1 xmr @ 103.22 eur [0.0268372 eur] ",
            "kraken-TFW-2 2017-11-23T20:10:26.1312000Z Sell 0.03 dash @ 484 eur [] ",
            "kraken-TFW-3 2024-01-15T10:30:00.0000000Z Buy 0.5 btc @ 42000.5 usdt [5.25 usdt] ");

    [Fact]
    public void Kraken_ledgers() =>
        Reads("kraken-ledgers",
            """
            "txid","refid","time","type","subtype","aclass","asset","wallet","amount","fee","balance"
            "L1","R1","2024-01-05 12:00:00","deposit","","currency","ZEUR","spot / main",1000.0000,0,1000.0000
            "L2","R2","2024-03-19 19:43:31","trade","","currency","ZEUR","spot / main",-100.0000,0.1800,899.8200
            "L3","R2","2024-03-19 19:43:31","trade","","currency","XXBT","spot / main",0.0020000000,0,0.0020000000
            "L4","R3","2024-03-20 10:00:00","trade","","currency","XETH","spot / main",-1.0000000000,0,0
            "L5","R3","2024-03-20 10:00:00","trade","","currency","XXBT","spot / main",0.0500000000,0.0001,0.0519
            "L6","R4","2024-04-01 10:00:00","staking","","currency","DOT.S","earn",1.5,0,1.5
            "","R5","2024-04-02 10:00:00","withdrawal","","currency","XXBT","spot / main",-0.001,0.0005,""
            "L7","R5","2024-04-02 10:05:00","withdrawal","","currency","XXBT","spot / main",-0.001,0.0005,0.0504
            """,
            "kraken-R1 2024-01-05T12:00:00.0000000Z Deposit 1000 eur @   [] ",
            "kraken-R2 2024-03-19T19:43:31.0000000Z Buy 0.002 btc @ 50000 eur [0.18 eur] ",
            "kraken-R3 2024-03-20T10:00:00.0000000Z Sell 1 eth @ 0.05 btc [] ",
            "kraken-R3-to 2024-03-20T10:00:00.0000000Z Buy 0.05 btc @ 20 eth [0.0001 btc] ", // both sides move: the account has the other one too
            "kraken-R4 2024-04-01T10:00:00.0000000Z Income 1.5 dot @   [] ",
            "kraken-R5 2024-04-02T10:05:00.0000000Z Withdrawal 0.001 btc @   [0.0005 btc] ");

    [Fact]
    public void Binance_trades_have_no_ids_and_get_the_same_ones_again()
    {
        const string Header = "Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n";
        const string Fill = "2024-01-15 10:30:00,BTCUSDT,BUY,\"42,000.00\",0.5BTC,\"21,000.00USDT\",0.0005BTC\n";
        const string Sale = "2024-01-16 10:30:00,1INCHBNB,SELL,0.001,21INCH,0.002BNB,0.000002BNB\n";
        LedgerFile once = Read(Header + Fill + Sale), longer = Read(Header + Fill + Fill + Sale);

        Assert.Equal("binance-trades", once.Format);
        Assert.Equal(
            ["2024-01-15T10:30:00.0000000Z Buy 0.5 btc @ 42000 usdt [0.0005 btc] ", "2024-01-16T10:30:00.0000000Z Sell 2 1inch @ 0.001 bnb [0.000002 bnb] "],
            once.Entries.Select(entry => Text(entry)[(entry.Id.Length + 1)..]));
        Assert.Equal(3, longer.Entries.Select(entry => entry.Id).Distinct().Count()); // two equal fills are two trades
        Assert.Equal([once.Entries[0].Id, once.Entries[1].Id], [longer.Entries[0].Id, longer.Entries[2].Id]);
        Assert.All(longer.Entries, entry => Assert.StartsWith("binance-", entry.Id, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_row_that_gives_no_entry_is_named_with_its_reason()
    {
        LedgerFile plain = Read(
            """
            id,time,kind,token,quantity,price,currency,fees,note
            a,2021-01-01T00:00:00Z,gift,btc,1,1,usd,,
            b,yesterday,buy,btc,1,1,usd,,
            c,2021-01-01T00:00:00Z,buy,btc,one,1,usd,,
            d,2021-01-01T00:00:00Z,buy,btc,1,1,usd,"1,5,5 usd",
            e,2021-01-01T00:00:00Z,buy,btc,1,1,usd
            f,2021-01-01T00:00:00Z,buy,btc,1,1,usd,"1 usd,

            g,2021-01-01T00:00:00Z,buy,btc,1,,,,
            h,2027-01-01T00:00:00Z,buy,btc,1,1,usd,,
            i,2021-01-01T00:00:00Z,buy,btc,1,1,usd,free,
            j,2021-01-01T00:00:00Z,buy,btc,1,1,usd,,
            """);

        Assert.Equal(["j"], plain.Entries.Select(entry => entry.Id));
        Assert.Equal(
            [
                (2, "kind.unknown", "kind"), (3, "time.outOfRange", "time"), (4, "row.malformed", "quantity"), (5, "row.malformed", "fees"), (6, "row.malformed", ""),
                (7, "row.malformed", ""), (9, "price.missing", "price"), (10, "time.outOfRange", "time"), (11, "row.malformed", "fees"),
            ],
            plain.Rejected.Select(row => ((int)row.Line, row.Code, row.Field)));
        Assert.All(plain.Rejected, row => Assert.NotEmpty(row.Detail));

        LedgerFile kraken = Read(
            """
            "txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"
            "L1","R1","2024-03-19 19:43:31","trade","","currency","ZEUR",-100,0.18,0
            "L2","R2","2024-03-19 19:43:31","transfer","spottostaking","currency","DOT",-1,0,0
            "L3","R3","2024-13-40 10:00:00","trade","","currency","ZEUR",-10,0,0
            "L4","R3","2024-13-40 10:00:00","trade","","currency","XXBT",1,0,0
            "L5","R4","2024-03-19 19:43:31","rollover","","currency","ZEUR",-5,0.1,0
            """);
        Assert.Empty(kraken.Entries);
        Assert.Equal(
            [(2, "row.unpaired"), (3, "row.internal"), (4, "time.outOfRange"), (5, "time.outOfRange"), (6, "row.unsupported")],
            kraken.Rejected.Select(row => ((int)row.Line, row.Code)).Order());

        LedgerFile binance = Read("Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n2024-01-15 10:30:00,BTCUSDT,BUY,42000,0.5,21000,0.1\n2024-01-15 10:30:00,BTCUSDT,HOLD,42000,0.5BTC,21000USDT,0\n");
        Assert.Equal([(2L, "Amount"), (3L, "Side")], binance.Rejected.Select(row => (row.Line, row.Field)));
    }

    [Fact]
    public void A_file_that_is_no_ledger_says_what_was_expected()
    {
        LedgerFileException refused = Assert.Throws<LedgerFileException>(() => Read("Date,Payee,Amount\n2025-01-01,Coffee,-2.50\n"));

        Assert.Contains("id, time, kind, token, quantity", refused.Message, StringComparison.Ordinal);
        Assert.Throws<LedgerFileException>(() => Read(""));
    }

    internal static void Reads(string format, string text, params string[] entries)
    {
        LedgerFile file = Read(text);

        Assert.Equal(format, file.Format);
        Assert.Empty(file.Rejected);
        Assert.Equal(entries, file.Entries.Select(Text));
    }

    internal static LedgerFile Read(string text, LedgerReading? reading = null, string source = "The CSV")
    {
        using StringReader reader = new(text);
        return LedgerCsv.Read(reader, Now, source, reading);
    }

    internal static string Text(LedgerEntry e) =>
        FormattableString.Invariant($"{e.Id} {e.Time.UtcDateTime:O} {e.Kind} {e.Quantity:0.############} {e.Token} @ {e.Price:0.############} {e.Currency} [{string.Join(", ", e.Fees.Select(fee => FormattableString.Invariant($"{fee.Amount:0.############} {fee.Currency}")))}] {e.Note}");
}

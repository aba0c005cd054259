using CsCheck;

namespace Pnl.Tests.Core.Portfolios.Files;

/// <summary>An export that is imported again adds nothing, whichever program has saved it and whichever release has read it first.</summary>
public sealed class LedgerImportTests
{
    private const string Trades = "Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n2024-01-15 10:30:00,BTCUSDT,BUY,\"42,000.50\",0.5BTC,\"21,000.25USDT\",0.0005BTC\n2024-01-15 10:30:00,BTCUSDT,BUY,\"42,000.50\",0.5BTC,\"21,000.25USDT\",0.0005BTC\n2024-01-16 10:30:00,ETHUSDT,SELL,2500,1.20ETH,3000USDT,3USDT\n";
    private static readonly DateTimeOffset Now = RateTable.At("2026-01-01");

    [Theory]
    [InlineData("Date(UTC),Pair,Side,Price,Executed,Amount,Fee\r\n2024-01-15 10:30:00,BTCUSDT,BUY,42000.5,0.50BTC,21000.25USDT,0.00050BTC\r\n2024-01-15 10:30:00,BTCUSDT,BUY,42000.5,0.50BTC,21000.25USDT,0.00050BTC\r\n2024-01-16 10:30:00,ETHUSDT,SELL,2500,1.2ETH,3000USDT,3USDT\r\n")]
    [InlineData("\uFEFFFee;Side;Pair;Date(UTC);Price;Executed;Amount\n0,0005BTC;BUY;BTCUSDT;15.01.2024 10:30;42000,5;0,5BTC;21000,25USDT\n0,0005BTC;BUY;BTCUSDT;15.01.2024 10:30;42000,5;0,5BTC;21000,25USDT\n3USDT;SELL;ETHUSDT;16.01.2024 10:30;2500;1,2ETH;3000USDT\n")]
    [InlineData("\"Date(UTC)\",\"Pair\",\"Side\",\"Price\",\"Executed\",\"Amount\",\"Fee\"\r\"1/15/2024 10:30:00 AM\",\"BTCUSDT\",\"BUY\",\"42000.50\",\"0.5BTC\",\"21000.25USDT\",\"5E-4BTC\"\r\"1/15/2024 10:30:00 AM\",\"BTCUSDT\",\"BUY\",\"42000.50\",\"0.5BTC\",\"21000.25USDT\",\"5E-4BTC\"\r\"1/16/2024 10:30:00 AM\",\"ETHUSDT\",\"SELL\",\"2500\",\"1.2ETH\",\"3000USDT\",\"3USDT\"\r")]
    public void A_file_saved_by_a_spreadsheet_is_the_same(string saved)
    {
        LedgerFile first = LedgerCsvTests.Read(Trades), again = LedgerCsvTests.Read(saved);
        Assert.Empty(again.Rejected);
        Assert.Equal(first.Entries, again.Entries);
        LedgerImport import = again.Against(first.Entries);
        Assert.Equal((0, 3), (import.Entries.Length, import.Known));
        Assert.Equal((3, 0), (again.Against([]).Entries.Length, again.Against([]).Known));
    }

    /// <summary>Until version 1.1 an id was a hash of the row to the letter.</summary>
    [Fact]
    public void What_an_earlier_release_imported_is_known()
    {
        LedgerFile file = LedgerCsvTests.Read(Trades);
        LedgerEntry[] before = [.. file.Entries.Select((entry, i) => entry with { Id = file.Items[i].FormerId! })];
        Assert.Equal(["binance-be4832213543358f168fdb1651bf130d-1", "binance-be4832213543358f168fdb1651bf130d-2", "binance-84af960d525a19da078d1db33a548965-1"], before.Select(entry => entry.Id)); // as version 1.0 made them
        Assert.Empty(file.Against(before).Entries);

        // Also where it was corrected since: the id tells. And where the file was saved anew: the content does, the second of two equal rows too.
        Assert.Empty(file.Against(before.Select(entry => entry with { Price = 1m })).Entries);
        LedgerFile saved = LedgerCsvTests.Read(Trades.Replace("0.5BTC", "0.50BTC", StringComparison.Ordinal));
        Assert.NotEqual(before[0].Id, saved.Items[0].FormerId);
        Assert.Empty(saved.Against(before).Entries);
        Assert.Single(saved.Against(before.Skip(1)).Entries);
    }

    [Fact]
    public void A_trade_counts_once_in_Krakens_trades_and_ledgers()
    {
        LedgerFile trades = LedgerCsvTests.Read("txid,ordertxid,pair,time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers\nTX1,O1,XXBTZEUR,2024-02-01 09:00:00.1234,buy,limit,40000,400,1,0.01,0,,\"L1,L2\"\nTX2,O2,XETHXXBT,2024-02-02 09:00:00.1234,sell,limit,0.05,0.05,0.0001,1,0,,\"L3,L4\"\n");
        LedgerFile ledgers = LedgerCsvTests.Read(
            "txid,refid,time,type,subtype,aclass,asset,amount,fee,balance\nL0,R0,2024-01-31 09:00:00,deposit,,currency,XETH,2,0,2\nL1,TX1,2024-02-01 09:00:00,trade,,currency,ZEUR,-400,1,0\nL2,TX1,2024-02-01 09:00:00,trade,,currency,XXBT,0.01,0,0\n"
            + "L3,TX2,2024-02-02 09:00:00,trade,,currency,XETH,-1,0,0\nL4,TX2,2024-02-02 09:00:00,trade,,currency,XXBT,0.05,0.0001,0\n");
        Assert.Equal(["kraken-R0"], ledgers.Against(trades.Entries).Entries.Select(entry => entry.Id));
        Assert.Empty(trades.Against(ledgers.Entries).Entries);

        // Where the refid is another: the same of the same second, and each once.
        LedgerFile other = LedgerCsvTests.Read("txid,refid,time,type,subtype,aclass,asset,amount,fee,balance\nL1,R1,2024-02-01 09:00:00,trade,,currency,ZEUR,-400,1,0\nL2,R1,2024-02-01 09:00:00,trade,,currency,XXBT,0.01,0,0\nL5,R2,2024-02-01 09:00:00,trade,,currency,ZEUR,-400,1,0\nL6,R2,2024-02-01 09:00:00,trade,,currency,XXBT,0.01,0,0\n");
        Assert.Equal(["kraken-R2"], other.Against(trades.Entries).Entries.Select(entry => entry.Id));
    }

    [Fact]
    public void Own_columns_saved_again_say_the_same() => Assert.Equal(
        LedgerCsvTests.Read("id,time,kind,token,quantity,price,currency,fees,note\na,2024-01-15T10:30:00Z,buy,btc,0.50,42000.00,usd,0.0010 btc; 1 usd,x\n").Entries,
        LedgerCsvTests.Read("\uFEFFnote;token;kind;id;time;quantity;price;currency;fees\r\nx;btc;buy;a;15.01.2024 10:30;0,5;42000;usd;\"0,001 btc; 1 usd\"\r\n").Entries);

    /// <summary>In our own columns another content under the same id is a conflict, which the ledger finds.</summary>
    [Fact]
    public void Own_columns_are_left_to_the_ledger()
    {
        LedgerFile file = LedgerCsvTests.Read("id,time,kind,token,quantity\na,2024-01-15T10:30:00Z,deposit,btc,1\n");
        Assert.Single(file.Against(file.Entries).Entries);
        Assert.Equal(2, file.LineOf("a"));
    }

    /// <summary>However many equal rows there are, and however many of them a ledger has, each is added once.</summary>
    [Fact]
    public void Any_part_of_an_export_completes_to_the_whole() => Gen.Int[0, 3].Array[1, 12].SelectMany(rows => Gen.Int[0, rows.Length].Select(cut => (rows, cut))).Sample(sample =>
    {
        string Text(IEnumerable<int> rows) => "User_ID,UTC_Time,Account,Operation,Coin,Change,Remark\n" + string.Concat(rows.Select(row => $"1,2024-01-15 10:30:0{row},Spot,Distribution,GAS,0.{row + 1},\n"));
        LedgerFile whole = LedgerCsv.Read(new StringReader(Text(sample.rows)), Now), part = LedgerCsv.Read(new StringReader(Text(sample.rows.Take(sample.cut))), Now);
        LedgerImport rest = whole.Against(part.Entries);
        Assert.Equal(sample.cut, rest.Known);
        Assert.Equal(whole.Entries.Select(entry => entry.Id).Order(), part.Entries.Concat(rest.Entries).Select(entry => entry.Id).Order());
    }, iter: Effort.Of(2_000));
}

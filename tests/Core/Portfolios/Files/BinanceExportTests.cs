namespace Pnl.Tests.Core.Portfolios.Files;

/// <summary>Binance's exports: trades in their forms, the statement, deposits and withdrawals.</summary>
public sealed class BinanceExportTests
{
    private const string Statement = "\"User_ID\",\"UTC_Time\",\"Account\",\"Operation\",\"Coin\",\"Change\",\"Remark\"\n";

    [Theory]
    [InlineData("Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n2024-03-15 10:30:00,ETHUSDT,BUY,\"1,500.00\",2ETH,\"3,000.00USDT\",0.002ETH\n")]
    [InlineData("Time,Pair,Side,Price,Executed,Amount,Fee\n24-03-15 10:30:00,ETHUSDT,BUY,1500,2ETH,3000USDT,0.002ETH\n")]
    [InlineData("Date(UTC+1),Pair,Side,Price,Executed,Amount,Fee\n2024-03-15 11:30:00,ETHUSDT,BUY,1500,2ETH,3000USDT,0.002ETH\n")]
    [InlineData("Time(UTC-03:30),Pair,Side,Price,Executed,Amount,Fee\n24-03-15 07:00:00,ETHUSDT,BUY,1500,2ETH,3000USDT,0.002ETH\n")]
    [InlineData("Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n2024-03-15T12:30:00+02:00,ETHUSDT,BUY,1500,2ETH,3000USDT,0.002ETH\n")]
    [InlineData("Date(UTC),Market,Type,Price,Amount,Total,Fee,Fee Coin\n2024-03-15 10:30:00,ETHUSDT,BUY,1500,2,3000,0.002,ETH\n")]
    public void A_trade_is_the_same_in_each_form(string text)
    {
        LedgerFile file = LedgerCsvTests.Read(text);
        LedgerEntry entry = Assert.Single(file.Entries);
        Assert.Equal("binance-trades", file.Format);
        Assert.Equal("2024-03-15T10:30:00.0000000Z Buy 2 eth @ 1500 usdt [0.002 eth] ", LedgerCsvTests.Text(entry)[(entry.Id.Length + 1)..]);
        Assert.Equal(Assert.Single(LedgerCsvTests.Read("Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n2024-03-15 10:30:00,ETHUSDT,BUY,1500,2ETH,3000USDT,0.002ETH\n").Entries).Id, entry.Id);
    }

    [Fact]
    public void A_market_of_old_that_can_be_read_in_two_ways_is_refused_with_both()
    {
        LedgerFile file = LedgerCsvTests.Read("Date(UTC),Market,Type,Price,Amount,Total,Fee,Fee Coin\n2019-01-15 10:30:00,FOOTUSD,BUY,2,1,2,0.001,BNB\n2019-01-15 10:30:00,FOOTUSD,BUY,2,1,2,0.001,FOO\n2019-01-15 10:30:00,BTCTUSD,BUY,2,1,2,0.001,BNB\n");
        Assert.Contains("FOO/TUSD or FOOT/USD", Assert.Single(file.Rejected).Detail, StringComparison.Ordinal);
        Assert.Equal(["foo/tusd", "btc/tusd"], file.Entries.Select(entry => $"{entry.Token}/{entry.Currency}"));
    }

    [Fact]
    public void A_statement_has_all_that_moved()
    {
        LedgerFile file = LedgerCsvTests.Read(
            Statement +
            """
            1,2024-01-15 10:30:00,Spot,Deposit,BTC,0.2,
            1,2024-02-15 10:30:00,Spot,Transaction Related,BTC,-0.01,
            1,2024-02-15 10:30:00,Spot,Buy,ETH,0.15,
            1,2024-02-15 10:30:00,Spot,Transaction Related,BTC,-0.01,
            1,2024-02-15 10:30:00,Spot,Buy,ETH,0.15,
            1,2024-02-15 10:30:00,Spot,Fee,BNB,-0.0002,
            1,2024-02-16 10:30:00,Spot,Transaction Buy,SOL,3,
            1,2024-02-16 10:30:00,Spot,Transaction Spend,EUR,-300,
            1,2024-02-16 10:30:00,Spot,Transaction Fee,SOL,-0.003,
            1,2024-02-17 10:30:00,Spot,Transaction Sold,SOL,-1,
            1,2024-02-17 10:30:00,Spot,Transaction Revenue,EUR,110,
            1,2024-03-15 10:30:00,Spot,Small Assets Exchange BNB,ETH,-0.000123,
            1,2024-03-15 10:30:00,Spot,Small Assets Exchange BNB,BTC,-8E-08,
            1,2024-03-15 10:30:00,Spot,Small Assets Exchange BNB,BNB,0.0007,
            1,2024-04-15 10:30:00,Spot,Large OTC trading,BTC,-0.05,
            1,2024-04-15 10:30:00,Spot,Large OTC trading,USDT,3000,
            1,2024-04-16 10:30:00,Spot,Binance Convert,USDT,-1000,
            1,2024-04-16 10:30:00,Spot,Binance Convert,DOGE,8000,
            1,2024-04-17 10:30:00,Earn,Simple Earn Flexible Interest,USDT,0.5,
            1,2024-04-18 10:30:00,Spot,Distribution,GAS,0.3,
            1,2024-04-19 10:30:00,Spot,Referral Kickback,USDT,0.1,
            1,2024-04-20 10:30:00,Spot,Withdraw,BTC,-0.1,Withdraw fee is included
            """);
        Assert.Empty(file.Rejected);
        Assert.Equal(
            [
                "2024-01-15 Deposit 0.2 btc", "2024-02-15 Sell 0.02 btc @ 15 eth", "2024-02-15 Buy 0.3 eth @ 0.0666666666666666666666666666 btc + 0.0002 bnb",
                "2024-02-16 Buy 3 sol @ 100 eur + 0.003 sol", "2024-02-17 Sell 1 sol @ 110 eur",
                "2024-03-15 Withdrawal 0.000123 eth", "2024-03-15 Withdrawal 0.00000008 btc", "2024-03-15 Deposit 0.0007 bnb",
                "2024-04-15 Sell 0.05 btc @ 60000 usdt", "2024-04-15 Buy 3000 usdt @ 0.0000166666666666666666666666 btc", "2024-04-16 Sell 1000 usdt @ 8 doge", "2024-04-16 Buy 8000 doge @ 0.125 usdt",
                "2024-04-17 Income 0.5 usdt", "2024-04-18 Income 0.3 gas", "2024-04-19 Income 0.1 usdt", "2024-04-20 Withdrawal 0.1 btc",
            ],
            file.Entries.Select(entry => FormattableString.Invariant(
                $"{entry.Time:yyyy-MM-dd} {entry.Kind} {entry.Quantity:0.############} {entry.Token}{(entry.Price is { } price ? FormattableString.Invariant($" @ {price:0.############################} {entry.Currency}") : "")}{string.Concat(entry.Fees.Select(fee => FormattableString.Invariant($" + {fee.Amount:0.####} {fee.Currency}")))}")));
        Assert.Equal(file.Entries.Length, file.Entries.Select(entry => entry.Id).Distinct().Count());
    }

    [Fact]
    public void A_statement_names_what_it_cannot_tell()
    {
        LedgerFile file = LedgerCsvTests.Read(
            Statement +
            """
            1,2024-01-15 10:30:00,Spot,Simple Earn Flexible Subscription,USDT,-5,
            1,2024-01-15 10:30:01,Earn,Simple Earn Flexible Redemption,USDT,5,
            1,2024-02-15 10:30:00,Spot,Buy,ETH,0.15,
            1,2024-02-16 10:30:00,USD-M Futures,Funding Fee,USDT,-0.15,
            1,2024-02-17 10:30:00,Spot,Buy,ETH,0.15,
            1,2024-02-17 10:30:00,Spot,Buy,SOL,2,
            1,2024-02-17 10:30:00,Spot,Transaction Related,USDT,-500,
            1,2024-02-18 10:30:00,Spot,Something new,USDT,-500,
            """);
        Assert.Empty(file.Entries);
        Assert.Equal(
            [(2L, "row.internal"), (3L, "row.internal"), (4L, "row.unpaired"), (5L, "row.unsupported"), (6L, "row.ambiguous"), (7L, "row.ambiguous"), (8L, "row.ambiguous"), (9L, "row.unsupported")],
            file.Rejected.Select(row => (row.Line, row.Code)));
        Assert.Contains("trade history", file.Rejected.Single(row => row.Line == 6).Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Deposits_and_withdrawals_are_told_by_their_fees_or_by_their_names()
    {
        const string Header = "Date(UTC),Coin,Network,Amount,TransactionFee,Address,TXID,SourceAddress,PaymentID,Status\n";
        const string Deposits = Header + "2024-01-15 10:30:00,BTC,BTC,0.5,0,bc1,tx1,,,Completed\n2024-01-16 10:30:00,BTC,BTC,0.5,0,bc1,tx2,,,Failed\n";
        LedgerFile file = LedgerCsvTests.Read(Header + "2024-01-15 10:30:00,BTC,BTC,0.5,0.0002,bc1,tx1,,,Completed\n");
        Assert.Equal(("binance-withdrawals", EntryKind.Withdrawal, 0.0002m), (file.Format, Assert.Single(file.Entries).Kind, file.Entries[0].Fees.Single().Amount));

        file = LedgerCsvTests.Read(Deposits, source: "binance-deposit-history.csv");
        Assert.Equal(("binance-deposits", EntryKind.Deposit), (file.Format, Assert.Single(file.Entries).Kind));
        Assert.Equal((3L, "Status"), (Assert.Single(file.Rejected).Line, file.Rejected[0].Field));
        Assert.Contains("deposits or that of withdrawals", Assert.Throws<LedgerFileException>(() => LedgerCsvTests.Read(Deposits)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_statement_and_the_trades_of_one_time_do_not_go_into_one_ledger()
    {
        LedgerFile trades = LedgerCsvTests.Read("Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n2024-03-15 10:30:00,ETHUSDT,BUY,1500,2ETH,3000USDT,0.002ETH\n");
        LedgerFile statement = LedgerCsvTests.Read(Statement + "1,2024-03-01 10:30:00,Spot,Deposit,BTC,0.2,\n1,2024-03-20 10:30:00,Spot,Deposit,BTC,0.2,\n");
        Assert.Contains("would count twice", Assert.Throws<LedgerFileException>(() => statement.Against(trades.Entries)).Message, StringComparison.Ordinal);
        Assert.Single(trades.Against([]).Entries);
        Assert.Empty(statement.Against(statement.Entries).Entries);
    }

    [Theory]
    [InlineData("Date(UTC),OrderNo,Pair,Type,Side,Order Price,Order Amount,Time,Executed,Average Price,Trading total,Status\n", "trade history")]
    [InlineData("portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit\n", "transaction history")]
    public void An_export_that_is_not_the_one_wanted_says_which_is(string header, string wanted)
    {
        string said = Assert.Throws<LedgerFileException>(() => LedgerCsvTests.Read(header, source: "mine.csv")).Message;
        Assert.StartsWith("mine.csv is ", said, StringComparison.Ordinal);
        Assert.Contains(wanted, said, StringComparison.Ordinal);
    }
}

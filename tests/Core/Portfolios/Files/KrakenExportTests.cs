namespace Pnl.Tests.Core.Portfolios.Files;

/// <summary>Kraken's exports: names of assets, pairs, and rows that belong together.</summary>
public sealed class KrakenExportTests
{
    private const string LedgerHeader = "\"txid\",\"refid\",\"time\",\"type\",\"subtype\",\"aclass\",\"asset\",\"wallet\",\"amount\",\"fee\",\"balance\"\n";
    private const string TradeHeader = "txid,ordertxid,pair,time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers\n";

    [Theory]
    [InlineData("XTZUSD", "xtz/usd")]
    [InlineData("XTZXBT", "xtz/btc")]
    [InlineData("CHZEUR", "chz/eur")]
    [InlineData("TRXXBT", "trx/btc")]
    [InlineData("TRXETH", "trx/eth")]
    [InlineData("SNXETH", "snx/eth")]
    [InlineData("ZRXXBT", "zrx/btc")]
    [InlineData("ZETAUSD", "zeta/usd")]
    [InlineData("ZEUSEUR", "zeus/eur")]
    [InlineData("ZORAUSD", "zora/usd")]
    [InlineData("XIONEUR", "xion/eur")]
    [InlineData("XCNUSD", "xcn/usd")]
    [InlineData("IDEXXBT", "idex/btc")]
    [InlineData("XXBTZUSD", "btc/usd")]
    [InlineData("XETHXXBT", "eth/btc")]
    [InlineData("XETCXETH", "etc/eth")]
    [InlineData("XXDGXXBT", "doge/btc")]
    [InlineData("XDGUSD", "doge/usd")]
    [InlineData("USDTZUSD", "usdt/usd")]
    [InlineData("ZEURZUSD", "eur/usd")]
    [InlineData("EURUSD", "eur/usd")]
    [InlineData("XBTUSDT", "btc/usdt")]
    [InlineData("WBTCXBT", "wbtc/btc")]
    [InlineData("KSMDOT", "ksm/dot")]
    [InlineData("XXBTZEUR.d", "btc/eur")]
    [InlineData("ETH2.S/ETH", "")] // staked ether is ether: no pair
    [InlineData("NEWCOINEUR", "newcoin/eur")] // not known, and yet to be read in one way alone
    public void A_pair_is_split_by_the_list_of_assets(string pair, string sides)
    {
        LedgerFile file = LedgerCsvTests.Read($"{TradeHeader}T1,O1,{pair},2024-02-01 09:00:00,buy,limit,2,20,0.1,10,0,,\n");
        Assert.Equal(sides, string.Concat(file.Entries.Select(entry => $"{entry.Token}/{entry.Currency}")));
    }

    [Theory]
    [InlineData("NEWZUSD", "NEWZ/USD or NEW/USD")]
    [InlineData("NEWXXBT", "NEWX/BTC or NEW/BTC")]
    [InlineData("NEWXETH", "NEWX/ETH or NEW/ETH")]
    public void A_pair_that_can_be_read_in_two_ways_is_refused_with_both(string pair, string readings)
    {
        LedgerFile file = LedgerCsvTests.Read($"{TradeHeader}T1,O1,{pair},2024-02-01 09:00:00,buy,limit,2,20,0.1,10,0,,\n");
        LedgerRejection refused = Assert.Single(file.Rejected);
        Assert.Equal((2L, "row.ambiguous", "pair"), (refused.Line, refused.Code, refused.Field));
        Assert.All(readings.Split(" or "), reading => Assert.Contains(reading, refused.Detail, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("DOT28.S", "dot")]
    [InlineData("DOT.S", "dot")]
    [InlineData("ATOM21.S", "atom")]
    [InlineData("TRX03.S", "trx")]
    [InlineData("C98.S", "c98")]
    [InlineData("1INCH.S", "1inch")]
    [InlineData("API3.F", "api3")]
    [InlineData("ETH2.S", "eth")]
    [InlineData("ETH2", "eth")]
    [InlineData("XBT.M", "btc")]
    [InlineData("XBT.B", "btc")]
    [InlineData("SOL.F", "sol")]
    [InlineData("DOT.P", "dot")]
    [InlineData("EUR.HOLD", "eur")]
    [InlineData("ZEUR", "eur")]
    [InlineData("XXLM", "xlm")]
    [InlineData("ZETA", "zeta")]
    [InlineData("ZEUS", "zeus")]
    [InlineData("ZORA", "zora")]
    [InlineData("XION", "xion")]
    public void An_asset_is_its_token_wherever_it_lies(string asset, string token)
    {
        LedgerFile file = LedgerCsvTests.Read($"{LedgerHeader}L1,R1,2025-01-01 10:00:00,deposit,,currency,{asset},spot,3,0,3\n");
        Assert.Equal(token, Assert.Single(file.Entries).Token);
    }

    [Theory]
    [InlineData("NEWCOIN14.S", "row.ambiguous", "NEWCOIN14")]
    [InlineData("TSLA.EQ", "token.invalid", ".EQ")]
    public void An_asset_that_is_not_sure_is_refused(string asset, string code, string text)
    {
        LedgerRejection refused = Assert.Single(LedgerCsvTests.Read($"{LedgerHeader}L1,R1,2025-01-01 10:00:00,deposit,,currency,{asset},spot,3,0,3\n").Rejected);
        Assert.Equal(code, refused.Code);
        Assert.Contains(text, refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_has_any_number_of_rows() => LedgerCsvTests.Reads("kraken-ledgers",
        LedgerHeader +
        """
        L1,R1,2025-02-10 10:00:00,trade,tradespot,currency,SOL,spot / main,-7,0,0
        L2,R1,2025-02-10 10:00:00,trade,tradespot,currency,SOL.F,earn / flexible,-2.5,0,0
        L3,R1,2025-02-10 10:00:00,trade,tradespot,currency,SOL.B,earn / bonded,-0.5,0,0
        L4,R1,2025-02-10 10:00:00,trade,tradespot,currency,ZUSD,spot / main,1900,4.75,0
        L5,R2,2025-03-10 10:00:00,trade,tradespot,currency,EUR,spot / main,-600,0,0
        L6,R2,2025-03-10 10:00:00,trade,tradespot,currency,ETH,spot / main,0.3,0,0
        L7,R2,2025-03-10 10:00:00,trade,tradespot,currency,KFEE,spot / main,0,156.00,0
        L8,R3,2025-03-11 10:00:00,spend,,currency,XXBT,spot / main,-0.02,0.0001,0
        L9,R3,2025-03-11 10:00:00,receive,,currency,XETH,spot / main,0.5,0,0
        M1,R4,2025-03-12 10:00:00,rollover,,currency,ZUSD,spot / main,0,0.35,0
        M2,R5,2025-03-13 10:00:00,spend,dustsweeping,currency,ADA,spot / main,-0.4,0,0
        M3,R5,2025-03-13 10:00:00,spend,dustsweeping,currency,XDG,spot / main,-1.5,0,0
        M4,R5,2025-03-13 10:00:00,receive,dustsweeping,currency,USDC,spot / main,0.6,0,0
        """,
        "kraken-R1 2025-02-10T10:00:00.0000000Z Sell 10 sol @ 190 usd [4.75 usd] ",
        "kraken-R2 2025-03-10T10:00:00.0000000Z Buy 0.3 eth @ 2000 eur [] 156 KFEE, Kraken's fee credits, paid besides",
        "kraken-R3 2025-03-11T10:00:00.0000000Z Sell 0.02 btc @ 25 eth [0.0001 btc] ",
        "kraken-R3-to 2025-03-11T10:00:00.0000000Z Buy 0.5 eth @ 0.04 btc [] ",
        "kraken-R4 2025-03-12T10:00:00.0000000Z Fee 0.35 usd @   [] ",
        "kraken-R5 2025-03-13T10:00:00.0000000Z Withdrawal 0.4 ada @   [] ",
        "kraken-R5-2 2025-03-13T10:00:00.0000000Z Withdrawal 1.5 doge @   [] ",
        "kraken-R5-3 2025-03-13T10:00:00.0000000Z Deposit 0.6 usdc @   [] ");

    [Fact]
    public void Where_cash_is_tracked_one_entry_moves_both_sides()
    {
        const string Rows = LedgerHeader + "L8,R3,2025-03-11 10:00:00,spend,,currency,XXBT,spot,-0.02,0.0001,0\nL9,R3,2025-03-11 10:00:00,receive,,currency,XETH,spot,0.5,0,0\n";
        Assert.Equal("kraken-R3 2025-03-11T10:00:00.0000000Z Buy 0.5 eth @ 0.04 btc [0.0001 btc] ", LedgerCsvTests.Text(Assert.Single(LedgerCsvTests.Read(Rows, new() { TracksCash = true }).Entries)));
    }

    [Fact]
    public void Airdrops_forks_and_rewards_are_income() => LedgerCsvTests.Reads("kraken-ledgers",
        LedgerHeader +
        """
        L1,R1,2022-09-20 10:00:00,transfer,,currency,ETHW,spot / main,4,0,4
        L2,R2,2022-09-21 10:00:00,earn,airdrop,currency,FLR,spot / main,25,0,25
        L3,R3,2022-09-22 10:00:00,staking,,currency,DOT28.S,spot / main,0.3,0,1
        L4,Unknown,2022-09-23 10:00:00,earn,reward,currency,ETH.M,earn / flexible,0.002,0.0005,1
        L5,Unknown,2022-09-24 10:00:00,earn,reward,currency,ETH.M,earn / flexible,0.002,0.0005,1
        L6,R6,2022-09-25 10:00:00,reward,welcomebonus,currency,XXBT,spot / main,0.0002,0,1
        L7,R7,2022-09-26 10:00:00,earn,,currency,SOL,earn / bonded,0.01,0.002,1
        """,
        "kraken-R1 2022-09-20T10:00:00.0000000Z Income 4 ethw @   [] ",
        "kraken-R2 2022-09-21T10:00:00.0000000Z Income 25 flr @   [] ",
        "kraken-R3 2022-09-22T10:00:00.0000000Z Income 0.3 dot @   [] ",
        "kraken-L4 2022-09-23T10:00:00.0000000Z Income 0.002 eth @   [0.0005 eth] ",
        "kraken-L5 2022-09-24T10:00:00.0000000Z Income 0.002 eth @   [0.0005 eth] ",
        "kraken-R6 2022-09-25T10:00:00.0000000Z Income 0.0002 btc @   [] ",
        "kraken-R7 2022-09-26T10:00:00.0000000Z Income 0.01 sol @   [0.002 sol] ");

    [Fact]
    public void Movements_between_wallets_are_internal_only_where_they_are_known_to_be()
    {
        LedgerFile file = LedgerCsvTests.Read(
            LedgerHeader +
            """
            L1,R1,2025-01-11 10:00:00,earn,allocation,currency,ETH,spot / main,-1,0,0
            L2,R1,2025-01-11 10:00:00,earn,allocation,currency,ETH.M,earn / flexible,1,0,1
            L3,R2,2025-03-11 10:00:00,earn,,currency,ETH.M,earn / flexible,-1,0,0
            L4,R3,2025-03-12 10:00:00,earn,,currency,ETH,spot / main,1,0,1
            L5,R4,2025-03-13 10:00:00,transfer,stakingfromspot,currency,DOT.S,spot / main,5,0,5
            L6,R5,2025-03-13 10:00:00,transfer,spottostaking,currency,DOT,spot / main,-5,0,5
            L7,R6,2025-03-14 10:00:00,withdrawal,,currency,XXBT,spot / main,-0.1,0.0001,0
            L8,R6,2025-03-15 10:00:00,withdrawal,,currency,XXBT,spot / main,0.1,-0.0001,0
            L9,R7,2025-03-16 10:00:00,earn,,currency,ADA,spot / main,3,0,0
            M1,R8,2025-03-17 10:00:00,transfer,,currency,LUNA,spot / main,-3,0,0
            M2,R9,2025-03-18 10:00:00,credit,,currency,ZUSD,spot / main,10,0,0
            M3,S1,2025-03-19 10:00:00,transfer,somethingnew,currency,XXBT,spot / main,10,0,0
            M4,S2,2025-03-20 10:00:00,transfer,,currency,MATIC,spot / main,-10,0,0
            M5,S2,2025-03-20 10:00:00,transfer,,currency,POL,spot / main,10,0,0
            """);

        Assert.Empty(file.Entries);
        Assert.Equal(
            [
                (2, "row.internal"), (3, "row.internal"), (4, "row.internal"), (5, "row.internal"), (6, "row.internal"), (7, "row.internal"), (8, "row.internal"), (9, "row.internal"),
                (10, "row.ambiguous"), (11, "row.unsupported"), (12, "row.unsupported"), (13, "row.unsupported"), (14, "row.unsupported"), (15, "row.unsupported"),
            ],
            file.Rejected.Select(row => ((int)row.Line, row.Code)));
        Assert.Contains("'transfer somethingnew' of 10 XXBT", file.Rejected.Single(row => row.Line == 13).Detail, StringComparison.Ordinal);
    }
}

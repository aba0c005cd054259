namespace Pnl.Tests.Core.Portfolios.Files;

/// <summary>Coinbase's transaction history in its forms since 2021.</summary>
public sealed class CoinbaseExportTests
{
    private const string Header = "ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes\n";
    private static readonly LedgerReading Cash = new() { TracksCash = true };

    // 4 ETH worth 8,000 become 30 SOL worth 7,920: the spread is 80, whichever of the columns say so.
    [Theory]
    [InlineData("c1,2025-02-05 10:00:00 UTC,Convert,ETH,-4,EUR,\"€2,000.00\",\"€7,920.00\",\"€8,000.00\",€80.00,Converted 4 ETH to 30 SOL\n")]
    [InlineData("c1,2025-02-05 10:00:00 UTC,Convert,ETH,-4,EUR,\"€2,000.00\",\"€7,920.00\",\"€8,000.00\",,Converted 4 ETH to 30 SOL\n")]
    [InlineData("c1,2025-02-05 10:00:00 UTC,Convert,ETH,4,EUR,\"€2,000.00\",\"€8,000.00\",\"€7,920.00\",€80.00,Converted 4 ETH to 30 SOL\n")]
    [InlineData("c1,2025-02-05 10:00:00 UTC,Convert,SOL,30,EUR,€264.00,\"€7,920.00\",\"€8,000.00\",€80.00,\nc1,2025-02-05 10:00:00 UTC,Convert,ETH,-4,EUR,\"€2,000.00\",\"€8,000.00\",\"€8,000.00\",€0.00,\n")]
    [InlineData("c1,2025-02-05 10:00:00 UTC,Convert,ETH,-4,EUR,\"€2,000.00\",\"-€8,000.00\",\"-€8,000.00\",€0.00,\nc2,2025-02-05 10:00:00 UTC,Convert,SOL,30,EUR,€264.00,\"€7,920.00\",\"€8,000.00\",€80.00,\n")]
    public void A_conversion_costs_its_spread_once(string rows)
    {
        LedgerEntry[] entries = [.. LedgerCsvTests.Read(Header + rows).Entries];
        Assert.Equal(
            [(EntryKind.Sell, 4m, "eth", 2000m, "eur", 0m), (EntryKind.Buy, 30m, "sol", 264m, "eur", 80m)],
            entries.Select(entry => (entry.Kind, entry.Quantity, entry.Token, entry.Price!.Value, entry.Currency!, entry.Fees.Sum(fee => fee.Amount))));

        // Nothing passes through cash.
        LedgerEntry one = Assert.Single(LedgerCsvTests.Read(Header + rows, Cash).Entries);
        Assert.Equal((EntryKind.Sell, 4m, "eth", 7.5m, "sol", 0), (one.Kind, one.Quantity, one.Token, one.Price!.Value, one.Currency!, one.Fees.Length));
    }

    [Fact]
    public void A_conversion_without_its_other_side_is_refused() =>
        Assert.Equal("row.unpaired", Assert.Single(LedgerCsvTests.Read(Header + "c1,2025-02-05 10:00:00 UTC,Convert,ETH,-4,EUR,€2000.00,€8000.00,€8000.00,€0.00,\n").Rejected).Code);

    [Fact]
    public void An_advanced_trade_in_another_quote_is_paid_in_that()
    {
        const string Rows = Header +
            "a1,2025-01-05 10:00:00 UTC,Advanced Trade Buy,LINK,20,GBP,£15.80,£316.00,£317.58,£1.58,Bought 20 LINK for 402 USDC on LINK-USDC at 20 USDC/LINK\n"
            + "a2,2025-01-06 10:00:00 UTC,Advanced Trade Sell,LINK,-5,GBP,£15.80,£79.00,£78.605,£0.395,Sold 5 LINK for 99.5 USDC on LINK-USDC at 20 USDC/LINK\n"
            + "a3,2025-01-07 10:00:00 UTC,Advanced Trade Buy,ETH,1,GBP,£2500.00,£2500.00,£2510.00,£10.00,Bought 1 ETH for 2510 GBP on ETH-GBP at 2500 GBP/ETH\n";
        Assert.Equal(
            [
                "coinbase-a1 2025-01-05T10:00:00.0000000Z Buy 20 link @ 20 usdc [2 usdc] ",
                "coinbase-a2 2025-01-06T10:00:00.0000000Z Sell 5 link @ 20 usdc [0.5 usdc] ",
                "coinbase-a3 2025-01-07T10:00:00.0000000Z Buy 1 eth @ 2500 gbp [10 gbp] ",
            ],
            LedgerCsvTests.Read(Rows, Cash).Entries.Select(entry => LedgerCsvTests.Text(entry with { Note = null })));
        Assert.Equal(
            [
                "coinbase-a1 2025-01-05T10:00:00.0000000Z Sell 400 usdc @ 0.79 gbp [2 usdc] ",
                "coinbase-a1-to 2025-01-05T10:00:00.0000000Z Buy 20 link @ 15.8 gbp [] ",
                "coinbase-a2 2025-01-06T10:00:00.0000000Z Sell 5 link @ 15.8 gbp [] ",
                "coinbase-a2-to 2025-01-06T10:00:00.0000000Z Buy 100 usdc @ 0.79 gbp [0.5 usdc] ",
                "coinbase-a3 2025-01-07T10:00:00.0000000Z Buy 1 eth @ 2500 gbp [10 gbp] ",
            ],
            LedgerCsvTests.Read(Rows).Entries.Select(entry => LedgerCsvTests.Text(entry with { Note = null })));
    }

    [Theory]
    [InlineData("Buy,BTC,0.5,EUR,€60000.00,€30000.00,€30150.00,€150.00", 60000, 150)] // the fee besides
    [InlineData("Buy,BTC,0.5,EUR,€60000.00,€30150.00,€30150.00,€150.00", 60000, 150)] // within the subtotal
    [InlineData("Buy,BTC,0.5,EUR,€60300.00,€30150.00,€30150.00,€150.00", 60300, 150)] // besides, and the total lacks it
    [InlineData("Buy,BTC,0.5,EUR,€60000.00,€30000.00,€30150.00,", 60000, 150)] // the column is empty
    [InlineData("Sell,BTC,-0.5,EUR,€60000.00,€30000.00,€29850.00,€150.00", 60000, 150)]
    [InlineData("Sell,BTC,-0.5,EUR,€60000.00,€29850.00,€29850.00,€150.00", 60000, 150)]
    [InlineData("Sell,BTC,-0.5,EUR,€60000.00,€30000.00,€29850.00,", 60000, 150)]
    [InlineData("Sell,BTC,-0.5,EUR,€60000.00,-€30000.00,-€29850.00,-€150.00", 60000, 150)]
    public void The_arithmetic_tells_whether_the_subtotal_has_the_fee_in_it(string row, int price, int fee)
    {
        LedgerEntry entry = Assert.Single(LedgerCsvTests.Read($"{Header}1,2025-01-05 10:00:00 UTC,{row},\n").Entries);
        Assert.Equal((price, fee), (entry.Price, entry.Fees.Single().Amount));
    }

    [Fact]
    public void What_does_not_add_up_is_refused()
    {
        LedgerFile file = LedgerCsvTests.Read(Header + "1,2025-01-05 10:00:00 UTC,Buy,BTC,0.5,EUR,€60000.00,€30000.00,€31000.00,€150.00,\n2,2025-01-06 10:00:00 UTC,Asset Migration,MATIC,-5,EUR,€1.00,€5.00,€5.00,€0.00,\n3,2025-01-07 10:00:00 UTC,Retail Staking Transfer,ETH,-5,EUR,€1.00,€5.00,€5.00,€0.00,\n");
        Assert.Equal([(2L, "row.malformed"), (3L, "row.unsupported"), (4L, "row.internal")], file.Rejected.Select(row => (row.Line, row.Code)));
    }

    [Theory]
    [InlineData("Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,Spot Price at Transaction,Subtotal,Total (inclusive of fees),Fees,Notes\n2021-11-05T10:00:00Z,Buy,BTC,0.5,EUR,40000.00,20000.00,20100.00,100.00,Bought 0.5 BTC for 20100 EUR\n")]
    [InlineData("Timestamp,Transaction Type,Asset,Quantity Transacted,EUR Spot Price at Transaction,EUR Subtotal,EUR Total (inclusive of fees),EUR Fees,Notes\n2021-11-05T10:00:00Z,Buy,BTC,0.5,40000.00,20000.00,20100.00,100.00,Bought 0.5 BTC for 20100 EUR\n")]
    public void Forms_without_ids_get_the_same_ids_again(string text)
    {
        LedgerEntry entry = Assert.Single(LedgerCsvTests.Read(text).Entries);
        Assert.Equal((EntryKind.Buy, 0.5m, 40000m, "eur", 100m), (entry.Kind, entry.Quantity, entry.Price, entry.Currency, entry.Fees.Single().Amount));
        Assert.StartsWith("coinbase-row-", entry.Id, StringComparison.Ordinal);
        Assert.Equal(entry.Id, Assert.Single(LedgerCsvTests.Read(text.Replace("0.5,", "0.50,", StringComparison.Ordinal).Replace("20000.00", "20000", StringComparison.Ordinal)).Entries).Id);

        // The form of later years has ids: what was imported without is known by what it says.
        LedgerFile later = LedgerCsvTests.Read(Header + "z1,2021-11-05 10:00:00 UTC,Buy,BTC,0.5,EUR,€40000.00,€20000.00,€20100.00,€100.00,Bought 0.5 BTC for 20100 EUR\nz2,2025-01-05 10:00:00 UTC,Buy,BTC,0.5,EUR,€60000.00,€30000.00,€30150.00,€150.00,\n");
        Assert.Equal(["coinbase-z2"], later.Against([entry]).Entries.Select(added => added.Id));
    }

    [Fact]
    public void What_was_received_as_a_reward_is_income() => Assert.Equal(
        [EntryKind.Income, EntryKind.Deposit],
        LedgerCsvTests.Read(Header + "1,2021-06-05 10:00:00 UTC,Receive,GRT,3,EUR,€1.00,€3.00,€3.00,€0.00,Received 3 GRT from Coinbase Earn\n2,2021-06-05 10:00:00 UTC,Receive,GRT,3,EUR,€1.00,€3.00,€3.00,€0.00,Received 3 GRT from an external account\n").Entries.Select(entry => entry.Kind));
}

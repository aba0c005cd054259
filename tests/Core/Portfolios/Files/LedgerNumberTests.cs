namespace Pnl.Tests.Core.Portfolios.Files;

/// <summary>Decimal points and commas, dates, separators: read where they are plain, refused where they are not.</summary>
public sealed class LedgerNumberTests
{
    private const string Header = "id,time,kind,token,quantity,price,currency,fees,note\n";

    [Theory]
    [InlineData("0,5", "0.5")]
    [InlineData("0,001", "0.001")]
    [InlineData("0,500", "0.5")]
    [InlineData("00,500", "0.5")]
    [InlineData(",5", "0.5")]
    [InlineData("1234,567", "1234.567")]
    [InlineData("1,5", "1.5")]
    [InlineData("1.234,56", "1234.56")]
    [InlineData("1.234.567", "1234567")]
    [InlineData("1,234.56", "1234.56")]
    [InlineData("1,234,567", "1234567")]
    [InlineData("1.250", "1.25")] // our own columns have a point
    [InlineData("€1,234.56", "1234.56")]
    [InlineData("1,5E-3", "0.0015")]
    [InlineData("1,250", null)]
    [InlineData("12,250", null)]
    [InlineData("1,25,3", null)]
    [InlineData("1,2345.6", null)]
    [InlineData("1.2.3,4", null)]
    public void A_number_by_itself(string text, string? value)
    {
        LedgerFile file = LedgerCsvTests.Read($"{Header}a,2024-01-15T10:30:00Z,buy,btc,\"{text}\",1,usd,,\n");
        Assert.Equal(value, file.Entries.IsEmpty ? null : file.Entries[0].Quantity.ToString("0.############", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("1,250", "2,5", "1.25")]
    [InlineData("1,250", "0,125", "1.25")]
    [InlineData("1,250", "0.5", "1250")]
    [InlineData("1,250", "1,000.5", "1250")]
    [InlineData("1.250", "2,5", "1250")]
    [InlineData("1.250", "2.5", "1.25")]
    public void The_other_rows_of_a_column_tell(string text, string other, string value)
    {
        LedgerFile file = LedgerCsvTests.Read($"{Header}a,2024-01-15T10:30:00Z,buy,btc,\"{text}\",1,usd,,\nb,2024-01-16T10:30:00Z,buy,btc,\"{other}\",1,usd,,\n");
        Assert.Equal(value, file.Entries[0].Quantity.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void What_can_be_read_in_two_ways_is_refused_with_both_or_asked_for()
    {
        const string Text = Header + "k1,2024-01-15T10:30:00Z,buy,btc,\"0,5\",42000,usd,\"0,001 btc\",\nk2,2024-01-16T10:30:00Z,buy,btc,0.5,\"42.000,00\",usd,,\nk3,2024-01-17T10:30:00Z,buy,btc,\"1,250\",42000,usd,,\n";
        LedgerFile file = LedgerCsvTests.Read(Text);
        Assert.Equal([(0.5m, 42000m), (0.5m, 42000m)], file.Entries.Select(entry => (entry.Quantity, entry.Price!.Value)));
        Assert.Equal(0.001m, file.Entries[0].Fees.Single().Amount);
        LedgerRejection refused = Assert.Single(file.Rejected);
        Assert.Equal((4L, "row.ambiguous", "quantity"), (refused.Line, refused.Code, refused.Field));
        Assert.Contains("1250 with a decimal point or 1.250 with a decimal comma", refused.Detail, StringComparison.Ordinal);
        Assert.Contains("--decimal", refused.Detail, StringComparison.Ordinal);

        file = LedgerCsvTests.Read(Text, new() { DecimalMark = DecimalMark.Comma });
        Assert.Equal([0.5m, 1.25m], file.Entries.Select(entry => entry.Quantity));
        Assert.Equal((3L, "quantity"), (Assert.Single(file.Rejected).Line, file.Rejected[0].Field)); // 0.5 has no decimal comma
        Assert.Equal(1250m, Assert.Single(LedgerCsvTests.Read(Text, new() { DecimalMark = DecimalMark.Point }).Entries, entry => entry.Id == "k3").Quantity);
    }

    [Fact]
    public void A_point_is_not_sure_where_other_columns_have_commas()
    {
        LedgerFile file = LedgerCsvTests.Read($"{Header}a,2024-01-15T10:30:00Z,buy,btc,\"0,5\",42.000,usd,,\n");
        Assert.Equal("price", Assert.Single(file.Rejected).Field);
    }

    [Fact]
    public void Semicolons_and_tabs_part_fields_too()
    {
        LedgerFile file = LedgerCsvTests.Read("id;time;kind;token;quantity;price;currency;fees;note\nk5;2024-01-15T10:30:00Z;buy;btc;0,5;42000;usd;\"0,1 usd; 2 usd\";a, b\nk6;2024-01-15T10:30:00Z;buy;btc;2;42.000;usd;;\n");
        Assert.Equal((0.5m, 2, "a, b"), (Assert.Single(file.Entries).Quantity, file.Entries[0].Fees.Length, file.Entries[0].Note));
        Assert.Equal((3L, "row.ambiguous", "price"), (Assert.Single(file.Rejected).Line, file.Rejected[0].Code, file.Rejected[0].Field));
        Assert.Equal(0.5m, Assert.Single(LedgerCsvTests.Read("id\ttime\tkind\ttoken\tquantity\nk5\t2024-01-15T10:30:00Z\tdeposit\tbtc\t0,5\n").Entries).Quantity);
    }

    [Theory]
    [InlineData("2024-01-15 10:30:00 UTC")]
    [InlineData("2024-01-15 10:30")]
    [InlineData("2024/1/15 10:30:00")]
    [InlineData("2024-01-15T11:30:00+01:00")]
    [InlineData("2024-01-15 05:00:00 -0530")]
    [InlineData("2024-01-15 12:30:00 UTC+2")]
    [InlineData("15.01.2024 10:30:00")]
    [InlineData("15/01/2024 10:30")]
    [InlineData("1/15/2024 10:30:00 AM")]
    public void A_time_as_spreadsheets_write_it(string text) =>
        Assert.Equal("2024-01-15T10:30:00", Assert.Single(LedgerCsvTests.Read($"{Header}a,{text},deposit,btc,1,,,,\n").Entries).Time.UtcDateTime.ToString("s", System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void Which_of_day_and_month_comes_first_is_told_by_the_column_or_not_at_all()
    {
        Assert.Equal([2, 1], LedgerCsvTests.Read($"{Header}a,01/02/2024 10:30,deposit,btc,1,,,,\nb,15/01/2024 10:30,deposit,btc,1,,,,\n").Entries.Select(entry => entry.Time.Month));
        Assert.Equal([1, 1], LedgerCsvTests.Read($"{Header}a,01/02/2024 10:30,deposit,btc,1,,,,\nb,1/15/2024 10:30,deposit,btc,1,,,,\n").Entries.Select(entry => entry.Time.Month));
        LedgerRejection refused = Assert.Single(LedgerCsvTests.Read($"{Header}a,01/02/2024 10:30,deposit,btc,1,,,,\n").Rejected);
        Assert.Contains("2024-02-01 or 2024-01-02", refused.Detail, StringComparison.Ordinal);
        Assert.Equal("time.outOfRange", refused.Code);
    }

    [Theory]
    [InlineData("id,time,kind,quantity\n", "the column token", "pnl")]
    [InlineData("txid,refid,time,type,subtype,aclass,asset,amount,balance\n", "the column fee", "kraken-ledgers")]
    [InlineData("ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Total,Notes\n", "the column Subtotal", "coinbase")]
    [InlineData("Pair,Side,Price,Executed,Amount,Fee\n", "the column Date(UTC) or Time", "binance-trades")]
    public void A_column_that_is_lacking_is_named(string header, string column, string format)
    {
        string said = Assert.Throws<LedgerFileException>(() => LedgerCsvTests.Read(header + "1,2,3\n", source: "mine.csv")).Message;
        Assert.Contains(column, said, StringComparison.Ordinal);
        Assert.Contains(format, said, StringComparison.Ordinal);
        Assert.StartsWith("mine.csv", said, StringComparison.Ordinal);
    }
}

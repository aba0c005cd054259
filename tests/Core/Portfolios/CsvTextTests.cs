using CsCheck;

namespace Pnl.Tests.Core.Portfolios;

/// <summary>A text in a cell is no formula, and comes back as it was.</summary>
public sealed class CsvTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\"")]
    [InlineData("+1", "'+1")]
    [InlineData("-2 btc", "'-2 btc")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("'=1", "''=1")]
    [InlineData("a=b", "a=b")]
    [InlineData("'a", "'a")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\nb", "\"a\nb\"")]
    [InlineData("a\tb", "\"a\tb\"")]
    [InlineData(" a", "\" a\"")]
    [InlineData("", "")]
    public void A_text_that_would_be_a_formula_has_an_apostrophe_before_it(string text, string cell) => Assert.Equal(cell, CsvText.Cell(text));

    /// <summary>Ids, notes and fees of any signs, through the text of a ledger and back.</summary>
    [Fact]
    public void What_is_written_is_read_back_to_the_letter()
    {
        Gen<string> note = Gen.Char["=+-@'\",;\t\r\n abé€"].Array[1, 12].Select(signs => new string(signs)), id = Gen.Char["=+-@'\",;ab"].Array[1, 8].Select(signs => new string(signs)).Where(AddressName.IsKept);
        Gen.Select(id, note, Gen.Int[-9000, 9000].Select(fee => fee / 1000m).Where(fee => fee != 0m)).Array[1, 6].Sample(rows =>
        {
            LedgerEntry[] entries = [.. rows.DistinctBy(row => row.Item1).Select(row => new LedgerEntry(row.Item1, Now.AddYears(-1), EntryKind.Buy, "coin", 1.5m, 2m, "usd", [new(row.Item3, "bnb")], row.Item2))];
            string text = "id,time,kind,token,quantity,price,currency,fees,note\n" + string.Concat(entries.Select(entry => string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{CsvText.Cell(entry.Id)},2025-01-01T00:00:00Z,buy,coin,1.5,2,usd,{CsvText.Cell($"{entry.Fees[0].Amount} bnb")},{CsvText.Cell(entry.Note!)}\n")));

            LedgerFile file = LedgerCsv.Read(new StringReader(text), Now);

            Assert.Empty(file.Rejected);
            Assert.Equal(entries.Select(Told), file.Entries.Select(Told));
        }, iter: Effort.Of(20_000));
    }

    [Fact]
    public void A_note_of_several_lines_is_one_row_and_lines_are_counted_on()
    {
        LedgerFile file = LedgerCsv.Read(new StringReader("id,time,kind,token,quantity,note\r\na,2025-01-01T00:00:00Z,buy?,coin,1,x\r\nb,2025-01-01T00:00:00Z,deposit,coin,1,\"one\r\ntwo\n\n\"\"three\"\"\"\r\nc,2025-01-01T00:00:00Z,nothing,coin,1,\r\n"), Now);

        Assert.Equal(("b", "one\r\ntwo\n\n\"three\""), (Assert.Single(file.Entries).Id, file.Entries[0].Note));
        Assert.Equal([2L, 7L], file.Rejected.Select(row => row.Line));
    }

    /// <summary>The rows behind a quote that nobody closes are read, also if a later row has another such quote.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("c,2025-01-01T00:00:00Z,deposit,coin,1,\"x\n")]
    [InlineData("c,2025-01-01T00:00:00Z,deposit,coin,1,x\"y\n")]
    public void A_quote_that_is_not_closed_spoils_its_own_row(string more)
    {
        LedgerFile file = LedgerCsv.Read(new StringReader("id,time,kind,token,quantity,note\na,2025-01-01T00:00:00Z,deposit,coin,1,\"open\nb,2025-01-01T00:00:00Z,deposit,coin,1,good\n" + more), Now);

        Assert.Equal(["b"], file.Entries.Select(entry => entry.Id));
        Assert.Equal(more.Length == 0 ? 1 : 2, file.Rejected.Length);
        Assert.All(file.Rejected, row => Assert.Equal("row.malformed", row.Code));
    }

    private static string Told(LedgerEntry entry) => $"{entry.Id}|{entry.Fees[0].Amount} {entry.Fees[0].Currency}|{entry.Note}";
}

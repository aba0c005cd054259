using Pnl.Cli.Output;

namespace Pnl.Tests.Unit.Cli;

/// <summary>Tables on narrow screens, and for programs.</summary>
public sealed class SheetTests
{
    private static readonly (string Token, decimal Rate, Amount Pnl, double Return, long Bars)[] Rows =
    [
        ("btc", 93_123.51m, Amount.Parse("-1234567890.123456789012345678"), -0.01325, 1_401_086), ("tiny", 0.000000000000000000123456789m, Amount.Parse("0.0000000000000000000000123"), 1.5, 7),
    ];

    private static Sheet<(string Token, decimal Rate, Amount Pnl, double Return, long Bars)> Sheet => new(
        Rows, new("token", r => r.Token), new("rate", r => r.Rate), new("PnL", r => r.Pnl), new("return", r => Fraction.Of(r.Return)), new("bars", r => r.Bars), new("why", _ => "not known, since nobody told it in so few words", Wraps: true));

    [Theory]
    [InlineData(200, 1)]
    [InlineData(80, 2)]
    [InlineData(60, 3)]
    public void No_figure_is_cut_and_no_line_is_longer_than_the_screen(int width, int tables)
    {
        string[] lines = Written(width);
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        Assert.Equal(tables, lines.Count(line => line.StartsWith('╭')));
        foreach (string figure in (string[])["93123.51", "-1234567890.123456789012345678", "-1.33 %", "1,401,086", "0.000000000000000000123456789", "0.0000000000000000000000123", "150.00 %", "7"])
        {
            Assert.Contains(lines, line => line.Split('│').Any(cell => cell.Trim() == figure));
        }
    }

    [Fact]
    public void Where_not_even_two_columns_have_room_each_row_is_a_list()
    {
        string[] lines = Written(30);
        Assert.Contains("  PnL     -1234567890.123456789012345678", lines);
        Assert.DoesNotContain(lines, line => line.Contains('│', StringComparison.Ordinal));
    }

    [Fact]
    public void As_CSV_it_has_a_header_and_plain_numbers()
    {
        using StringWriter csv = new() { NewLine = "\n" };
        Sheet.WriteCsv(csv);
        Assert.Equal(
            """
            token,rate,PnL,return,bars,why
            btc,93123.51,-1234567890.123456789012345678,-0.01325,1401086,"not known, since nobody told it in so few words"
            tiny,0.000000000000000000123456789,0.0000000000000000000000123,1.5,7,"not known, since nobody told it in so few words"

            """.ReplaceLineEndings("\n"),
            csv.ToString());
    }

    private static string[] Written(int width)
    {
        using StringWriter text = new();
        Sheet.WriteTable(Consoles.Of(text, width));
        return [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd())];
    }
}

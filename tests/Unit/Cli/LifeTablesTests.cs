using System.Globalization;
using Pnl.Cli.Output;
using Pnl.Cli.Show;
using Pnl.Cli.Tokens;
using Pnl.Grains;

namespace Pnl.Tests.Unit.Cli;

/// <summary>Tables of what a server answered, 80 columns wide.</summary>
public sealed class LifeTablesTests
{
    private static readonly ListingState Files = new("files", "BTC-USD", "usd", Interval.Day, null, At("2017-08-17"), At("2010-07-18"), At("2017-08-16"), 2587, [], NeverFetched: false);
    private static readonly ListingState Bitfinex = new("bitfinex", "tBTCUSD", "usd", Interval.FiveMinutes, null, null, At("2013-03-31 22:05"), At("2026-11-29 23:55"), 1_400_123, [], NeverFetched: false);
    private static readonly ListingState Binance = new("binance", "BTCUSDT", "usdt", Interval.FiveMinutes, null, null, null, null, 0, [], NeverFetched: true);

    private static readonly LifeRange[] Life =
    [
        new(At("2010-07-18"), At("2013-04-01"), "files", "BTC-USD", "usd", Interval.Day, 987), new(At("2013-04-01"), At("2026-11-30"), "bitfinex", "tBTCUSD", "usd", Interval.FiveMinutes, 1_400_099),
    ];

    [Fact]
    public void A_life_of_several_listings_is_a_table_and_so_is_what_is_kept_of_them()
    {
        string[] lines = Written(screen => LifeTables.Write(screen, Token(Life, [Bitfinex, Binance, Files])));

        Assert.Contains(lines, line => Cells(line) is ["2010-07-18 00:00", "2013-04-01 00:00", "files:BTC-USD:usd:1d", "987"]);
        Assert.Contains(lines, line => Cells(line) is ["2013-04-01 00:00", "2026-11-30 00:00", "bitfinex:tBTCUSD:usd:5m", "1,400,099"]);
        Assert.Contains(lines, line => Cells(line) is ["1", "bitfinex:tBTCUSD:usd:5m", "1,400,123", "2013-03-31", "2026-11-29"]);
        Assert.Contains(lines, line => Cells(line) is ["2", "binance:BTCUSDT:usdt:5m", "not yet", "–", "–"]);
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void One_listing_is_told_in_a_line()
    {
        Assert.Equal(["Its bars are those of bitfinex:tBTCUSD:usd:5m."], Written(screen => LifeTables.Write(screen, Token([Life[1]], [Bitfinex]))));
        Assert.Equal(["Its bars are those of api:usd:5m."], Written(screen => LifeTables.Write(screen, Token([Life[1] with { Source = "api", Symbol = "" }], []))));
        Assert.Equal(["Its listing binance:BTCUSDT:usdt:5m was never fetched."], Written(screen => LifeTables.Write(screen, Token([], [Binance]))));
    }

    [Fact]
    public void What_cannot_be_converted_is_told_with_its_reason()
    {
        string told = string.Join(' ', Written(screen => LifeTables.Write(screen, Token(Life, [Bitfinex, Binance with { NotConverted = "no token says what 'usdt' is in usd" }]))));

        Assert.Contains("Of binance:BTCUSDT:usdt:5m no bar is taken: no token says what 'usdt' is in usd.", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Instruments_that_are_no_listings_any_more_are_marked()
    {
        string[] lines = Written(screen => LifeTables.Write(screen, Token([Life[1]], [Bitfinex], [Files])));

        Assert.Contains(lines, line => Cells(line) is ["-", "files:BTC-USD:usd:1d@..2017-08-17", "2,587", "2010-07-18", "2017-08-16"]);
        Assert.Contains(lines, line => line.Contains("- no listing of the token any more", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_many_ranges_the_newest_are_shown_and_the_others_counted()
    {
        LifeRange[] life = [.. Enumerable.Range(0, 33).Select(i => Life[0] with { From = At("2010-07-18").AddDays(i), To = At("2010-07-19").AddDays(i), Bars = i })];

        string[] lines = Written(screen => LifeTables.Write(screen, Token(life, [Files])));

        Assert.Equal(Enumerable.Range(13, 20).Select(i => i.ToString(CultureInfo.InvariantCulture)), lines.Select(Cells).Where(cells => cells.Length == 4 && cells[2] == "files:BTC-USD:usd:1d").Select(cells => cells[3]));
        Assert.Contains(lines, line => line.Contains("the newest ranges; there are 13 before them", StringComparison.Ordinal));
    }

    [Fact]
    public void Windows_say_their_interval_only_where_it_is_not_5_minutes()
    {
        WindowPnl fine = new()
        {
            From = At("2026-11-29"), StartRate = 93_123.5m, Pnl = -1_234.25m, Return = -0.01325, High = 94_000m, Low = 91_889.25m, MaxDrawdown = 0.0225, Volatility = 0.4321, Bars = 288, ExpectedBars = 288,
        };
        WindowPnl coarse = fine with { StartRate = 0.0858m, Bars = 1_401_086, ExpectedBars = 5_978, Interval = Interval.Day, Partial = true };

        string[] without = Written(screen => screen.Show(WindowTables.Sheet(new Dictionary<string, WindowPnl> { ["24h"] = fine, ["inception"] = fine })), width: 200);
        string[] with = Written(screen => screen.Show(WindowTables.Sheet(new Dictionary<string, WindowPnl> { ["24h"] = fine, ["inception"] = coarse })), width: 200);

        Assert.DoesNotContain(without, line => line.Contains("interval", StringComparison.Ordinal));
        Assert.Contains(with, line => Cells(line) is ["24h", "93123.5", "-1234.25", "-1.33 %", "94000", "91889.25", "2.25 %", "43.21 %", "288", "288", "5m"]);
        Assert.Contains(with, line => Cells(line) is ["inception*", "0.0858", .., "1,401,086", "5,978", "1d"]);
    }

    [Fact]
    public void Windows_that_are_too_wide_for_the_terminal_become_two_tables_with_no_figure_broken()
    {
        WindowPnl window = new()
        {
            From = At("2026-11-29"), StartRate = 93_123.51m, Pnl = -11_234.25m, Return = -1.01325, High = 126_199.63m, Low = 91_889.25m, MaxDrawdown = 0.8225, Volatility = 0.4321, Bars = 105_120, ExpectedBars = 105_120,
            Interval = Interval.Day,
        };

        string[] lines = Written(screen => screen.Show(WindowTables.Sheet(new Dictionary<string, WindowPnl> { ["24h"] = window, ["inception"] = window with { Partial = true } })));

        Assert.Contains(lines, line => Cells(line) is ["24h", "93123.51", "-11234.25", "-101.33 %", "126199.63", "91889.25"]);
        Assert.Contains(lines, line => Cells(line) is ["inception*", "82.25 %", "43.21 %", "105,120", "105,120", "1d"]);
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.Single(lines, line => line.Contains("* partial", StringComparison.Ordinal));
    }

    [Fact]
    public void The_list_of_tokens_has_a_column_of_intervals_only_where_one_is_coarse()
    {
        TokenInfo fine = Info([]);

        Assert.DoesNotContain(Written(screen => screen.Show(TokensCommand.Page([fine, fine]))), line => line.Contains("interval", StringComparison.Ordinal));
        string[] lines = Written(screen => screen.Show(TokensCommand.Page([fine, fine with { Id = "doge", Interval = Interval.Day }])), width: 120);
        Assert.Contains(lines, line => Cells(line) is ["btc", _, _, "live", .., "5m"]);
        Assert.Contains(lines, line => Cells(line) is ["doge", _, _, "live", .., "1d"]);
    }

    [Fact]
    public void What_was_put_is_told_in_order() => Assert.Equal(
        [
            "btc: BTC, Bitcoin, in usd; its rates are, in order of preference, those of", "1. bitfinex:tBTCUSD:usd:5m", "2. binance:BTCUSDT:usdt:5m, converted from usdt", "3. files:BTC-USD:usd:1d@..2017-08-17",
        ],
        PutTokenCommand.InWords(Info([Bitfinex, Binance, Files])));

    private static TokenInfo Info(ListingState[] listings) => new()
    {
        Id = "btc", Symbol = "BTC", Name = "Bitcoin", Quote = "usd", FirstBar = At("2010-07-18 23:55"), LastBar = At("2026-11-29 23:55"), Bars = 1_401_086, Status = TokenStatus.Live, Sources = new Dictionary<string, string>(),
        Listings = [.. listings.Select(state => state.Listing)],
    };

    private static TokenCoverage Token(LifeRange[] life, ListingState[] listings, params ListingState[] former) =>
        Info(listings).Coverage(new([], [], [], 0, 0, false), [.. listings, .. former], life);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>The cells of a line of a table.</summary>
    private static string[] Cells(string line) => line.StartsWith('│') ? [.. line.Trim('│').Split('│').Select(cell => cell.Trim())] : [];

    private static string[] Written(Action<Screen> write, int width = 80)
    {
        using StringWriter text = new();
        write(new(Consoles.Of(text, width), OutputFormat.Table));
        return [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd())];
    }
}

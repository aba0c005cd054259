using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Oracle;

/// <summary>Real markets through the tool into a silo, and its answers against SQL over the same files.</summary>
public sealed partial class RealMarketTests(RealMarketTests.Imported imported) : IClassFixture<RealMarketTests.Imported>
{
    private static readonly TimeSpan ToolLimit = TimeSpan.FromMinutes(3);
    private static readonly Dictionary<string, long> Windows = new()
    {
        ["5m"] = 300, ["1h"] = 3600, ["24h"] = 86_400, ["7d"] = 7 * 86_400, ["30d"] = 30 * 86_400, ["90d"] = 90 * 86_400, ["1y"] = 365 * 86_400,
    };

    [Fact]
    public async Task Importing_accounts_for_every_row_and_importing_again_changes_nothing()
    {
        HttpClient http = await imported.SiloAsync();
        string bitfinex = MarketData.Require("5m", "bitfinex"), binance = MarketData.Require("5m", "binance2021");
        long rows = Directory.GetFiles(bitfinex).Sum(Lines) + Directory.GetFiles(binance).Sum(Lines);

        (int code, string again) = await ToolAsync("import", bitfinex, binance, "--id", "{symbol}-{quote}", "--server", http.BaseAddress!.ToString());

        Assert.Equal(0, imported.ExitCode);
        Assert.Equal((rows, rows, 0, 0, 0), Totals(imported.Output));
        Assert.Contains("every one accounted for", imported.Output, StringComparison.Ordinal);
        Assert.Equal(0, code);
        Assert.Equal((rows, 0, rows, 0, 0), Totals(again));
        TestContext.Current.TestOutputHelper!.WriteLine($"{LastLine(imported.Output)}\nagain: {LastLine(again)}");
    }

    [Fact]
    public async Task The_tool_shows_a_token_and_lists_all()
    {
        HttpClient http = await imported.SiloAsync();
        (int shown, string token) = await ToolAsync("show", "btc-usd", "--server", http.BaseAddress!.ToString());
        (int listed, string tokens) = await ToolAsync("tokens", "--all", "--limit", "5", "--server", http.BaseAddress!.ToString());
        (int absent, string message) = await ToolAsync("show", "nobody", "--server", http.BaseAddress!.ToString());

        Assert.True(shown == 0, token);
        Assert.All(["btc-usd", "inception", "ytd", "max drawdown", "2013-04-01"], text => Assert.Contains(text, token, StringComparison.Ordinal));
        Assert.True(listed == 0, tokens);
        Assert.All(["btc-usd", "btc-usdt", "sol-usdt", "xrp-usd"], text => Assert.Contains(text, tokens, StringComparison.Ordinal));
        Assert.True(absent == 1, message);
        Assert.Contains("token.unknown", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bitfinex", "BTC-USD")] // 2013 to 2019, with gaps, crashes and bad prints
    [InlineData("binance2021", "SOL-USDT")]
    [InlineData("binance2024", "PEPE-USDT")] // some 0.00001
    public async Task Windows_and_series_equal_those_of_SQL(string source, string pair)
    {
        HttpClient http = await imported.SiloAsync();
        string file = MarketData.Require("5m", source, pair + ".csv.gz"), id = pair.ToLowerInvariant();
        if (source == "binance2024")
        {
            id = "pepe"; // as the tool names it unless it is told otherwise
            (int code, string output) = await ToolAsync("import", file, "--server", http.BaseAddress!.ToString());
            Assert.True(code == 0, output);
        }

        using MarketSql sql = new(file);
        Answer pnl = (await http.GetAnswerAsync($"/v1/tokens/{id}/pnl")).Ok();
        Assert.Equal(sql.Last, Answer.Seconds(pnl["asOf"]));
        foreach ((string name, long length) in Windows)
        {
            AssertEqual(sql.Window(sql.Last - length, sql.Last), pnl["windows"].GetProperty(name), $"{pair} {name}");
        }

        AssertEqual(sql.Window(sql.First, sql.Last), pnl["windows"].GetProperty("inception"), $"{pair} inception");
        long year = new DateTimeOffset(DateTimeOffset.FromUnixTimeSeconds(sql.Last).Year, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        AssertEqual(sql.Window(year, sql.Last), pnl["windows"].GetProperty("ytd"), $"{pair} ytd");

        // Ends that no bar and no day knows, in every part of the token's life; one before it.
        Random random = new(1);
        long span = sql.Last - sql.First;
        foreach ((long from, long to) in Enumerable.Range(0, 12).Select(_ => (random.NextInt64(span), random.NextInt64(span))).Select(x => (sql.First + Math.Min(x.Item1, x.Item2), sql.First + Math.Max(x.Item1, x.Item2))).Append((0, sql.First + span / 2)))
        {
            Answer window = (await http.GetAnswerAsync($"/v1/tokens/{id}/pnl?from={from}&to={to}")).Ok();
            AssertEqual(sql.Window(from, to), window.Json, $"{pair} from {from} to {to}");
        }

        Answer series = (await http.GetAnswerAsync($"/v1/tokens/{id}/pnl/series?interval=1d")).Ok();
        List<(long Time, decimal Rate, decimal Pnl)> daily = sql.Daily();
        Assert.Equal(daily.Select(day => day.Time), series.Times());
        Assert.Equal(daily.Select(day => day.Rate), series.Decimals("rate"));
        Assert.Equal(daily.Select(day => day.Pnl), series.Decimals("pnl"));
        Assert.Equal(daily.Sum(day => day.Pnl), series.Decimals("cumulativePnl")[^1]);
    }

    internal static void AssertEqual(Expected expected, JsonElement actual, string what)
    {
        (decimal?, decimal?, decimal?, decimal?) money = (Decimal("startRate"), Decimal("pnl"), Decimal("high"), Decimal("low"));
        Assert.True(money == (expected.StartRate, expected.Pnl, expected.High, expected.Low), $"{what}: {expected} but {actual.GetRawText()}");
        Assert.Equal((expected.Bars, expected.Partial), (actual.GetProperty("bars").GetInt64(), actual.GetProperty("partial").GetBoolean()));
        AssertClose((double)expected.Pnl / (double)expected.StartRate, "return");
        AssertClose(expected.MaxDrawdown, "maxDrawdown");
        AssertClose(expected.Volatility, "volatility");

        decimal? Decimal(string name) => actual.GetProperty(name).GetDecimal();

        void AssertClose(double? value, string name)
        {
            JsonElement found = actual.GetProperty(name);
            double? number = found.ValueKind == JsonValueKind.Null ? null : found.GetDouble();
            Assert.True(
                value is { } v && number is { } n ? Math.Abs(v - n) <= 1e-9 * Math.Abs(v) : value is null == number is null,
                $"{what}: {name} is {number}, by SQL {value}");
        }
    }

    private static long Lines(string file)
    {
        using StreamReader reader = new(new System.IO.Compression.GZipStream(File.OpenRead(file), System.IO.Compression.CompressionMode.Decompress));
        long lines = -1; // the header is no row
        while (reader.ReadLine() is not null)
        {
            lines++;
        }

        return lines;
    }

    private static Task<(int ExitCode, string Output)> ToolAsync(params string[] arguments) => ProgramRun.ToEndAsync(Built.Tool, ToolLimit, arguments);

    private static string LastLine(string output) => output.Trim().Split('\n')[^1];

    private static (long Rows, long Accepted, long Unchanged, long Corrected, long Rejected) Totals(string output)
    {
        string line = Assert.Single(output.Split('\n'), line => line.Contains("total", StringComparison.Ordinal));
        long[] n = [.. Number().Matches(line).Select(match => long.Parse(match.Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture))];
        Assert.Equal(6, n.Length);
        Assert.Equal(0, n[4]); // nothing to fold
        return (n[0], n[1], n[2], n[3], n[5]);
    }

    [GeneratedRegex(@"\d[\d,]*")]
    private static partial Regex Number();

    /// <summary>A silo into which the tool has imported the files; only if the data is there.</summary>
    public sealed class Imported : IAsyncDisposable
    {
        private DataFolder? _folder;
        private SiloProcess? _silo;

        /// <summary>How the first import ended, and what it wrote.</summary>
        public int ExitCode { get; private set; }

        public string Output { get; private set; } = "";

        public async Task<HttpClient> SiloAsync()
        {
            string bitfinex = MarketData.Require("5m", "bitfinex"), binance = MarketData.Require("5m", "binance2021");
            if (_silo is null)
            {
                _folder = new DataFolder();
                _silo = await SiloProcess.StartAsync(_folder);
                (ExitCode, Output) = await ToolAsync("import", bitfinex, binance, "--id", "{symbol}-{quote}", "--server", _silo.Http.BaseAddress!.ToString());
            }

            return _silo.Http;
        }

        public ValueTask DisposeAsync()
        {
            _silo?.Dispose();
            _folder?.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

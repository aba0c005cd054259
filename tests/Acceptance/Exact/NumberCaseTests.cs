using System.Diagnostics;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Exact;

/// <summary>
/// The smallest reproductions of wrong figures, scripts that ask a gateway by curl, in <c>shared/cases/numbers</c> beside the
/// repository: what they print must hold the right values. Skipped, and said so, where they are not.
/// </summary>
public sealed class NumberCaseTests(QuietSilo silo)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_series_of_a_portfolio_has_its_last_entry()
    {
        JsonElement[] answers = await RunAsync("1-series-without-last-entry.sh");
        JsonElement[] series = [.. answers.Where(answer => answer.TryGetProperty("twr", out JsonElement twr) && twr.ValueKind == JsonValueKind.Array)];

        Assert.Equal(["33", "34", "-1"], ((string[])["marketValue", "contributions", "totalPnl"]).Select(column => Last(series[0], column)));
        Assert.Equal("100", Last(series[1], "marketValue"));
    }

    [Fact]
    public async Task The_pnl_of_a_quantity_has_every_digit()
    {
        JsonElement[] answers = await RunAsync("2-quantity-rounds-at-28-places.sh");
        JsonElement[] series = [.. answers.Where(answer => answer.TryGetProperty("cumulativePnl", out _))];

        Assert.Equal(["0", "0.000000000000123456789012345678", "0.000000000000246913578024691356"], Column(series[0], "pnl"));
        Assert.Equal("0.000000000000370370367037037034", Column(series[0], "cumulativePnl")[^1]);
        Assert.Equal(["0.000000000000246913578024691356"], Column(series[1], "pnl"));
        Assert.Equal(["0.000000000000370370367037037034"], Column(series[1], "cumulativePnl"));
        Assert.Equal("0.000000000000000000000000000000000003", Plain(answers.Single(answer => answer.TryGetProperty("startRate", out _)).GetProperty("pnl")));
    }

    [Fact]
    public async Task The_pnl_of_long_rates_adds_up()
    {
        JsonElement series = (await RunAsync("3-28-digit-rates-not-additive.sh"))[^1];

        Assert.Equal("-999999999.8765432109876543210987654322", Column(series, "pnl")[1]);
        Assert.Equal(Column(series, "cumulativePnl")[2], Column(series, "pnl").Aggregate(Amount.Zero, (sum, pnl) => sum + Amount.Parse(pnl)).ToString());
    }

    [Fact]
    public async Task A_part_of_a_second_counts() => Assert.Contains("\"contributions\":10", await TextAsync("5-at-cuts-fractions.sh"), StringComparison.Ordinal);

    [Fact]
    public async Task Statistics_are_of_the_series_on_every_page()
    {
        string[] statistics = [.. (await TextAsync("7-statistics-of-a-page.sh")).Split('\n').Where(line => line.StartsWith("\"statistics\"", StringComparison.Ordinal)).Select(line => line[..(line.IndexOf('}', StringComparison.Ordinal) + 1)])];

        Assert.Equal(3, statistics.Length);
        Assert.Single(statistics.Distinct());
        Assert.StartsWith("\"statistics\":{\"maxDrawdown\":0.5,", statistics[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Thinned_points_add_up_and_a_range_without_bars_is_as_of_none()
    {
        JsonElement[] series = [.. (await RunAsync("8-maxpoints-pnl-and-empty-asof.sh")).Where(answer => answer.TryGetProperty("cumulativePnl", out _))];

        Assert.Equal(Column(series[0], "cumulativePnl")[^1], Column(series[0], "pnl").Aggregate(Amount.Zero, (sum, pnl) => sum + Amount.Parse(pnl)).ToString());
        Assert.Equal((0, JsonValueKind.Null), (series[1].GetProperty("time").GetArrayLength(), series[1].GetProperty("asOf").ValueKind));
    }

    private static string[] Column(JsonElement answer, string column) => [.. answer.GetProperty(column).EnumerateArray().Select(Plain)];

    private static string Last(JsonElement answer, string column) => Column(answer, column)[^1];

    /// <summary>A number without zeros at its end, which carry no value.</summary>
    private static string Plain(JsonElement number) => Amount.Parse(number.GetRawText()).ToString();

    /// <summary>The answers that a script prints whole.</summary>
    private async Task<JsonElement[]> RunAsync(string script) =>
        [.. (await TextAsync(script)).Split('\n').Where(line => line.StartsWith('{')).Where(line => line.EndsWith('}')).Select(line => JsonElement.Parse(line))];

    private async Task<string> TextAsync(string script)
    {
        string path = MarketData.Find("cases", "numbers", script);
        ProcessStartInfo start = new("bash", [path]);
        start.Environment["BASE"] = silo.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        using ProgramRun run = ProgramRun.Start(start, null);
        int code = await run.ExitAsync(Limit);
        Assert.True(code == 0, run.Output);
        return run.Output;
    }
}

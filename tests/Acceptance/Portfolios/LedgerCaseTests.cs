using System.Globalization;
using System.Net;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Portfolios;

/// <summary>
/// What people reported to go wrong with exports elsewhere, by HTTP and by the tool, with the right values of <c>shared/cases/portfolios</c> beside the
/// repository. Skipped, and said so, where they are not.
/// </summary>
public sealed class LedgerCaseTests(LedgerCaseTests.Server server) : IClassFixture<LedgerCaseTests.Server>
{
    private static readonly TimeSpan ToolLimit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Case_01_pairs_are_split_by_the_list_of_assets() =>
        await ThroughAsync("01-kraken-pair-split", async folder =>
        {
            await ImportAsync("h01", folder, "trades.csv");
            Expect(Expected(folder), await PnlAsync("h01", "2024-02-02T00:00:00Z"));

            (int code, string output) = await ToolAsync("portfolio", "import", "h01", Path.Combine(folder, "trades.csv"));
            Assert.True(code == 0, output);
            Assert.Contains("0 added, 6 there already", output, StringComparison.Ordinal);
        });

    [Fact]
    public async Task Case_03_groups_of_rows() =>
        await ThroughAsync("03-kraken-refid-groups", async folder =>
        {
            Answer imported = await ImportAsync("h03", folder, "ledgers.csv");
            Assert.Equal(["row.internal", "row.internal"], imported["rejected"].EnumerateArray().Select(row => row.GetProperty("code").GetString()));
            Expect(Expected(folder), await PnlAsync("h03", "2025-04-03T00:00:00Z"));

            await ImportAsync("h03e", folder, "earn-nosubtype.csv");
            Answer earn = await PnlAsync("h03e", "2025-04-03T00:00:00Z");
            Assert.Equal((1m, 0m), (Position(earn, "eth"), earn["income"].GetDecimal()));
        });

    [Fact]
    public async Task Case_04_airdrops_are_income() =>
        await ThroughAsync("04-kraken-airdrop", async folder =>
        {
            await ImportAsync("h04", folder, "ledgers.csv");
            Expect(Expected(folder).GetProperty("ledgers"), await PnlAsync("h04", "2022-09-22T00:00:00Z"));
            await ImportAsync("h04s", folder, "ledgers-sold.csv");
            Expect(Expected(folder).GetProperty("sold"), await PnlAsync("h04s", "2022-09-26T00:00:00Z"));
        });

    [Theory]
    [InlineData("coinbase.csv")]
    [InlineData("coinbase-2026.csv")]
    [InlineData("coinbase-feeblank.csv")]
    public async Task Case_06_a_conversion_pays_its_spread_once(string file) =>
        await ThroughAsync("06-coinbase-convert", async folder =>
        {
            await ImportAsync("h06cash", folder, file, cash: true);
            Expect(Expected(folder), await PnlAsync("h06cash", "2025-02-06T00:00:00Z"));

            await ImportAsync("h06", folder, file);
            Answer pnl = await PnlAsync("h06", "2025-02-06T00:00:00Z");
            Assert.Equal((-100m, 0.5m, 99m), (pnl["totalPnl"].GetDecimal(), Position(pnl, "btc"), Position(pnl, "sol")));
        });

    [Fact]
    public async Task Case_08_an_advanced_trade_is_paid_in_its_own_quote() =>
        await ThroughAsync("08-coinbase-advanced-crypto-quote", async folder =>
        {
            await ImportAsync("h08cash", folder, "coinbase.csv", cash: true);
            Expect(Expected(folder), await PnlAsync("h08cash", "2025-01-06T00:00:00Z"));

            // Without cash what a token pays for another crosses the boundary twice: the same positions, value and profit, and larger contributions.
            await ImportAsync("h08", folder, "coinbase.csv");
            Answer pnl = await PnlAsync("h08", "2025-01-06T00:00:00Z");
            Assert.Equal((10m, 99m, 236.21m, -0.79m), (Position(pnl, "link"), Position(pnl, "usdc"), pnl["marketValue"].GetDecimal(), pnl["totalPnl"].GetDecimal()));
        });

    [Fact]
    public async Task Case_09_a_fee_in_what_is_bought_realises_nothing() =>
        await ThroughAsync("09-fee-in-bought-asset", async folder =>
        {
            await ImportAsync("h09", folder, "binance.csv");
            foreach (string basis in (string[])["fifo", "lifo", "hifo", "avco"])
            {
                Answer pnl = (await server.Http.GetAnswerAsync($"/v1/portfolios/h09/pnl?at=2024-06-16T00:00:00Z&costBasis={basis}")).Ok();
                Assert.Equal((0m, 3996m, 4m, 1994m), (pnl["realisedPnl"].GetDecimal(), pnl["costBasisValue"].GetDecimal(), pnl["fees"].GetDecimal(), pnl["totalPnl"].GetDecimal()));
            }

            Answer lots = (await server.Http.GetAnswerAsync("/v1/portfolios/h09/lots")).Ok();
            Assert.Equal(
                Expected(folder).GetProperty("lots").EnumerateArray().Select(lot => (Decimal(lot[0]), Decimal(lot[1]), lot[2].GetString()!)),
                lots["items"].EnumerateArray().Select(lot => (lot.GetProperty("quantity").GetDecimal(), lot.GetProperty("cost").GetDecimal(), lot.GetProperty("opened").GetString()![..10])));

            await ImportAsync("h09k", folder, "kraken-reward.csv");
            Answer reward = await PnlAsync("h09k", "2024-06-16T00:00:00Z");
            Assert.Equal((30m, 6m, 0m), (reward["income"].GetDecimal(), reward["fees"].GetDecimal(), reward["realisedPnl"].GetDecimal()));
        });

    [Fact]
    public async Task Case_12_three_old_units_become_one() =>
        await ThroughAsync("12-reverse-split", async folder =>
        {
            await PostJsonAsync("h12", folder, "entries.json");
            Assert.Equal(100m, Position(await PnlAsync("h12", "2025-02-11T00:00:00Z"), "rs"));
            await PostJsonAsync("h12", folder, "sale.json");
            Answer sold = await PnlAsync("h12", "2025-03-11T00:00:00Z");
            Assert.Equal((100m, 0m, 0m), (sold["realisedPnl"].GetDecimal(), Position(sold, "rs"), sold["costBasisValue"].GetDecimal()));
            await PostJsonAsync("h12r", folder, "roundtrip.json");
            Assert.Equal(119m, Position(await PnlAsync("h12r", "2025-02-12T00:00:00Z"), "rt"));

            // By its terms, and what is no ratio.
            await PutAsync("h12n", cash: false);
            (await SendAsync("h12n", """{"entries":[{"id":"1","time":"2025-01-10T10:00:00Z","kind":"buy","token":"rs","quantity":7000,"price":1,"currency":"usd"},{"id":"2","time":"2025-02-10T10:00:00Z","kind":"redenomination","token":"rs","numerator":3,"denominator":7}]}""")).Ok();
            Assert.Equal(3000m, Position(await PnlAsync("h12n", "2025-02-11T00:00:00Z"), "rs"));
            foreach ((string terms, string field, string code) in ((string, string, string)[])
                [
                    ("\"numerator\":3", "entries[0].denominator", "entry.incomplete"), ("\"numerator\":0,\"denominator\":7", "entries[0].numerator", "ratio.outOfRange"),
                    ("\"numerator\":3,\"denominator\":7,\"quantity\":0.5", "entries[0].quantity", "field.notApplicable"), ("\"numerator\":3,\"denominator\":70000000", "entries[0].denominator", "ratio.outOfRange"),
                ])
            {
                Answer refused = await SendAsync("h12n", $$"""{"entries":[{"id":"3","time":"2025-02-10T11:00:00Z","kind":"redenomination","token":"rs",{{terms}}}]}""");
                Assert.Equal((HttpStatusCode.BadRequest, field, code), (refused.Status, refused["field"].GetString(), refused["code"].GetString()));
            }

            (int exit, string output) = await ToolAsync("portfolio", "add", "h12n", "redenomination", "7/3", "rs", "--time", "2025-02-12T10:00:00Z");
            Assert.True(exit == 0, output);
            Assert.Equal(7000m, Position(await PnlAsync("h12n", "2025-02-13T00:00:00Z"), "rs"));
        });

    [Theory]
    [InlineData("slow.json")]
    [InlineData("fast.json")]
    public async Task Case_16_a_constant_return_has_no_ratios(string file) =>
        await ThroughAsync("16-sharpe-of-constant-return", async folder =>
        {
            await PostJsonAsync("h16", folder, file);
            JsonElement statistics = (await server.Http.GetAnswerAsync("/v1/portfolios/h16/pnl/series?from=2025-01-01T00:00:00Z&to=2025-01-25T00:00:00Z&interval=1d")).Ok()["statistics"];
            Assert.Equal((JsonValueKind.Null, JsonValueKind.Null, 0d), (statistics.GetProperty("sharpe").ValueKind, statistics.GetProperty("sortino").ValueKind, statistics.GetProperty("maxDrawdown").GetDouble()));
            Assert.Equal(0, statistics.GetProperty("volatility").GetDouble(), 1e-12);
        });

    [Theory]
    [InlineData("a", "2025-05-02T00:00:00Z")]
    [InlineData("b", "2025-01-01T00:00:00Z")]
    [InlineData("c", "2025-06-02T00:00:00Z")]
    [InlineData("d", "2025-01-01T00:10:00Z")]
    public async Task Case_17_time_weighted_returns(string name, string at) =>
        await ThroughAsync("17-twr", async folder =>
        {
            await PostJsonAsync("h17", folder, name + ".json");
            Assert.Equal(Expected(folder).GetProperty(name).GetDouble(), (await PnlAsync("h17", at))["twr"].GetDouble(), 1e-12);
        });

    [Theory]
    [InlineData("18-perp-short-funding", "2022-12-10T00:00:00Z", true)]
    [InlineData("20-weekend-fx", "2025-03-10T12:00:00Z", false)]
    public async Task Cases_18_and_20_entries_by_JSON(string name, string at, bool shorts) =>
        await ThroughAsync(name, async folder =>
        {
            await PostJsonAsync("h18", folder, "entries.json", shorts);
            Expect(Expected(folder), await PnlAsync("h18", at));
        });

    [Fact]
    public async Task Case_10_exports_of_Binance_are_read_to_the_hour() =>
        await ThroughAsync("10-binance-other-exports", async folder =>
        {
            Assert.Empty((await ImportAsync("h10", folder, "statement.csv"))["rejected"].EnumerateArray());
            Answer pnl = await PnlAsync("h10", "2024-04-16T00:00:00Z");
            Assert.Equal([0.03999992m, 0.199877m, 3000m], ((string[])["btc", "eth", "usdt"]).Select(token => Position(pnl, token)));

            foreach (string file in (string[])["spot-new.csv", "spot-utc1.csv", "spot-2018.csv"])
            {
                await ImportAsync("h10-" + file[..^4], folder, file);
                Answer entries = (await server.Http.GetAnswerAsync($"/v1/portfolios/h10-{file[..^4]}/entries")).Ok();
                string? time = Assert.Single(entries["items"].EnumerateArray()).GetProperty("time").GetString();
                Assert.Equal(file == "spot-2018.csv" ? "2018-01-15T10:30:00Z" : "2024-01-15T10:30:00Z", time);
            }
        });

    [Fact]
    public async Task Case_11_a_decimal_comma_is_no_thousand() =>
        await ThroughAsync("11-decimal-comma", async folder =>
        {
            Answer imported = await ImportAsync("h11", folder, "ledger.csv");
            Assert.Equal("row.ambiguous", Assert.Single(imported["rejected"].EnumerateArray()).GetProperty("code").GetString());
            Assert.Equal(1.5m, Position(await PnlAsync("h11", "2024-01-19T00:00:00Z"), "btc") + 0.001m); // k1 to k3, less the fee of k1
            await ImportAsync("h11b", folder, "binance.csv");
            Assert.Equal(0.499m, Position(await PnlAsync("h11b", "2024-01-19T00:00:00Z"), "btc"));
            await ImportAsync("h11s", folder, "semicolon.csv");
            Assert.Equal(0.5m, Position(await PnlAsync("h11s", "2024-01-19T00:00:00Z"), "btc"));

            // Asked for, and by the tool.
            await ImportAsync("h11p", folder, "ledger.csv", query: "?decimal=.");
            await PutAsync("h11c", cash: false);
            (int code, string output) = await ToolAsync("portfolio", "import", "h11c", Path.Combine(folder, "ledger.csv"), "--decimal", ",");
            Assert.True(code == 0, output);
            Assert.Equal(2.249m, Position(await PnlAsync("h11c", "2024-01-19T00:00:00Z"), "btc")); // 0.5, 0.5 less 0.001 and k4 as 1.25; k3, 0.5 with a point, is refused
            Answer unknown = await PostAsync("h11p", folder, "ledger.csv", "?decimal=;");
            Assert.Equal((HttpStatusCode.BadRequest, "decimal.unknown"), (unknown.Status, unknown["code"].GetString()));
        });

    [Fact]
    public async Task Case_21_a_row_that_oversells_is_named_and_the_others_can_be_had() =>
        await ThroughAsync("21-dust-and-missing-deposit", async folder =>
        {
            await PutAsync("h21m", cash: false);
            Answer refused = await PostAsync("h21m", folder, "missing.csv", "");
            Assert.Equal((HttpStatusCode.Conflict, "quantity.notHeld", 3, 0.5m), (refused.Status, refused["code"].GetString(), refused["line"].GetInt32(), refused["held"].GetDecimal()));
            Answer taken = (await PostAsync("h21m", folder, "missing.csv", "?skipRefused=true")).Ok();
            JsonElement row = Assert.Single(taken["rejected"].EnumerateArray());
            Assert.Equal((2, 3, "quantity.notHeld"), (taken["accepted"].GetInt32(), row.GetProperty("line").GetInt32(), row.GetProperty("code").GetString()));

            await PutAsync("h21c", cash: false);
            (int code, string output) = await ToolAsync("portfolio", "import", "h21c", Path.Combine(folder, "missing.csv"));
            Assert.True(code == 1, output);
            Assert.Contains("line 3", output, StringComparison.Ordinal);
            (code, output) = await ToolAsync("portfolio", "import", "h21c", Path.Combine(folder, "missing.csv"), "--skip-refused");
            Assert.True(code == 0, output);
            Assert.Contains("2 added", output, StringComparison.Ordinal);

            foreach (string basis in (string[])["fifo", "lifo", "hifo", "avco"])
            {
                await ImportAsync("h21", folder, "ledger.csv");
                Answer pnl = (await server.Http.GetAnswerAsync($"/v1/portfolios/h21/pnl?at=2025-01-03T00:00:00Z&costBasis={basis}")).Ok();
                Assert.Equal((1.7433941954m, 0m), (pnl["realisedPnl"].GetDecimal(), Position(pnl, "btc")));
            }
        });

    /// <summary>Registers the tokens of a case with their rates, for as long as it takes.</summary>
    private async Task ThroughAsync(string name, Func<string, Task> test)
    {
        string folder = MarketData.Find("cases", "portfolios", name);
        JsonElement setting = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "case.json"), TestContext.Current.CancellationToken));
        try
        {
            foreach (JsonProperty token in setting.GetProperty("tokens").EnumerateObject())
            {
                await server.Http.RegisterAsync(token.Name, $$"""{"quote":"{{token.Value.GetString()}}"}""");
                (long, decimal)[] bars = [.. setting.GetProperty("rates").GetProperty(token.Name).EnumerateArray().Select(bar => (bar[0].GetInt64(), decimal.Parse(bar[1].GetString()!, CultureInfo.InvariantCulture)))];
                (await server.Http.IngestAsync(token.Name, bars)).Ok();
            }

            server.Quote = setting.GetProperty("tokens").EnumerateObject().First().Value.GetString()!;
            await test(folder);
        }
        finally
        {
            foreach (JsonProperty token in setting.GetProperty("tokens").EnumerateObject())
            {
                await server.Http.SendAsync(HttpMethod.Delete, $"/v1/tokens/{token.Name}?confirm={token.Name}&force=true");
            }
        }
    }

    private async Task PutAsync(string portfolio, bool cash) => (await server.Http.SendAsync(
        HttpMethod.Put, $"/v1/portfolios/{portfolio}", Requests.Json($$"""{"baseCurrency":"{{server.Quote}}","costBasis":"fifo","trackCash":{{(cash ? "true" : "false")}}}"""))).Ok();

    private async Task<Answer> PostAsync(string portfolio, string folder, string file, string query) => await server.Http.SendAsync(
        HttpMethod.Post, $"/v1/portfolios/{portfolio}/entries{query}", Requests.Csv(await File.ReadAllTextAsync(Path.Combine(folder, file), TestContext.Current.CancellationToken)));

    private async Task PostJsonAsync(string portfolio, string folder, string file, bool shorts = false)
    {
        if (file != "sale.json") // which goes on
        {
            await server.Http.SendAsync(HttpMethod.Delete, $"/v1/portfolios/{portfolio}");
            (await server.Http.SendAsync(HttpMethod.Put, $"/v1/portfolios/{portfolio}", Requests.Json($$"""{"baseCurrency":"{{server.Quote}}","costBasis":"fifo","allowShorts":{{(shorts ? "true" : "false")}}}"""))).Ok();
        }

        (await SendAsync(portfolio, await File.ReadAllTextAsync(Path.Combine(folder, file), TestContext.Current.CancellationToken))).Ok();
    }

    private Task<Answer> SendAsync(string portfolio, string entries) => server.Http.SendAsync(HttpMethod.Post, $"/v1/portfolios/{portfolio}/entries", Requests.Json(entries));

    private async Task<Answer> ImportAsync(string portfolio, string folder, string file, bool cash = false, string query = "")
    {
        await server.Http.SendAsync(HttpMethod.Delete, $"/v1/portfolios/{portfolio}");
        await PutAsync(portfolio, cash);
        Answer answer = (await PostAsync(portfolio, folder, file, query)).Ok();
        Answer again = (await PostAsync(portfolio, folder, file, query)).Ok();
        Assert.Equal((0, answer["accepted"].GetInt32()), (again["accepted"].GetInt32(), again["unchanged"].GetInt32()));
        return answer;
    }

    private async Task<Answer> PnlAsync(string portfolio, string at) => (await server.Http.GetAnswerAsync($"/v1/portfolios/{portfolio}/pnl?at={at}")).Ok();

    private Task<(int Code, string Output)> ToolAsync(params string[] arguments) =>
        ProgramRun.ToEndAsync(Built.Tool, ToolLimit, [.. arguments, "--server", server.Http.BaseAddress!.ToString()]);

    private static JsonElement Expected(string folder) => JsonElement.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));

    private static decimal Position(Answer pnl, string token) =>
        pnl["positions"].EnumerateArray().Where(position => position.GetProperty("token").GetString() == token).Sum(position => position.GetProperty("quantity").GetDecimal());

    /// <summary>All that a case expects of an answer, to the last digit.</summary>
    private static void Expect(JsonElement expected, Answer pnl)
    {
        foreach (JsonProperty figure in expected.EnumerateObject())
        {
            if (figure.Name == "positions")
            {
                Assert.Equal(
                    figure.Value.EnumerateObject().Select(position => (position.Name, Decimal(position.Value))).Where(position => position.Item2 != 0m).Order(),
                    pnl["positions"].EnumerateArray().Select(position => (position.GetProperty("token").GetString()!, position.GetProperty("quantity").GetDecimal())).Where(position => position.Item2 != 0m).Order());
            }
            else if (figure.Value.ValueKind == JsonValueKind.String)
            {
                Assert.Equal((figure.Name, Decimal(figure.Value)), (figure.Name, pnl[figure.Name].ValueKind == JsonValueKind.Null ? decimal.MinValue : pnl[figure.Name].GetDecimal()));
            }
            else
            {
                Assert.Equal((figure.Name, figure.Value.GetRawText()), (figure.Name, pnl[figure.Name].GetRawText()));
            }
        }
    }

    private static decimal Decimal(JsonElement text) => decimal.Parse(text.GetString()!, CultureInfo.InvariantCulture);

    /// <summary>A silo without a feed, in which each case has its own tokens in turn.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private readonly DataFolder _data = new();
        private SiloProcess? _silo;

        internal HttpClient Http => _silo!.Http;

        internal string Quote { get; set; } = "usd";

        public async ValueTask InitializeAsync() => _silo = await SiloProcess.StartAsync(_data);

        public ValueTask DisposeAsync()
        {
            _silo?.Dispose();
            _data.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

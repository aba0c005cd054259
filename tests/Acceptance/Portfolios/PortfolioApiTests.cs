using System.Globalization;
using System.Net;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Portfolios;

/// <summary>The portfolio calls over HTTP, against a real silo.</summary>
public sealed class PortfolioApiTests(QuietSilo silo)
{
    private const long Start = 1621427700; // 2021-05-19T12:35:00Z

    private static readonly TimeSpan ToolLimit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_ledger_is_written_read_corrected_and_valued()
    {
        await RatesAsync(silo.Http, "pa");
        Answer created = await silo.Http.SendAsync(HttpMethod.Put, "/v1/portfolios/api", Requests.Json("""{"baseCurrency":"usd","costBasis":"fifo"}"""));
        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal(HttpStatusCode.OK, (await silo.Http.SendAsync(HttpMethod.Put, "/v1/portfolios/api", Requests.Json("""{"baseCurrency":"usd"}"""))).Status);

        Answer posted = (await PostAsync(
            silo.Http, "api",
            Entry("b1", Start + 300, "buy", "pa", "2", "100.5", """[{"amount":1.5,"currency":"usd"}]"""),
            Entry("b2", Start + 600, "buy", "pa", "1", "0.0000000123"),
            Entry("s1", Start + 900, "sell", "pa", "2.5", "120"))).Ok();
        Assert.Equal((3, 0), (posted["accepted"].GetInt32(), posted["unchanged"].GetInt32()));
        Assert.Equal(3, (await PostAsync(silo.Http, "api", Entry("b1", Start + 300, "buy", "pa", "2.0", "100.50", """[{"amount":1.5,"currency":"usd"}]"""))).Ok()["revision"].GetInt64() - posted["revision"].GetInt64() + 3);

        Answer pnl = (await silo.Http.GetAnswerAsync("/v1/portfolios/api/pnl")).Ok();
        Assert.Equal(posted["revision"].GetInt64(), pnl["revision"].GetInt64());
        Assert.Equal("0.5", pnl["positions"][0].GetProperty("quantity").GetRawText());
        Assert.Equal("98.99999999385", pnl["realisedPnl"].GetRawText()); // 2.5 * 120 - 2 * 100.5 - 0.5 * 0.0000000123
        Assert.Equal("97.49999999385", (pnl["realisedPnl"].GetDecimal() - pnl["fees"].GetDecimal()).ToString(CultureInfo.InvariantCulture));
        Assert.Equal(["pa", "usd"], pnl["positions"][0].GetProperty("conversionPath").EnumerateArray().Select(step => step.GetString()));
        Assert.Equal(Start + 300 * 6, Answer.Seconds(pnl["asOf"]));
        Assert.True(pnl["complete"].GetBoolean());
        Assert.Equal(
            pnl["totalPnl"].GetDecimal(),
            pnl["marketValue"].GetDecimal() + pnl["distributions"].GetDecimal() - pnl["contributions"].GetDecimal() - pnl["feesFromOutside"].GetDecimal());
        Assert.Equal("contributions", pnl["denominators"].GetProperty("roi").GetString());

        Answer lifo = (await silo.Http.GetAnswerAsync("/v1/portfolios/api/pnl?costBasis=lifo")).Ok();
        Assert.Equal(pnl["totalPnl"].GetRawText(), lifo["totalPnl"].GetRawText());
        Assert.NotEqual(pnl["realisedPnl"].GetRawText(), lifo["realisedPnl"].GetRawText());
        Answer before = (await silo.Http.GetAnswerAsync($"/v1/portfolios/api/pnl?at={Start + 650}")).Ok();
        Assert.Equal("3", before["positions"][0].GetProperty("quantity").GetRawText());
        Assert.Equal("303", before["marketValue"].GetRawText()); // three at 101

        Answer first = (await silo.Http.GetAnswerAsync("/v1/portfolios/api/entries?limit=2")).Ok();
        Answer second = (await silo.Http.GetAnswerAsync($"/v1/portfolios/api/entries?limit=2&cursor={first["nextCursor"].GetString()}")).Ok();
        Assert.Equal(["b1", "b2", "s1"], first["items"].EnumerateArray().Concat(second["items"].EnumerateArray()).Select(entry => entry.GetProperty("id").GetString()));
        Assert.Equal(JsonValueKind.Null, second["nextCursor"].ValueKind);
        Assert.Equal("0.0000000123", first["items"][1].GetProperty("price").GetRawText());

        Answer lots = (await silo.Http.GetAnswerAsync("/v1/portfolios/api/lots?token=pa")).Ok();
        Assert.Equal(["closed", "closed", "open"], lots["items"].EnumerateArray().Select(lot => lot.GetProperty("status").GetString()));
        Assert.Equal(600, lots["items"][0].GetProperty("holdingPeriodSeconds").GetInt64());
        Assert.Equal(pnl["realisedPnl"].GetDecimal(), lots["items"].EnumerateArray().Sum(lot => lot.GetProperty("gain").ValueKind == JsonValueKind.Null ? 0m : lot.GetProperty("gain").GetDecimal()));

        Answer series = (await silo.Http.GetAnswerAsync("/v1/portfolios/api/pnl/series?interval=5m")).Ok();
        Assert.Equal(pnl["totalPnl"].GetDecimal(), series.Decimals("totalPnl")[^1]);
        Assert.All(
            ["marketValue", "contributions", "realisedPnl", "unrealisedPnl", "totalPnl", "twr", "distributions"],
            column => Assert.Equal(series["time"].GetArrayLength(), series[column].GetArrayLength()));

        (await silo.Http.SendAsync(HttpMethod.Put, "/v1/portfolios/api/entries/b2", Requests.Json(Entry("b2", Start + 600, "buy", "pa", "1", "50")))).Ok();
        (await silo.Http.SendAsync(HttpMethod.Delete, "/v1/portfolios/api/entries/s1")).Ok();
        Answer after = (await silo.Http.GetAnswerAsync("/v1/portfolios/api/pnl")).Ok();
        Assert.Equal(("0", "251"), (after["realisedPnl"].GetRawText(), after["contributions"].GetRawText()));
        Assert.True(after["revision"].GetInt64() > pnl["revision"].GetInt64());
    }

    [Fact]
    public async Task An_answer_that_has_not_changed_is_not_sent_again_and_a_bar_or_an_entry_changes_it()
    {
        await RatesAsync(silo.Http, "tagged");
        await PutAsync(silo.Http, "tags");
        await PostAsync(silo.Http, "tags", Entry("b", Start + 300, "buy", "tagged", "2", "100"));
        foreach (string path in (string[])["", "/pnl", "/pnl/series", "/lots", "/entries", "/pnl?costBasis=avco"])
        {
            Answer answer = (await silo.Http.GetAnswerAsync("/v1/portfolios/tags" + path)).Ok();
            Assert.Equal(HttpStatusCode.NotModified, (await silo.Http.GetAnswerAsync("/v1/portfolios/tags" + path, ("If-None-Match", answer.ETag!))).Status);
        }

        string before = (await silo.Http.GetAnswerAsync("/v1/portfolios/tags/pnl")).ETag!;
        (await silo.Http.IngestAsync("tagged", (Start + 300 * 50, 500m))).Ok();
        Answer revalued = (await silo.Http.GetAnswerAsync("/v1/portfolios/tags/pnl", ("If-None-Match", before))).Ok();
        Assert.Equal("1000", revalued["marketValue"].GetRawText());
        await PostAsync(silo.Http, "tags", Entry("c", Start + 600, "buy", "tagged", "1", "100"));
        Assert.Equal("1500", (await silo.Http.GetAnswerAsync("/v1/portfolios/tags/pnl", ("If-None-Match", revalued.ETag!))).Ok()["marketValue"].GetRawText());
    }

    [Fact]
    public async Task What_the_ledger_refuses_is_told_with_what_is_held_and_nothing_of_the_call_is_taken()
    {
        await PutAsync(silo.Http, "refusing");
        (await PostAsync(silo.Http, "refusing", Entry("b", Start, "buy", "coin", "1.5", "10"))).Ok();

        Answer answer = await PostAsync(silo.Http, "refusing", Entry("x", Start, "buy", "other", "1", "1"), Entry("s", Start + 10, "sell", "coin", "2", "10"));

        Assert.Equal((HttpStatusCode.Conflict, "quantity.notHeld", "entries[1].quantity"), (answer.Status, answer["code"].GetString(), answer["field"].GetString()));
        Assert.Equal(("s", "1.5"), (answer["entry"].GetString(), answer["held"].GetRawText()));
        Assert.Single((await silo.Http.GetAnswerAsync("/v1/portfolios/refusing/entries")).Ok()["items"].EnumerateArray());
        Answer conflict = await PostAsync(silo.Http, "refusing", Entry("b", Start, "buy", "coin", "1.5", "11"));
        Assert.Equal((HttpStatusCode.Conflict, "id.conflict", "entries[0].id"), (conflict.Status, conflict["code"].GetString(), conflict["field"].GetString()));
        Answer unknown = await silo.Http.SendAsync(HttpMethod.Delete, "/v1/portfolios/refusing/entries/nothing");
        Assert.Equal((HttpStatusCode.NotFound, "id.unknown"), (unknown.Status, unknown["code"].GetString()));
    }

    [Theory]
    [InlineData("PUT", "/v1/portfolios/bad", "", "json.malformed", "body")]
    [InlineData("PUT", "/v1/portfolios/bad", "null", "json.malformed", "body")]
    [InlineData("PUT", "/v1/portfolios/bad", "{}", "baseCurrency.malformed", "baseCurrency")]
    [InlineData("PUT", "/v1/portfolios/bad", """{"baseCurrency":"USD"}""", "baseCurrency.malformed", "baseCurrency")]
    [InlineData("PUT", "/v1/portfolios/bad", """{"baseCurrency":"usd","costBasis":"fefo"}""", "costBasis.unknown", "costBasis")]
    [InlineData("PUT", "/v1/portfolios/bad", """{"baseCurrency":"usd","allowShorts":"yes"}""", "json.malformed", "allowShorts")]
    [InlineData("PUT", "/v1/portfolios/bad", """{"baseCurrency":"usd","owner":"me"}""", "json.malformed", "owner")]
    [InlineData("PUT", "/v1/portfolios/BAD", """{"baseCurrency":"usd"}""", "id.malformed", "id")]
    [InlineData("GET", "/v1/portfolios/BAD/pnl", null, "id.malformed", "id")]
    [InlineData("GET", "/v1/portfolios/bad/pnl?at=noon", null, "time.malformed", "at")]
    [InlineData("GET", "/v1/portfolios/bad/pnl?at=", null, "time.malformed", "at")]
    [InlineData("GET", "/v1/portfolios/bad/pnl?at=4102444800", null, "time.inFuture", "at")]
    [InlineData("GET", "/v1/portfolios/bad/pnl?costBasis=FIFO", null, "costBasis.unknown", "costBasis")]
    [InlineData("GET", "/v1/portfolios/bad/pnl?costbase=fifo", null, "query.unknown", "costbase")]
    [InlineData("GET", "/v1/portfolios/bad/pnl/series?interval=2h", null, "interval.unknown", "interval")]
    [InlineData("GET", "/v1/portfolios/bad/pnl/series?from=600&to=300", null, "range.reversed", "from")]
    [InlineData("GET", "/v1/portfolios/bad/pnl/series?limit=0", null, "limit.outOfRange", "limit")]
    [InlineData("GET", "/v1/portfolios/bad/entries?cursor=x", null, "cursor.malformed", "cursor")]
    [InlineData("GET", "/v1/portfolios/bad/entries?limit=10001", null, "limit.outOfRange", "limit")]
    [InlineData("GET", "/v1/portfolios/bad/lots?token=BTC", null, "token.malformed", "token")]
    [InlineData("GET", "/v1/portfolios/bad/lots?cursor=-1", null, "cursor.malformed", "cursor")]
    [InlineData("POST", "/v1/portfolios/bad/entries", "", "json.malformed", "body")]
    [InlineData("POST", "/v1/portfolios/bad/entries", "{}", "json.malformed", "entries")]
    [InlineData("POST", "/v1/portfolios/bad/entries", """{"entries":[]}""", "entries.outOfRange", "entries")]
    [InlineData("POST", "/v1/portfolios/bad/entries", """{"entries":[null]}""", "json.malformed", "entries[0]")]
    [InlineData("POST", "/v1/portfolios/bad/entries", """{"entries":[{"id":"a"}]}""", "entry.incomplete", "entries[0].time")]
    [InlineData("PUT", "/v1/portfolios/bad/entries/good", """{"id":"other","time":1621427700,"kind":"buy","token":"coin","quantity":1,"price":1,"currency":"usd"}""", "id.other", "id")]
    public async Task A_bad_request_is_answered_by_a_problem_and_changes_nothing(string method, string path, string? body, string code, string field)
    {
        string before = await StateAsync();
        AssertProblem(await silo.Http.SendAsync(new(method), path, body is null ? null : Requests.Json(body)), HttpStatusCode.BadRequest, code, field);
        Assert.Equal(before, await StateAsync());
    }

    [Theory]
    [InlineData("id", "\"\"", "id.invalid")]
    [InlineData("id", "\"a b\"", "id.invalid")]
    [InlineData("id", "5", "json.malformed")]
    [InlineData("time", "\"noon\"", "json.malformed")]
    [InlineData("time", "4102444800", "time.outOfRange")]
    [InlineData("kind", "\"Buy\"", "kind.unknown")]
    [InlineData("kind", "\"swap\"", "kind.unknown")]
    [InlineData("kind", "1", "json.malformed")]
    [InlineData("token", "\"BTC\"", "token.invalid")]
    [InlineData("quantity", "0", "quantity.notPositive")]
    [InlineData("quantity", "-1", "quantity.notPositive")]
    [InlineData("quantity", "\"1\"", "json.malformed")]
    [InlineData("quantity", "1e30", "json.malformed")]
    [InlineData("quantity", "1e24", "number.tooLarge")]
    [InlineData("quantity", "1.2345678901234567890123456789", "json.malformed")] // 29 digits
    [InlineData("price", "null", "price.missing")]
    [InlineData("price", "-1", "price.negative")]
    [InlineData("currency", "null", "currency.invalid")]
    [InlineData("currency", "\"coin\"", "currency.isToken")]
    [InlineData("fees", "[{\"amount\":0,\"currency\":\"usd\"}]", "fee.zero")]
    [InlineData("fees", "[{\"currency\":\"usd\"}]", "entry.incomplete")]
    [InlineData("fees", "[{\"amount\":1,\"currency\":\"US D\"}]", "currency.invalid")]
    [InlineData("note", "5", "json.malformed")]
    public async Task A_bad_field_of_an_entry_is_named_and_nothing_of_the_call_is_taken(string field, string value, string code)
    {
        string before = await StateAsync();
        Dictionary<string, string> fields = new()
        {
            ["id"] = "\"new\"", ["time"] = "1621427700", ["kind"] = "\"buy\"", ["token"] = "\"coin\"", ["quantity"] = "1", ["price"] = "1", ["currency"] = "\"usd\"", ["fees"] = "[]", ["note"] = "null",
            [field] = value,
        };
        string bad = $"{{{string.Join(',', fields.Select(f => $"\"{f.Key}\":{f.Value}"))}}}";

        Answer answer = await PostAsync(silo.Http, "bad", Entry("fine", Start, "buy", "coin", "1", "1"), bad);

        Assert.Equal((HttpStatusCode.BadRequest, code), (answer.Status, answer["code"].GetString()));
        Assert.StartsWith($"entries[1].{field}", answer["field"].GetString(), StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(answer["expected"].GetString()), answer.Text);
        Assert.Equal(before, await StateAsync());
    }

    [Theory]
    [InlineData("GET", "/v1/portfolios/nobody")]
    [InlineData("GET", "/v1/portfolios/nobody/pnl")]
    [InlineData("GET", "/v1/portfolios/nobody/pnl/series")]
    [InlineData("GET", "/v1/portfolios/nobody/lots")]
    [InlineData("GET", "/v1/portfolios/nobody/entries")]
    [InlineData("DELETE", "/v1/portfolios/nobody/entries/a")]
    public async Task A_portfolio_that_nobody_set_up_is_not_found(string method, string path) =>
        AssertProblem(await silo.Http.SendAsync(new(method), path), HttpStatusCode.NotFound, "portfolio.unknown", "id");

    [Fact]
    public async Task Kill_9_loses_no_entry_that_was_acknowledged()
    {
        using DataFolder folder = new();
        List<string> acknowledged = [];
        string before;
        using (SiloProcess first = await SiloProcess.StartAsync(folder))
        {
            await RatesAsync(first.Http, "kept");
            await PutAsync(first.Http, "durable");
            for (int i = 0; i < 20; i++)
            {
                string[] ids = [$"e{i}-0", $"e{i}-1"];
                (await PostAsync(first.Http, "durable", [.. ids.Select(id => Entry(id, Start + i, "buy", "kept", "0.1", "100"))])).Ok();
                acknowledged.AddRange(ids);
            }

            before = (await first.Http.GetAnswerAsync("/v1/portfolios/durable/pnl")).Ok().Text;
            (await first.Http.SendAsync(HttpMethod.Delete, "/v1/portfolios/durable/entries/e3-0")).Ok();
            Assert.Equal(HttpStatusCode.NotFound, (await first.Http.SendAsync(HttpMethod.Put, "/v1/portfolios/durable/entries/e3-0x", Requests.Json(Entry("e3-0x", Start, "buy", "kept", "1", "1")))).Status);
            (await PostAsync(first.Http, "durable", Entry("e3-0", Start + 3, "buy", "kept", "0.1", "100"))).Ok();
            first.Kill();
        }

        using SiloProcess second = await SiloProcess.StartAsync(folder);
        Answer entries = (await second.Http.GetAnswerAsync("/v1/portfolios/durable/entries?limit=1000")).Ok();
        Assert.Equal(acknowledged.Order(StringComparer.Ordinal), entries["items"].EnumerateArray().Select(entry => entry.GetProperty("id").GetString()!).Order(StringComparer.Ordinal));
        JsonElement was = JsonElement.Parse(before), now = (await second.Http.GetAnswerAsync("/v1/portfolios/durable/pnl")).Ok().Json;
        Assert.Equal(was.GetProperty("totalPnl").GetRawText(), now.GetProperty("totalPnl").GetRawText());
        Assert.True(now.GetProperty("revision").GetInt64() > was.GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task The_tool_imports_shows_and_exports_a_ledger_and_names_every_row_that_it_rejects()
    {
        using DataFolder folder = new();
        string server = silo.Http.BaseAddress!.ToString(), csv = Path.Combine(folder.Path, "trades.csv"), exported = Path.Combine(folder.Path, "exported.csv");
        await RatesAsync(silo.Http, "tooled");
        await File.WriteAllTextAsync(csv, """
            id,time,kind,token,quantity,price,currency,fees,note
            s1,2021-05-19T12:50:00.25Z,sell,tooled,0.5,120,usd,,"later, first in the file"
            b1,2021-05-19T12:40:00Z,buy,tooled,2,100.5,usd,1.5 usd; 0.001 tooled,
            x1,yesterday,buy,tooled,2,100.5,usd,,
            x2,2021-05-19T12:40:00Z,swap,tooled,2,100.5,usd,,
            x3,2021-05-19T12:40:00Z,buy,tooled,-2,100.5,usd,,
            """, TestContext.Current.CancellationToken);

        (int put, string terms) = await ToolAsync("portfolio", "put", "tool", "--cost-basis", "hifo", "--server", server);
        (int imported, string import) = await ToolAsync("portfolio", "import", "tool", csv, "--server", server);
        (int added, string add) = await ToolAsync("portfolio", "add", "tool", "buy", "1", "tooled", "--price", "90 usd", "--fee", "0.5 usd", "--id", "b2", "--time", "2021-05-19T12:45:00Z", "--server", server);
        (int shown, string show) = await ToolAsync("portfolio", "show", "tool", "--server", server);
        (int listed, string lots) = await ToolAsync("portfolio", "lots", "tool", "--server", server);
        (int wrote, string export) = await ToolAsync("portfolio", "export", "tool", exported, "--server", server);

        Assert.Equal((0, 0, 0, 0, 0, 0), (put, imported, added, shown, listed, wrote));
        Assert.Contains("hifo", terms, StringComparison.Ordinal);
        Assert.Contains("2 added", import, StringComparison.Ordinal);
        foreach ((int line, string code) in ((int, string)[])[(4, "time.outOfRange"), (5, "kind.unknown"), (6, "quantity.notPositive")])
        {
            Assert.Contains(import.Split('\n'), row => row.Contains($" {line} ", StringComparison.Ordinal) && row.Contains(code, StringComparison.Ordinal));
        }

        Assert.Contains("added: b2", add, StringComparison.Ordinal);
        Assert.Contains("tooled", show, StringComparison.Ordinal);
        Assert.Contains("2021-05-19 12:50", lots, StringComparison.Ordinal);
        Assert.Contains("3 entries", export, StringComparison.Ordinal);
        (_, string again) = await ToolAsync("portfolio", "import", "tool", exported, "--server", server);
        Assert.Contains("0 added, 3 there already", again, StringComparison.Ordinal);
        (int unknown, string message) = await ToolAsync("portfolio", "show", "nobody", "--server", server);
        Assert.Equal(1, unknown);
        Assert.Contains("portfolio.unknown", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_is_no_program_for_a_spreadsheet_comes_back_as_it_was_and_leaves_the_file_before_it_when_it_fails()
    {
        using DataFolder folder = new();
        string server = silo.Http.BaseAddress!.ToString(), file = Path.Combine(folder.Path, "ledger.csv");
        foreach (string portfolio in (string[])["cells", "cells-again"])
        {
            await PutAsync(silo.Http, portfolio);
        }

        string[] notes = ["=1+1", "+x", "-2", "@a", "'=1", "tab\tbed", "two\nlines\r\nand \"quotes\", ", "\t=1"];
        (await silo.Http.SendAsync(HttpMethod.Post, "/v1/portfolios/cells/entries", Requests.Json(JsonSerializer.Serialize(new
        {
            entries = notes.Select((note, i) => new { id = i == 0 ? "=id" : $"e{i}", time = Start, kind = "buy", token = "coin", quantity = 1, price = 2, currency = "usd", fees = new[] { new { amount = -1, currency = "usd" } }, note }),
        })))).Ok();
        await File.WriteAllTextAsync(file, "before", TestContext.Current.CancellationToken);

        (int failed, _) = await ToolAsync("portfolio", "export", "no-such-portfolio", file, "--server", server);
        Assert.NotEqual(0, failed);
        (failed, _) = await ToolAsync("portfolio", "export", "cells", file, "--server", "http://127.0.0.1:9");
        Assert.NotEqual(0, failed);
        Assert.Equal(("before", 1), (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), Directory.GetFiles(folder.Path).Length));

        Assert.Equal(0, (await ToolAsync("portfolio", "export", "cells", file, "--server", server)).Item1);
        string text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        foreach (string formula in (string[])["=id", "=1+1", "+x", "-2", "@a", "-1 usd"])
        {
            Assert.Contains("'" + formula, text, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await ToolAsync("portfolio", "import", "cells-again", file, "--server", server)).Item1);
        string ledger = (await silo.Http.GetAnswerAsync("/v1/portfolios/cells/entries")).Ok().Text;
        Assert.Equal(ledger, (await silo.Http.GetAnswerAsync("/v1/portfolios/cells-again/entries")).Ok().Text);
        Assert.Equal(notes.Order(StringComparer.Ordinal), JsonElement.Parse(ledger).GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("note").GetString()!).Order(StringComparer.Ordinal));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task Portfolios_are_listed_page_by_page_and_deleted_with_their_ledgers()
    {
        using DataFolder folder = new(); // of its own: nobody else's portfolios
        using SiloProcess own = await SiloProcess.StartAsync(folder);
        Answer none = (await own.Http.GetAnswerAsync("/v1/portfolios")).Ok();
        Assert.Equal((0, JsonValueKind.Null), (none["items"].GetArrayLength(), none["nextCursor"].ValueKind));
        foreach (string portfolio in (string[])["c", "a", "b"])
        {
            await PutAsync(own.Http, portfolio);
            (await PostAsync(own.Http, portfolio, Entry("b", Start, "buy", "coin", "1.5", "10"))).Ok();
        }

        Answer first = (await own.Http.GetAnswerAsync("/v1/portfolios?limit=2")).Ok();
        Assert.Equal(["a", "b"], Ids(first));
        Assert.Equal("""{"id":"a","baseCurrency":"usd","costBasis":"fifo","allowShorts":false,"trackCash":false}""", first["items"][0].GetRawText());
        Answer second = (await own.Http.GetAnswerAsync($"/v1/portfolios?limit=2&cursor={first["nextCursor"].GetString()}")).Ok();
        Assert.Equal(["c"], Ids(second));
        Assert.Equal(JsonValueKind.Null, second["nextCursor"].ValueKind);

        string tag = (await own.Http.GetAnswerAsync("/v1/portfolios/b/entries")).ETag!;
        Assert.Equal(HttpStatusCode.NoContent, (await own.Http.SendAsync(HttpMethod.Delete, "/v1/portfolios/b")).Status);
        AssertProblem(await own.Http.SendAsync(HttpMethod.Delete, "/v1/portfolios/b"), HttpStatusCode.NotFound, "portfolio.unknown", "id");
        AssertProblem(await own.Http.GetAnswerAsync("/v1/portfolios/b/pnl"), HttpStatusCode.NotFound, "portfolio.unknown", "id");
        Assert.Equal(["a", "c"], Ids((await own.Http.GetAnswerAsync("/v1/portfolios")).Ok()));

        // One of the same id is another, and no answer of the old one counts as one of it.
        Assert.Equal(HttpStatusCode.Created, (await own.Http.SendAsync(HttpMethod.Put, "/v1/portfolios/b", Requests.Json("""{"baseCurrency":"eur"}"""))).Status);
        (await PostAsync(own.Http, "b", Entry("x", Start, "buy", "coin", "2", "10"))).Ok();
        Answer entries = (await own.Http.GetAnswerAsync("/v1/portfolios/b/entries", ("If-None-Match", tag))).Ok();
        Assert.Equal("x", Assert.Single(entries["items"].EnumerateArray()).GetProperty("id").GetString());

        static string[] Ids(Answer answer) => [.. answer["items"].EnumerateArray().Select(portfolio => portfolio.GetProperty("id").GetString()!)];
    }

    [Fact]
    public async Task A_position_says_whether_its_rate_is_stale()
    {
        await RatesAsync(silo.Http, "aged"); // of 2021
        await silo.Http.RegisterAsync("young");
        (await silo.Http.IngestAsync("young", (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 300 * 300 - 300, 5m))).Ok();
        await PutAsync(silo.Http, "ages");
        await PostAsync(silo.Http, "ages", Entry("a", Start + 300, "buy", "aged", "1", "1"), Entry("b", Start + 300, "buy", "young", "1", "1"));

        Answer pnl = (await silo.Http.GetAnswerAsync("/v1/portfolios/ages/pnl")).Ok();
        Assert.Equal([true, false], pnl["positions"].EnumerateArray().Select(position => position.GetProperty("stale").GetBoolean()));
        Assert.EndsWith("-stale1\"", pnl.ETag, StringComparison.Ordinal);
        Answer then = (await silo.Http.GetAnswerAsync($"/v1/portfolios/ages/pnl?at={Start + 1800}")).Ok();
        Assert.False(then["positions"][0].GetProperty("stale").GetBoolean());
    }

    [Fact]
    public async Task The_tool_lists_follows_and_deletes_portfolios()
    {
        string server = silo.Http.BaseAddress!.ToString();
        await RatesAsync(silo.Http, "followed");
        await PutAsync(silo.Http, "tool-follow");
        await PostAsync(silo.Http, "tool-follow", Entry("a", Start + 300, "buy", "followed", "1", "1"));
        (int listed, string list) = await ToolAsync("portfolio", "list", "--server", server);
        Assert.Equal(0, listed);
        Assert.Contains("tool-follow", list, StringComparison.Ordinal);

        TaskCompletionSource first = new(), second = new();
        using ProgramRun follow = ProgramRun.Start(Built.Tool, ["portfolio", "show", "tool-follow", "--follow", "--server", server], line =>
        {
            (line.Contains("total 104 ", StringComparison.Ordinal) ? first : line.Contains("total 999 ", StringComparison.Ordinal) ? second : null)?.TrySetResult();
        });
        await first.Task.WaitAsync(ToolLimit, TestContext.Current.CancellationToken);
        (await silo.Http.IngestAsync("followed", (Start + 3000, 1000m))).Ok();
        await second.Task.WaitAsync(ToolLimit, TestContext.Current.CancellationToken);

        (int unsure, string question) = await ToolAsync("portfolio", "delete", "tool-follow", "--server", server);
        Assert.NotEqual(0, unsure);
        Assert.Contains("--yes", question, StringComparison.Ordinal);
        Assert.Equal(0, (await ToolAsync("portfolio", "delete", "tool-follow", "--yes", "--server", server)).ExitCode);
        Assert.Equal(1, await follow.ExitAsync(ToolLimit));
        Assert.Contains("portfolio.unknown", follow.Output, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output)> ToolAsync(params string[] arguments) => ProgramRun.ToEndAsync(Built.Tool, ToolLimit, arguments);

    private static string Entry(string id, long time, string kind, string token, string quantity, string price, string fees = "[]") =>
        $$"""{"id":"{{id}}","time":{{time}},"kind":"{{kind}}","token":"{{token}}","quantity":{{quantity}},"price":{{price}},"currency":"usd","fees":{{fees}}}""";

    private static Task<Answer> PostAsync(HttpClient http, string portfolio, params string[] entries) =>
        http.SendAsync(HttpMethod.Post, $"/v1/portfolios/{portfolio}/entries", Requests.Json($$"""{"entries":[{{string.Join(',', entries)}}]}"""));

    private static async Task PutAsync(HttpClient http, string portfolio) =>
        (await http.SendAsync(HttpMethod.Put, $"/v1/portfolios/{portfolio}", Requests.Json("""{"baseCurrency":"usd"}"""))).Ok();

    /// <summary>Six bars: 100, 101, ….</summary>
    private static async Task RatesAsync(HttpClient http, string token)
    {
        await http.RegisterAsync(token);
        (await http.IngestAsync(token, [.. Enumerable.Range(0, 6).Select(i => (Start + 300L * i, 101m + i - 1))])).Ok();
    }

    private static void AssertProblem(Answer answer, HttpStatusCode status, string code, string field)
    {
        Assert.True(answer.Status == status && answer.ContentType == "application/problem+json", $"{(int)answer.Status} {answer.ContentType}: {answer.Text}");
        Assert.Equal((code, field), (answer["code"].GetString(), answer["field"].GetString()));
        Assert.False(string.IsNullOrEmpty(answer["expected"].GetString()), answer.Text);
    }

    private async Task<string> StateAsync()
    {
        await PutAsync(silo.Http, "bad");
        (await PostAsync(silo.Http, "bad", Entry("good", Start, "buy", "coin", "1.5", "10"))).Ok();
        return (await silo.Http.GetAnswerAsync("/v1/portfolios/bad")).Ok().Text + (await silo.Http.GetAnswerAsync("/v1/portfolios/bad/entries")).Ok().Text;
    }
}

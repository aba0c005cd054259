using System.Net;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Portfolios;

/// <summary>Entries as CSV.</summary>
public sealed class LedgerBodyTests(QuietSilo silo)
{
    private const string Header = "id,time,kind,token,quantity,price,currency,fees,note\n";

    [Fact]
    public async Task Rows_become_entries_and_those_that_cannot_are_answered_with_their_lines()
    {
        await SetUpAsync("csv");
        string csv = Header
            + "a,2024-02-01T12:10:00Z,sell,coin,1,3,usd,0.5 usd,out\n" // before what it sells: the order of rows is no matter
            + "b,2024-02-01T12:00:00Z,gift,coin,1,,,,\n"
            + "c,2024-02-01T12:00:00Z,buy,coin,0.1234567890123456789012345678,2,usd,,\n"
            + "d,2024-02-01T12:00:00Z,buy,coin,5,2,usd,,\n"
            + "e,2024-02-01T12:00:00Z,buy,coin,much,2,usd,,\n";

        Answer first = (await PostAsync("csv", csv)).Ok();
        Answer again = (await PostAsync("csv", csv)).Ok();

        Assert.Equal((3, 0), (first["accepted"].GetInt32(), first["unchanged"].GetInt32()));
        Assert.Equal([(3L, "kind.unknown", "kind"), (6L, "row.malformed", "quantity")], first["rejected"].EnumerateArray().Select(row =>
            (row.GetProperty("line").GetInt64(), row.GetProperty("code").GetString()!, row.GetProperty("field").GetString()!)));
        Assert.Equal((0, 3), (again["accepted"].GetInt32(), again["unchanged"].GetInt32()));
        JsonElement[] entries = [.. (await silo.Http.GetAnswerAsync("/v1/portfolios/csv/entries")).Ok()["items"].EnumerateArray()];
        Assert.Equal(["c", "d", "a"], entries.Select(entry => entry.GetProperty("id").GetString()));
        Assert.Equal(0.1234567890123456789012345678m, entries[0].GetProperty("quantity").GetDecimal());
    }

    [Fact]
    public async Task What_the_ledger_refuses_takes_no_row_of_the_file()
    {
        await SetUpAsync("csv-refused");

        Answer answer = await PostAsync("csv-refused", Header + "a,2024-02-01T12:00:00Z,buy,coin,1,2,usd,,\nb,2024-02-01T12:05:00Z,sell,coin,2,2,usd,,\n");

        Assert.Equal((HttpStatusCode.Conflict, "quantity.notHeld"), (answer.Status, answer["code"].GetString()));
        Assert.Empty((await silo.Http.GetAnswerAsync("/v1/portfolios/csv-refused/entries")).Ok()["items"].EnumerateArray());
    }

    [Fact]
    public async Task A_file_of_nothing_but_wrong_rows_says_so_of_each()
    {
        await SetUpAsync("csv-wrong");

        Answer answer = (await PostAsync("csv-wrong", Header + "a,noon,buy,coin,1,2,usd,,\n")).Ok();

        Assert.Equal((0, 1), (answer["accepted"].GetInt32(), answer["rejected"].GetArrayLength()));
    }

    [Theory]
    [InlineData("text/csv", "what,is,this\n1,2,3\n", HttpStatusCode.BadRequest, "csv.malformed", "body")]
    [InlineData("text/csv", "", HttpStatusCode.BadRequest, "csv.malformed", "body")]
    [InlineData("text/plain", Header, HttpStatusCode.UnsupportedMediaType, "contentType.unsupported", "Content-Type")]
    public async Task What_is_no_ledger_is_refused(string type, string body, HttpStatusCode status, string code, string field)
    {
        await SetUpAsync("csv-none");
        Answer answer = await silo.Http.SendAsync(HttpMethod.Post, "/v1/portfolios/csv-none/entries", new StringContent(body, System.Text.Encoding.UTF8, type));

        Assert.Equal((status, code, field), (answer.Status, answer["code"].GetString(), answer["field"].GetString()));
    }

    private Task<Answer> PostAsync(string portfolio, string csv) => silo.Http.SendAsync(HttpMethod.Post, $"/v1/portfolios/{portfolio}/entries", Requests.Csv(csv));

    private async Task SetUpAsync(string portfolio) =>
        (await silo.Http.SendAsync(HttpMethod.Put, $"/v1/portfolios/{portfolio}", Requests.Json("""{"baseCurrency":"usd"}"""))).Ok();
}

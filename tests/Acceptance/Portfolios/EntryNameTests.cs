using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pnl.Client;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Acceptance.Sdk;

namespace Pnl.Tests.Acceptance.Portfolios;

/// <summary>An entry is named by an address: none of its names may be an address of something else.</summary>
public sealed class EntryNameTests(QuietSilo silo)
{
    private const long Start = 1621427700; // 2021-05-19T12:35:00Z

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("%2e%2E")]
    [InlineData("a/../../..")]
    [InlineData("a%2f..")]
    [InlineData("..;x")]
    [InlineData("a\\..\\..")]
    [InlineData("a//b")]
    public async Task A_name_that_an_address_changes_is_refused_in_JSON_and_in_CSV(string name)
    {
        await PutAsync("refused");

        Answer json = await PostAsync("refused", name);
        Answer csv = (await silo.Http.SendAsync(HttpMethod.Post, "/v1/portfolios/refused/entries", Requests.Csv($"id,time,kind,token,quantity,price,currency,fees,note\n{name},2021-05-19T12:35:00Z,buy,coin,1,2,usd,,\n"))).Ok();

        Assert.Equal((HttpStatusCode.BadRequest, "id.invalid", "entries[0].id"), (json.Status, json["code"].GetString(), json["field"].GetString()));
        Assert.Equal("id.invalid", Assert.Single(csv["rejected"].EnumerateArray()).GetProperty("code").GetString());
        Assert.Empty(await IdsAsync("refused"));
    }

    [Theory]
    [InlineData("DELETE", "..")]
    [InlineData("DELETE", "%2e%2e")]
    [InlineData("DELETE", ".%2E")]
    [InlineData("DELETE", "../")]
    [InlineData("DELETE", "kept/..")]
    [InlineData("DELETE", "x%2F..%2F..")]
    [InlineData("DELETE", "x%5C..")]
    [InlineData("DELETE", "..%3Bx")]
    [InlineData("DELETE", ".")]
    [InlineData("DELETE", "")]
    [InlineData("PUT", "..")]
    [InlineData("PUT", "%2e%2e")]
    [InlineData("POST", "%2e%2e/entries")]
    public async Task A_change_at_an_address_with_dots_changes_nothing(string method, string last)
    {
        await PutAsync("dotted");
        (await PostAsync("dotted", "kept")).Ok();

        (int status, string code, string text) = await RawHttp.SendAsync(
            silo.Http.BaseAddress!, $"{method} /v1/portfolios/dotted/entries/{last}", method == "DELETE" ? null : """{"baseCurrency":"eur"}""", ("Content-Type", "application/json"));

        Assert.True((status, code) == (400, "path.ambiguous"), $"{status}: {text}");
        Assert.Equal(["kept"], await IdsAsync("dotted"));
        Assert.Equal("usd", (await silo.Http.GetAnswerAsync("/v1/portfolios/dotted")).Ok()["baseCurrency"].GetString());
    }

    /// <summary>What browsers, HttpClient and curl send of <c>entries/..</c>.</summary>
    [Fact]
    public async Task What_a_client_leaves_of_dots_deletes_no_portfolio()
    {
        await PutAsync("left");

        Answer answer = await silo.Http.SendAsync(HttpMethod.Delete, "/v1/portfolios/left/entries/..");

        Assert.Equal((HttpStatusCode.BadRequest, "path.ambiguous", "path"), (answer.Status, answer["code"].GetString(), answer["field"].GetString()));
        (await silo.Http.GetAnswerAsync("/v1/portfolios/left")).Ok();
        Assert.Equal(HttpStatusCode.NoContent, (await silo.Http.SendAsync(HttpMethod.Delete, "/v1/portfolios/left")).Status);
    }

    [Theory]
    [InlineData("2021/05/trade-1")]
    [InlineData("2021%2F05")]
    [InlineData("a%252Fb")]
    [InlineData("a?b=c#d;e")]
    [InlineData("100%")]
    [InlineData("%25")]
    [InlineData("a+b")]
    [InlineData("[x]\\y|z")]
    public async Task Any_name_that_is_taken_is_addressed_by_its_encoding_and_by_the_query(string name)
    {
        await PutAsync("encoded");
        string encoded = Uri.EscapeDataString(name);
        foreach (string address in (string[])[$"/v1/portfolios/encoded/entries/{encoded}", $"/v1/portfolios/encoded/entries?id={encoded}"])
        {
            (await PostAsync("encoded", name, "2021/05", "other")).Ok();

            (int corrected, _, string text) = await RawHttp.SendAsync(silo.Http.BaseAddress!, "PUT " + address, Entry(name, 7), ("Content-Type", "application/json"));
            Assert.True(corrected == 200, text);
            Assert.Equal(7m, (await ItemsAsync("encoded")).Single(entry => entry.GetProperty("id").GetString() == name).GetProperty("quantity").GetDecimal());
            (int deleted, _, text) = await RawHttp.SendAsync(silo.Http.BaseAddress!, "DELETE " + address);
            Assert.True(deleted == 200, text);
            Assert.Equal(["2021/05", "other"], await IdsAsync("encoded"));
        }
    }

    [Fact]
    public async Task A_query_without_an_id_names_no_entry()
    {
        await PutAsync("unnamed");
        foreach (string query in (string[])["", "?id="])
        {
            Answer answer = await silo.Http.SendAsync(HttpMethod.Delete, "/v1/portfolios/unnamed/entries" + query);

            Assert.Equal((HttpStatusCode.BadRequest, "id.missing", "id"), (answer.Status, answer["code"].GetString(), answer["field"].GetString()));
        }
    }

    [Fact]
    public async Task What_was_stored_under_such_a_name_before_is_listed_corrected_sent_again_and_deleted()
    {
        string[] names = ["..", ".", "a/../b", "%2e%2e", "z"];
        using DataFolder folder = new();
        await using (SqliteDatabase database = SqliteDatabase.Open(folder.Path))
        {
            SqlitePortfolioStore store = new(database);
            await store.WriteAsync(new(
                "old", null, 0, new(1, new("usd", CostBasis.Fifo, AllowShorts: false, TrackCash: false), 1, null),
                [.. names.Select(name => new LedgerEntry(name, DateTimeOffset.FromUnixTimeSeconds(Start), EntryKind.Buy, "coin", 1m, 2m, "usd", [], null))], []));
        }

        using SiloProcess server = await SiloProcess.StartAsync(folder);
        await using ServiceProvider services = SdkService.OverHttp(server.Http.BaseAddress!);
        IPnlClient client = services.GetRequiredService<IPnlClient>();
        PortfolioEntry[] stored = (await client.GetEntriesAsync("old", cancellation: Cancellation)).Items;
        Assert.Equal(names.Order(StringComparer.Ordinal), stored.Select(entry => entry.Id));
        Assert.Equal((0, 5), ((await client.PostEntriesAsync("old", stored, Cancellation)) is { } again ? (again.Accepted, again.Unchanged) : default));

        foreach (PortfolioEntry entry in stored[..^1])
        {
            await client.CorrectEntryAsync("old", entry with { Quantity = 3m }, Cancellation);
            Assert.Equal(3m, (await client.GetEntriesAsync("old", cancellation: Cancellation)).Items.Single(e => e.Id == entry.Id).Quantity);
            await client.DeleteEntryAsync("old", entry.Id, Cancellation);
        }

        Assert.Equal(["z"], (await client.GetEntriesAsync("old", cancellation: Cancellation)).Items.Select(entry => entry.Id));
        Assert.Equal(EntryCodes.IdInvalid, (await Assert.ThrowsAsync<LedgerRefusedException>(() => client.PostEntriesAsync("old", [stored[0]], Cancellation))).Refused!.Code); // gone is gone
    }

    private async Task PutAsync(string portfolio) =>
        (await silo.Http.SendAsync(HttpMethod.Put, $"/v1/portfolios/{portfolio}", Requests.Json("""{"baseCurrency":"usd"}"""))).Ok();

    private Task<Answer> PostAsync(string portfolio, params string[] names) =>
        silo.Http.SendAsync(HttpMethod.Post, $"/v1/portfolios/{portfolio}/entries", Requests.Json($$"""{"entries":[{{string.Join(',', names.Select(name => Entry(name, 1)))}}]}"""));

    private static string Entry(string name, int quantity) =>
        $$"""{"id":{{JsonSerializer.Serialize(name)}},"time":{{Start}},"kind":"buy","token":"coin","quantity":{{quantity}},"price":2,"currency":"usd"}""";

    private async Task<JsonElement[]> ItemsAsync(string portfolio) => [.. (await silo.Http.GetAnswerAsync($"/v1/portfolios/{portfolio}/entries")).Ok()["items"].EnumerateArray()];

    private async Task<string[]> IdsAsync(string portfolio) => [.. (await ItemsAsync(portfolio)).Select(entry => entry.GetProperty("id").GetString()!)];
}

using System.Net;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Contract;

/// <summary>What may be made has bounds, what is there can be deleted, and pages that no longer go together are said to.</summary>
public sealed class BoundsTests
{
    private const long Start = 1_705_708_800; // 2024-01-20

    [Fact]
    public async Task Growth_is_refused_by_its_bound_and_deletion_is_confirmed()
    {
        using DataFolder folder = new(), files = new();
        await File.WriteAllTextAsync(Path.Combine(files.Path, "FFF-USD.csv"), $"time,rate\n{Start},1\n{Start + 300},2\n", TestContext.Current.CancellationToken);
        using SiloProcess silo = await SiloProcess.StartAsync(folder,
            "--Pnl:Quotas:Tokens=3", "--Pnl:Quotas:Portfolios=2", "--Pnl:Quotas:Entries=2", "--Pnl:Quotas:NamesAnHour=5", "--Pnl:Sources:Files:Path", files.Path);
        HttpClient http = silo.Http;
        foreach (string token in (string[])["aaa", "bbb", "ccc"])
        {
            await http.RegisterAsync(token);
        }

        await AssertRefusedAsync(http.SendAsync(HttpMethod.Put, "/v1/tokens/ddd", Requests.Json("{}")), HttpStatusCode.Conflict, "tokens.tooMany");
        await http.RegisterAsync("aaa", """{"name":"as before"}""");
        foreach (string portfolio in (string[])["p", "q"])
        {
            (await PutPortfolioAsync(portfolio)).Ok();
        }

        await AssertRefusedAsync(PutPortfolioAsync("r"), HttpStatusCode.Conflict, "portfolios.tooMany");
        (await PostAsync("a", "b")).Ok();
        await AssertRefusedAsync(PostAsync("c"), HttpStatusCode.Conflict, "ledger.full");
        (await PostAsync("a", "b")).Ok(); // as before
        (await http.SendAsync(HttpMethod.Delete, "/v1/portfolios/p/entries/a")).Ok();
        (await PostAsync("c")).Ok();

        (await http.IngestAsync("bbb", [.. Enumerable.Range(0, 100).Select(i => (Start + 300L * i, 1m + i))])).Ok();
        string range = $"from={Start + 3000}&to={Start + 6000}";
        await AssertRefusedAsync(http.SendAsync(HttpMethod.Delete, $"/v1/tokens/bbb/rates?{range}"), HttpStatusCode.BadRequest, "confirm.missing");
        await AssertRefusedAsync(http.SendAsync(HttpMethod.Delete, $"/v1/tokens/bbb/rates?{range}&confirm=aaa"), HttpStatusCode.BadRequest, "confirm.missing");
        await AssertRefusedAsync(http.SendAsync(HttpMethod.Delete, $"/v1/tokens/bbb/rates?from={Start}&confirm=bbb"), HttpStatusCode.BadRequest, "range.missing");
        Assert.Equal(10, (await http.SendAsync(HttpMethod.Delete, $"/v1/tokens/bbb/rates?{range}&confirm=bbb")).Ok()["removed"].GetInt32());
        Assert.Equal(90, (await http.GetAnswerAsync("/v1/tokens/bbb")).Ok()["bars"].GetInt32());

        // A page goes with those before it, or is refused.
        Answer first = (await http.GetAnswerAsync("/v1/tokens/bbb/pnl/series?interval=5m&limit=50")).Ok();
        string next = $"/v1/tokens/bbb/pnl/series?interval=5m&limit=50&cursor={first["nextCursor"].GetString()}";
        (await http.IngestAsync("bbb", (Start + 300L * 200, 5m))).Ok();
        Assert.Equal(41, (await http.GetAnswerAsync(next)).Ok().Times().Length); // a bar behind the page changes nothing of those before
        (await http.IngestAsync("bbb", (Start + 300, 7m))).Ok();
        await AssertRefusedAsync(http.GetAnswerAsync(next), HttpStatusCode.Conflict, "series.changed");

        // So does one of a portfolio.
        (await http.SendAsync(HttpMethod.Delete, "/v1/portfolios/p/entries/b")).Ok();
        (await http.SendAsync(HttpMethod.Post, "/v1/portfolios/p/entries", Requests.Json(
            $$"""{"entries":[{"id":"held","time":"{{DateTimeOffset.FromUnixTimeSeconds(Start + 300):yyyy-MM-ddTHH:mm:ssZ}}","kind":"buy","token":"bbb","quantity":1,"price":1,"currency":"usd"}]}"""))).Ok();
        Answer points = (await http.GetAnswerAsync("/v1/portfolios/p/pnl/series?interval=1h&limit=2")).Ok(), lots = (await http.GetAnswerAsync("/v1/portfolios/p/lots?limit=1")).Ok();
        string nextPoints = $"/v1/portfolios/p/pnl/series?interval=1h&limit=2&cursor={points["nextCursor"].GetString()}", nextLots = $"/v1/portfolios/p/lots?limit=1&cursor={lots["nextCursor"].GetString()}";
        (await http.IngestAsync("bbb", (Start + 300L * 300, 5m))).Ok();
        (await http.GetAnswerAsync(nextPoints)).Ok();
        (await http.GetAnswerAsync(nextLots)).Ok();
        (await http.SendAsync(HttpMethod.Put, "/v1/portfolios/p/entries/held", Requests.Json(
            $$"""{"time":"{{DateTimeOffset.FromUnixTimeSeconds(Start + 300):yyyy-MM-ddTHH:mm:ssZ}}","kind":"buy","token":"bbb","quantity":2,"price":1,"currency":"usd"}"""))).Ok();
        await AssertRefusedAsync(http.GetAnswerAsync(nextPoints), HttpStatusCode.Conflict, "series.changed");
        await AssertRefusedAsync(http.GetAnswerAsync(nextLots), HttpStatusCode.Conflict, "series.changed");
        await AssertRefusedAsync(http.SendAsync(HttpMethod.Delete, "/v1/tokens/bbb?confirm=bbb"), HttpStatusCode.Conflict, "token.held");
        await AssertRefusedAsync(http.SendAsync(HttpMethod.Delete, "/v1/tokens/bbb?confirm=bbb&force=maybe"), HttpStatusCode.BadRequest, "force.unknown");

        string etag = (await http.GetAnswerAsync("/v1/tokens/bbb/pnl")).Ok().ETag!;
        await AssertRefusedAsync(http.SendAsync(HttpMethod.Delete, "/v1/tokens/bbb"), HttpStatusCode.BadRequest, "confirm.missing");
        Assert.Equal(92, (await DeleteAsync("tokens/bbb", "bbb&force=true"))["removed"].GetInt32());
        Assert.False((await http.GetAnswerAsync("/v1/portfolios/p/pnl")).Ok()["complete"].GetBoolean());
        await AssertRefusedAsync(http.GetAnswerAsync("/v1/tokens/bbb/pnl"), HttpStatusCode.NotFound, "token.unknown");
        await UntilAsync(() => http.SendAsync(HttpMethod.Put, "/v1/tokens/bbb", Requests.Json("{}")), HttpStatusCode.TooManyRequests, "names.tooMany");
        Assert.NotEqual(etag, (await http.GetAnswerAsync("/v1/tokens/ccc/pnl")).ETag);

        string backfill = (await http.SendAsync(HttpMethod.Post, "/v1/backfills", Requests.Json("""{"source":"files","tokens":"all"}""")))["id"].GetString()!;
        for (long began = Environment.TickCount64; (await http.GetAnswerAsync($"/v1/backfills/{backfill}")).Ok()["status"].GetString() is "planned" or "running";)
        {
            Assert.True(Environment.TickCount64 - began < 60_000, "the backfill does not end");
            await Task.Delay(50, TestContext.Current.CancellationToken); // how far it is can only be asked for
        }

        await AssertRefusedAsync(http.SendAsync(HttpMethod.Delete, $"/v1/backfills/{backfill}?forget=true"), HttpStatusCode.BadRequest, "confirm.missing");
        Assert.Equal(HttpStatusCode.NoContent, (await http.SendAsync(HttpMethod.Delete, $"/v1/backfills/{backfill}?forget=true&confirm={backfill}")).Status);
        await AssertRefusedAsync(http.GetAnswerAsync($"/v1/backfills/{backfill}"), HttpStatusCode.NotFound, "backfill.unknown");
        Answer another = await http.SendAsync(HttpMethod.Post, "/v1/backfills", Requests.Json("""{"source":"files","tokens":"all"}"""));
        Assert.NotEqual(backfill, another["id"].GetString()); // no id is given twice

        async Task<Answer> DeleteAsync(string path, string confirm) => (await http.SendAsync(HttpMethod.Delete, $"/v1/{path}?confirm={confirm}")).Ok();
        Task<Answer> PutPortfolioAsync(string id) => http.SendAsync(HttpMethod.Put, $"/v1/portfolios/{id}", Requests.Json("""{"baseCurrency":"usd"}"""));
        Task<Answer> PostAsync(params string[] ids) => http.SendAsync(HttpMethod.Post, "/v1/portfolios/p/entries", Requests.Json(
            $$"""{"entries":[{{string.Join(',', ids.Select(id => $$"""{"id":"{{id}}","time":"2024-02-01T00:00:00Z","kind":"buy","token":"aaa","quantity":1,"price":1,"currency":"usd"}"""))}}]}"""));
    }

    private static async Task AssertRefusedAsync(Task<Answer> asked, HttpStatusCode status, string code)
    {
        Answer answer = await asked;
        Assert.True(answer.Status == status && answer["code"].GetString() == code, $"{(int)answer.Status}: {answer.Text}");
    }

    private static async Task UntilAsync(Func<Task<Answer>> ask, HttpStatusCode status, string code)
    {
        for (long began = Environment.TickCount64; ;)
        {
            Answer answer = await ask();
            if (answer.Status == status)
            {
                Assert.Equal(code, answer["code"].GetString());
                return;
            }

            Assert.True(Environment.TickCount64 - began < 30_000, $"{(int)answer.Status}: {answer.Text}");
            await Task.Delay(200, TestContext.Current.CancellationToken); // a count is made again after some seconds
        }
    }
}

using System.Net;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Access;

/// <summary>A portfolio is its owner's: to anybody else it is as if it had never been.</summary>
[Collection(GuardedSilo.Collection)]
public sealed class OwnershipTests(GuardedSilo silo)
{
    private const string Terms = """{"baseCurrency":"usd","costBasis":"fifo"}""", Entry = """{"id":"e1","time":"2021-05-19T12:00:00Z","kind":"deposit","token":"guarded","quantity":1}""";

    [Fact]
    public async Task Nobody_but_its_owner_sees_that_a_portfolio_exists()
    {
        string id = "p" + Guid.NewGuid().ToString("n")[..8];
        (string, string) alice = ("X-Api-Key", (await silo.MakeKeyAsync("alice", id + "-alice", Scope.Read, Scope.Portfolio)).Key);
        (string, string) bob = ("X-Api-Key", (await silo.MakeKeyAsync("bob", id + "-bob", Scope.Read, Scope.Portfolio)).Key);
        (string, string) carol = ("Authorization", "Bearer " + await silo.Issuer.TokenAsync("carol", "pnl.read pnl.portfolio", GuardedSilo.Audience));
        Assert.Equal(HttpStatusCode.Created, (await PutAsync(id, alice)).Status);
        (await silo.Http.SendAsync(HttpMethod.Post, $"/v1/portfolios/{id}/entries", Requests.Json($$"""{"entries":[{{Entry}}]}"""), alice)).Ok();

        foreach ((string, string) other in ((string, string)[])[bob, carol, GuardedSilo.Admin])
        {
            Assert.DoesNotContain(id, (await silo.Http.GetAnswerAsync("/v1/portfolios?limit=1000", other)).Ok().Text, StringComparison.Ordinal);
            foreach ((string method, string path, string? body) in ((string, string, string?)[])
            [
                ("GET", "/v1/portfolios/{0}", null), ("DELETE", "/v1/portfolios/{0}", null), ("GET", "/v1/portfolios/{0}/entries", null), ("GET", "/v1/portfolios/{0}/pnl", null),
                ("GET", "/v1/portfolios/{0}/pnl/series", null), ("GET", "/v1/portfolios/{0}/lots", null), ("GET", "/v1/stream?portfolio={0}", null),
                ("POST", "/v1/portfolios/{0}/entries", $$"""{"entries":[{{Entry}}]}"""), ("PUT", "/v1/portfolios/{0}/entries/e1", Entry), ("DELETE", "/v1/portfolios/{0}/entries/e1", null),
            ])
            {
                // As of one that never was, to the letter.
                Answer there = await AskAsync(method, path, id, body, other), nowhere = await AskAsync(method, path, "never-was", body, other);
                Assert.Equal(HttpStatusCode.NotFound, there.Status);
                Assert.Equal(Told(nowhere).Replace("never-was", id, StringComparison.Ordinal), Told(there));
            }
        }

        Assert.Equal(HttpStatusCode.Created, (await PutAsync(id, bob)).Status); // not even that the id is taken
        Assert.Equal((1, 0), (await EntriesAsync(id, alice), await EntriesAsync(id, bob)));
        Assert.Equal(HttpStatusCode.NoContent, (await AskAsync("DELETE", "/v1/portfolios/{0}", id, null, bob)).Status);
        Assert.Equal(1, await EntriesAsync(id, alice));
        Assert.Equal(id, Assert.Single((await silo.Http.GetAnswerAsync("/v1/portfolios", alice)).Ok()["items"].EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Keys_of_one_owner_see_the_same_and_lists_page_through_his_alone()
    {
        string owner = "o" + Guid.NewGuid().ToString("n")[..8];
        (string, string) one = ("X-Api-Key", (await silo.MakeKeyAsync("one", owner, Scope.Read, Scope.Portfolio)).Key);
        (string, string) two = ("X-Api-Key", (await silo.MakeKeyAsync("two", owner, Scope.Read)).Key);
        (string, string) next = ("X-Api-Key", (await silo.MakeKeyAsync("next", owner + "-", Scope.Read, Scope.Portfolio)).Key);
        foreach (string id in (string[])["a", "b", "c"])
        {
            (await PutAsync(id, one)).Ok();
            (await PutAsync(id + "-next", next)).Ok();
        }

        Answer first = (await silo.Http.GetAnswerAsync("/v1/portfolios?limit=2", two)).Ok();
        Answer last = (await silo.Http.GetAnswerAsync($"/v1/portfolios?limit=2&cursor={first["nextCursor"].GetString()}", two)).Ok();

        Assert.Equal(["a", "b"], first["items"].EnumerateArray().Select(item => item.GetProperty("id").GetString()));
        Assert.Equal(["c"], last["items"].EnumerateArray().Select(item => item.GetProperty("id").GetString()));
        Assert.Equal(JsonValueKind.Null, last["nextCursor"].ValueKind);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync("DELETE", "/v1/portfolios/{0}", "a", null, two)).Status);
    }

    [Fact]
    public async Task A_stream_ends_soon_after_its_key_was_taken_back()
    {
        (string keyId, string key) = await silo.MakeKeyAsync("listener", "listener", Scope.Read);
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/stream?tokens=" + GuardedSilo.Token) { Headers = { { "X-Api-Key", key } } };
        using HttpResponseMessage stream = await silo.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await silo.Http.SendAsync(HttpMethod.Delete, $"/v1/keys/{keyId}", null, GuardedSilo.Admin)).Status);

        await stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken); // to the end, which comes
        Assert.Equal(HttpStatusCode.Unauthorized, (await silo.Http.GetAnswerAsync("/v1/tokens", ("X-Api-Key", key))).Status);
    }

    private Task<Answer> PutAsync(string id, (string, string) who) => silo.Http.SendAsync(HttpMethod.Put, $"/v1/portfolios/{id}", Requests.Json(Terms), who);

    private Task<Answer> AskAsync(string method, string path, string id, string? body, (string, string) who) =>
        silo.Http.SendAsync(new(method), string.Format(System.Globalization.CultureInfo.InvariantCulture, path, id), body is null ? null : Requests.Json(body), who);

    private async Task<int> EntriesAsync(string id, (string, string) who) => (await silo.Http.GetAnswerAsync($"/v1/portfolios/{id}/entries", who)).Ok()["items"].GetArrayLength();

    private static string Told(Answer answer) => string.Join(' ', answer.Json.EnumerateObject().Where(property => property.Name != "traceId").Select(property => property.ToString()));
}

using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Access;

/// <summary>The audit log: each change of somebody known is there before it is answered, to be asked for by admins.</summary>
[Collection(GuardedSilo.Collection)]
public sealed class AuditTests(GuardedSilo silo)
{
    [Fact]
    public async Task A_change_is_there_once_it_is_answered_newest_first_with_who_and_what_came_of_it()
    {
        string name = "audit-" + Guid.NewGuid().ToString("n")[..8];
        (string id, string key) = await silo.MakeKeyAsync(name, "local", Scope.Ingest);
        (string, string) who = ("X-Api-Key", key);

        (await silo.Http.SendAsync(HttpMethod.Put, "/v1/tokens/" + GuardedSilo.Token, Requests.Json("{}"), who)).Ok();
        await silo.Http.SendAsync(HttpMethod.Put, "/v1/tokens/WRONG?secret=hidden", Requests.Json("""{"name":"hidden"}"""), who);
        await silo.Http.SendAsync(HttpMethod.Delete, "/v1/keys/none-such", null, who);
        await silo.Http.GetAnswerAsync("/v1/tokens", who); // no change

        Answer audit = await AuditAsync("who=" + name);
        Assert.Equal(
            [("DELETE /v1/keys/none-such", 403), ("PUT /v1/tokens/WRONG", 400), ("PUT /v1/tokens/guarded", 200)],
            Items(audit).Select(entry => (entry.GetProperty("what").GetString()!, entry.GetProperty("status").GetInt32())));
        Assert.All(Items(audit), entry => Assert.Equal(($"key {id} {name}", "127.0.0.1"), (entry.GetProperty("who").GetString(), entry.GetProperty("address").GetString())));
        Assert.DoesNotContain("hidden", audit.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(key, audit.Text, StringComparison.Ordinal);
        Assert.Equal("POST /v1/keys", Items(await AuditAsync("what=post%20/V1/keys&limit=1"))[0].GetProperty("what").GetString());
        Assert.Equal("cursor.malformed", (await silo.Http.GetAnswerAsync("/v1/audit?cursor=x", GuardedSilo.Admin))["code"].GetString());
        Assert.Equal("who.malformed", (await silo.Http.GetAnswerAsync("/v1/audit?who=", GuardedSilo.Admin))["code"].GetString());
    }

    [Fact]
    public async Task Whoever_is_not_known_fills_the_log_and_not_what_is_kept()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await silo.Http.SendAsync(HttpMethod.Delete, "/v1/tokens/unknown-asks")).Status);

        Assert.Empty(Items(await AuditAsync("what=unknown-asks")));
    }

    [Fact]
    public async Task Pages_join_to_all_that_was_asked_for_over_more_than_is_kept_as_one()
    {
        string name = "pages-" + Guid.NewGuid().ToString("n")[..8];
        (string, string) who = ("X-Api-Key", (await silo.MakeKeyAsync(name, "local", Scope.Ingest)).Key);
        await Task.WhenAll(Enumerable.Range(0, 600).Select(i => silo.Http.SendAsync(HttpMethod.Delete, $"/v1/backfills/none-{i}", null, who)));

        List<JsonElement> all = [];
        string? cursor = null;
        do
        {
            Answer page = await AuditAsync($"who={name}&limit=70" + (cursor is null ? "" : "&cursor=" + cursor));
            all.AddRange(Items(page));
            cursor = page["nextCursor"].GetString();
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 600).Select(i => $"DELETE /v1/backfills/none-{i}").Order(), all.Select(entry => entry.GetProperty("what").GetString()).Order());
        long[] numbers = [.. all.Select(entry => entry.GetProperty("number").GetInt64())];
        Assert.Equal(numbers.OrderDescending(), numbers);
    }

    [Fact]
    public async Task What_was_answered_is_there_after_kill_9()
    {
        string admin = ApiKey.Of(RandomNumberGenerator.GetBytes(ApiKey.RandomBytes));
        string[] settings = ["--Pnl:Feed=none", "--Pnl:Access=required", "--Pnl:Access:AdminKeyHash", ApiKey.Hash(admin)];
        using DataFolder folder = new();
        using (SiloProcess first = await SiloProcess.ListeningAsync(folder, settings))
        {
            await first.ReadyAsync(TimeSpan.FromMinutes(2));
            (await first.Http.SendAsync(HttpMethod.Put, "/v1/tokens/kept", Requests.Json("{}"), ("X-Api-Key", admin))).Ok();
            first.Kill();
        }

        using SiloProcess again = await SiloProcess.ListeningAsync(folder, settings);
        await again.ReadyAsync(TimeSpan.FromMinutes(2));
        Assert.Equal("PUT /v1/tokens/kept", Assert.Single(Items((await again.Http.GetAnswerAsync("/v1/audit", ("X-Api-Key", admin))).Ok())).GetProperty("what").GetString());
    }

    private async Task<Answer> AuditAsync(string query) => (await silo.Http.GetAnswerAsync("/v1/audit?" + query, GuardedSilo.Admin)).Ok();

    private static JsonElement[] Items(Answer answer) => [.. answer["items"].EnumerateArray()];
}

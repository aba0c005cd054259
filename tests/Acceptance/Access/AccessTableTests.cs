using System.Net;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Access;

/// <summary>Who may do what: every call, by everybody who may come.</summary>
[Collection(GuardedSilo.Collection)]
public sealed class AccessTableTests(GuardedSilo silo)
{
    public static TheoryData<string> Calls => [.. Call.All.Select(call => call.ToString())];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_is_answered_to_those_who_may_make_it_and_to_nobody_else(string name)
    {
        Call call = Call.All.Single(c => c.ToString() == name);
        foreach (Role role in silo.Roles)
        {
            Answer answer = await silo.Http.SendAsync(
                new(call.Method), call.Asked ?? call.Path, call.Body is { } body ? Requests.Json(body) : null, role.Header is { } header ? [header] : []);

            int status = (int)answer.Status;
            if (role.Refusal(call.Needs) is { } refusal)
            {
                Assert.True(status == refusal, $"{call} by {role}: {status} instead of {refusal}: {answer.Text}");
                Assert.Equal(refusal == 401 ? "access.unknown" : "access.forbidden", answer["code"].GetString());
                Assert.Equal(refusal == 401, answer.Headers.WwwAuthenticate.Count > 0);
            }
            else
            {
                Assert.True(call.Status == 0 ? status is not (401 or 403) : status == call.Status, $"{call} by {role}: {status} instead of {call.Status}: {answer.Text}");
            }
        }
    }

    [Fact]
    public async Task The_table_has_every_call_of_the_document_and_the_document_its_scope()
    {
        JsonElement document = (await silo.Http.GetAnswerAsync("/openapi/v1.json")).Ok().Json;

        var described = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(call => (
            Call: $"{call.Name.ToUpperInvariant()} {path.Name}",
            Schemes: string.Join(' ', (call.Value.TryGetProperty("security", out JsonElement security) ? security.EnumerateArray() : []).SelectMany(one => one.EnumerateObject()).Select(one => $"{one.Name}:{one.Value[0].GetString()}")))));

        Assert.Equal(
            Call.All.Where(call => call.Path.StartsWith("/v1/", StringComparison.Ordinal)).Select(call => (call.ToString(), call.Needs is null ? "" : $"bearer:{call.Needs} apiKey:{call.Needs}")).Order(),
            described.Order());
        Assert.Equal(["apiKey", "bearer"], document.GetProperty("components").GetProperty("securitySchemes").EnumerateObject().Select(scheme => scheme.Name).Order());
    }

    [Theory]
    [InlineData("Authorization", "Bearer {0}")]
    [InlineData("authorization", "bearer {0}")]
    [InlineData("X-Api-Key", "{0}")]
    [InlineData("Authorization", "Basic {0}")]
    public async Task A_key_is_taken_in_each_of_its_ways(string header, string form)
    {
        string key = form.StartsWith("Basic", StringComparison.Ordinal) ? Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes("anybody:" + GuardedSilo.AdminKey)) : GuardedSilo.AdminKey;

        (await silo.Http.GetAnswerAsync("/v1/keys", (header, string.Format(System.Globalization.CultureInfo.InvariantCulture, form, key)))).Ok();
    }

    [Fact]
    public async Task A_browser_is_asked_for_a_key_by_its_window_and_another_sites_page_cannot_use_it()
    {
        string basic = "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(":" + GuardedSilo.AdminKey));

        Answer page = await silo.Http.GetAnswerAsync("/", ("Accept", "text/html"));
        Answer call = await silo.Http.GetAnswerAsync("/v1/tokens", ("Accept", "application/json"));
        Answer foreign = await silo.Http.SendAsync(HttpMethod.Post, "/v1/backfills/b99/pause", null, ("Authorization", basic), ("Sec-Fetch-Site", "cross-site"));
        Answer own = await silo.Http.SendAsync(HttpMethod.Post, "/v1/backfills/b99/pause", null, ("Authorization", basic), ("Sec-Fetch-Site", "same-origin"));

        Assert.Contains("Basic", page.Headers.WwwAuthenticate.Select(way => way.Scheme));
        Assert.DoesNotContain("Basic", call.Headers.WwwAuthenticate.Select(way => way.Scheme));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.NotFound), (foreign.Status, own.Status));
    }

    [Fact]
    public async Task The_log_tells_who_changed_what_and_no_secret()
    {
        foreach (Role role in silo.Roles)
        {
            await silo.Http.SendAsync(HttpMethod.Put, "/v1/tokens/" + GuardedSilo.Token, Requests.Json("{}"), role.Header is { } header ? [header] : []);
        }

        (string id, string key) = await silo.MakeKeyAsync("audited", "audited", Scope.Ingest);
        await silo.Http.SendAsync(HttpMethod.Put, "/v1/tokens/BAD?secret=hidden", Requests.Json("{}"), ("X-Api-Key", key));
        while (!silo.Output.Contains("PUT /v1/tokens/BAD", StringComparison.Ordinal))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken); // its console is behind it
        }

        string output = silo.Output;
        Assert.Contains($"key {id} audited from 127.0.0.1: PUT /v1/tokens/BAD: 400", output, StringComparison.Ordinal);
        Assert.Contains("nobody known from 127.0.0.1: PUT /v1/tokens/guarded: 401", output, StringComparison.Ordinal);
        Assert.Contains($"somebody-ingest of {new Uri(silo.Issuer.Address, "/")} from 127.0.0.1: PUT /v1/tokens/guarded: 200", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", output, StringComparison.Ordinal);
        Assert.DoesNotContain(key, output, StringComparison.Ordinal);
        Assert.All(silo.Roles.Select(role => role.Secret).OfType<string>(), secret => Assert.DoesNotContain(secret, output, StringComparison.Ordinal));
    }
}

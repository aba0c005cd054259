using System.Net;
using System.Security.Cryptography;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Access;

/// <summary>What the settings of access do, and keys over the lives of a silo.</summary>
public sealed class AccessSettingTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly string Key = ApiKey.Of(RandomNumberGenerator.GetBytes(ApiKey.RandomBytes));
    private static readonly string[] Guarded = ["--Pnl:Feed=none", "--Pnl:Access=required", "--Pnl:Access:AdminKeyHash", ApiKey.Hash(Key)];

    [Theory]
    [InlineData("Pnl:Access is 'none'; it may be required", "--urls", "http://0.0.0.0:0")]
    [InlineData("Pnl:Access is 'none'; it may be required", "--urls", "http://*:0")]
    [InlineData("Pnl:Access is 'none'; it may be required", "--urls", "http://127.0.0.1:0;http://[::]:0")]
    [InlineData("Pnl:Access is 'none'; it may be required", "--Kestrel:Endpoints:Other:Url", "http://0.0.0.0:0")]
    [InlineData("Pnl:Access is 'open'; it may be none or required", "--Pnl:Access", "open")]
    [InlineData("Pnl:Access is 'none'; it may be required, since Pnl:Access:AdminKeyHash is set", "--Pnl:Access:AdminKeyHash", "x")]
    [InlineData("Pnl:Access:AdminKeyHash is '***'; it may be the SHA-256", "--Pnl:Access", "required", "--Pnl:Access:AdminKeyHash", "pnl_not-a-hash")]
    [InlineData("Pnl:Access:Oidc:Audience is ''; it may be set", "--Pnl:Access", "required", "--Pnl:Access:Oidc:Authority", "https://login.example.com")]
    [InlineData("Pnl:Access:Oidc:Authority is ''; it may be set", "--Pnl:Access", "required", "--Pnl:Access:Oidc:Audience", "pnl")]
    [InlineData("Pnl:Access:Oidc:Authority is 'http://login.example.com'", "--Pnl:Access", "required", "--Pnl:Access:Oidc:Audience", "pnl", "--Pnl:Access:Oidc:Authority", "http://login.example.com")]
    [InlineData("Pnl:Access:RequestsASecond is '0'; it may be a whole number from 1", "--Pnl:Access", "required", "--Pnl:Access:RequestsASecond", "0")]
    public async Task A_silo_that_would_be_open_to_others_or_is_set_wrongly_does_not_start(string error, params string[] settings)
    {
        using DataFolder folder = new();
        using ProgramRun run = SiloProcess.Launch(folder, null, settings);

        Assert.Equal(1, await run.ExitAsync(Limit));
        Assert.Contains(error, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("pnl_not-a-hash", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_made_without_access_control_is_the_owner_locals_and_keys_and_owners_survive_kill_9()
    {
        using DataFolder folder = new();
        string gone;
        using (SiloProcess open = await StartAsync(folder, "--Pnl:Feed=none"))
        {
            Assert.Contains("Access is open (Pnl:Access is none)", open.Output, StringComparison.Ordinal);
            await PutAsync(open.Http, "old");
            open.Kill();
        }

        string made;
        using (SiloProcess guarded = await StartAsync(folder, Guarded))
        {
            made = (await guarded.Http.SendAsync(HttpMethod.Post, "/v1/keys", Requests.Json("""{"name":"alice","owner":"alice","scopes":["read","portfolio"]}"""), ("X-Api-Key", Key))).Ok()["key"].GetString()!;
            await PutAsync(guarded.Http, "new", ("X-Api-Key", made));
            Answer revoked = (await guarded.Http.SendAsync(HttpMethod.Post, "/v1/keys", Requests.Json("""{"name":"x","owner":"alice","scopes":["read"]}"""), ("X-Api-Key", Key))).Ok();
            gone = revoked["key"].GetString()!;
            Assert.Equal(HttpStatusCode.NoContent, (await guarded.Http.SendAsync(HttpMethod.Delete, "/v1/keys/" + revoked["id"].GetString(), null, ("X-Api-Key", Key))).Status);
            guarded.Kill();
        }

        using SiloProcess again = await StartAsync(folder, Guarded);
        Assert.Equal("old", await ListedAsync(again.Http, Key)); // the key of the settings is local's
        Assert.Equal("new", await ListedAsync(again.Http, made));
        Assert.Equal(HttpStatusCode.Unauthorized, (await again.Http.GetAnswerAsync("/v1/portfolios", ("X-Api-Key", gone))).Status);
        Answer keys = (await again.Http.GetAnswerAsync("/v1/keys", ("X-Api-Key", Key))).Ok();
        Assert.Equal("alice", Assert.Single(keys["items"].EnumerateArray()).GetProperty("name").GetString());
        Assert.DoesNotContain(made, keys.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(ApiKey.Hash(made), keys.Text, StringComparison.Ordinal);
        await again.TerminateAsync(Limit);
        Assert.All(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories), file => Assert.DoesNotContain(made, File.ReadAllText(file, System.Text.Encoding.Latin1), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_that_asks_too_often_is_told_when_to_come_again_and_others_do_not_notice()
    {
        using DataFolder folder = new();
        using SiloProcess silo = await StartAsync(folder, [.. Guarded, "--Pnl:Access:RequestsASecond=1"]);
        string other = (await silo.Http.SendAsync(HttpMethod.Post, "/v1/keys", Requests.Json("""{"name":"x","owner":"x","scopes":["read"]}"""), ("X-Api-Key", Key))).Ok()["key"].GetString()!;

        Answer[] many = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => silo.Http.GetAnswerAsync("/v1/tokens", ("X-Api-Key", Key))));

        Answer refused = many.First(answer => answer.Status == HttpStatusCode.TooManyRequests);
        Assert.True(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        Assert.Equal("requests.tooMany", refused["code"].GetString());
        (await silo.Http.GetAnswerAsync("/v1/tokens", ("X-Api-Key", other))).Ok();
        Assert.Equal(HttpStatusCode.Unauthorized, (await silo.Http.GetAnswerAsync("/v1/tokens")).Status);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => silo.Http.GetAnswerAsync("/health/live"))), answer => answer.Ok());
    }

    [Fact]
    public async Task While_the_issuer_does_not_answer_tokens_are_told_to_come_again_and_keys_are_good()
    {
        using DataFolder folder = new();
        using SiloProcess silo = await StartAsync(folder, [.. Guarded, "--Pnl:Access:Oidc:Audience=pnl", "--Pnl:Access:Oidc:Authority=http://127.0.0.1:9"]); // where nobody listens

        Answer token = await silo.Http.GetAnswerAsync("/v1/tokens", ("Authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln"));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "issuer.unavailable"), (token.Status, token["code"].GetString()));
        Assert.NotNull(token.Headers.RetryAfter);
        (await silo.Http.GetAnswerAsync("/v1/tokens", ("X-Api-Key", Key))).Ok();
        Assert.DoesNotContain("eyJhbGciOiJSUzI1NiJ9", silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tool_makes_lists_and_revokes_keys_and_enters_by_them()
    {
        using DataFolder folder = new();
        (int code, string generated) = await ProgramRun.ToEndAsync(Built.Tool, Limit, "keys", "generate");
        Assert.Equal(0, code);
        string[] words = generated.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        (string admin, string hash) = (words[1], words[3]);
        Assert.Equal(ApiKey.Hash(admin), hash);
        using SiloProcess silo = await StartAsync(folder, "--Pnl:Feed=none", "--Pnl:Access=required", "--Pnl:Access:AdminKeyHash", hash);
        Task<(int ExitCode, string Output)> RunAsync(string key, params string[] arguments) =>
            ProgramRun.ToEndAsync(Built.Tool, Limit, [.. arguments, "--server", silo.Http.BaseAddress!.OriginalString, "--key", key]);

        (code, string created) = await RunAsync(admin, "keys", "create", "alice", "--scopes", "read,portfolio");
        Assert.Equal(0, code);
        string key = created.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Single(word => word.StartsWith(ApiKey.Prefix, StringComparison.Ordinal)), id = ApiKey.IdOf(ApiKey.Hash(key));
        Assert.Equal(0, (await RunAsync(key, "portfolio", "put", "mine", "--base", "usd")).ExitCode);
        Assert.Contains("mine", (await RunAsync(key, "portfolio", "list")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("mine", (await RunAsync(admin, "portfolio", "list")).Output, StringComparison.Ordinal);
        Assert.Contains(id, (await RunAsync(admin, "keys", "list")).Output, StringComparison.Ordinal);
        (code, string refused) = await RunAsync(key, "keys", "list");
        Assert.Equal(1, code);
        Assert.Contains("scope 'admin'", refused, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(admin, "keys", "revoke", id)).ExitCode);
        Assert.Equal(1, (await RunAsync(key, "portfolio", "list")).ExitCode);
    }

    private static async Task<SiloProcess> StartAsync(DataFolder folder, params string[] settings)
    {
        SiloProcess silo = await SiloProcess.ListeningAsync(folder, settings);
        await silo.ReadyAsync(Limit);
        return silo;
    }

    private static async Task PutAsync(HttpClient http, string id, params (string, string)[] who) =>
        Assert.Equal(HttpStatusCode.Created, (await http.SendAsync(HttpMethod.Put, "/v1/portfolios/" + id, Requests.Json("""{"baseCurrency":"usd"}"""), who)).Status);

    private static async Task<string?> ListedAsync(HttpClient http, string key) =>
        Assert.Single((await http.GetAnswerAsync("/v1/portfolios", ("X-Api-Key", key))).Ok()["items"].EnumerateArray()).GetProperty("id").GetString();
}

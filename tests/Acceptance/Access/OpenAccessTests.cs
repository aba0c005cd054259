using System.Net;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Access;

/// <summary>Where no key is asked for, browsers of this machine are no way in for pages of elsewhere.</summary>
public sealed class OpenAccessTests(QuietSilo silo)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private Uri Server => silo.Http.BaseAddress!;

    [Theory]
    [InlineData("rebound.example")]
    [InlineData("rebound.example:{0}")]
    [InlineData("localhost.rebound.example")]
    [InlineData("127.0.0.1.rebound.example:{0}")]
    [InlineData("192.0.2.7")]
    [InlineData("0.0.0.0:{0}")]
    [InlineData("[2001:db8::1]")]
    [InlineData("")]
    public async Task A_name_that_is_not_this_machines_is_refused_whatever_is_asked_for(string host)
    {
        foreach (string line in (string[])["GET /v1/tokens", "GET /", "GET /health/live", "GET /metrics", "GET /dashboard", "GET /openapi/v1.json", "GET /none-such", "POST /v1/keys"])
        {
            (int status, string code, string text) = await RawHttp.SendAsync(
                Server, line, line.StartsWith("POST", StringComparison.Ordinal) ? "{}" : null, ("Host", host.Replace("{0}", $"{Server.Port}", StringComparison.Ordinal)));

            Assert.True((status, code) == (421, "host.unknown"), $"{line}: {status} {text}");
            Assert.Contains("Pnl:Hosts", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LocalHost:1")]
    [InlineData("127.0.0.1:65535")]
    [InlineData("127.9.9.9")]
    [InlineData("[::1]")]
    [InlineData("[::1]:8080")]
    public async Task Names_of_this_machine_are_taken_with_any_port(string host) =>
        Assert.Equal(200, (await RawHttp.SendAsync(Server, "GET /v1/tokens", null, ("Host", host))).Status);

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://elsewhere.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://localhost")]
    [InlineData("Origin", "http://localhost:1")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    public async Task A_change_that_another_page_asks_for_is_refused_whatever_its_type(string header, string value)
    {
        foreach ((string method, string path) in ((string, string)[])[("PUT", "/v1/portfolios/forged"), ("POST", "/v1/tokens/forged/rates"), ("POST", "/v1/backfills"), ("DELETE", "/v1/portfolios/forged"), ("POST", "/v1/keys"), ("PATCH", "/v1/tokens/forged")])
        {
            foreach (string type in (string[])["text/plain", "application/x-www-form-urlencoded", "application/json", "text/csv"])
            {
                (int status, string code, string text) = await RawHttp.SendAsync(Server, $"{method} {path}", """{"baseCurrency":"usd"}""", ("Content-Type", type), (header, value));

                Assert.True((status, code) == (403, "origin.foreign"), $"{method} {path} {type}: {status} {text}");
            }
        }

        Assert.Equal(HttpStatusCode.NotFound, (await silo.Http.GetAnswerAsync("/v1/portfolios/forged")).Status);
        Assert.Equal(200, (await RawHttp.SendAsync(Server, "GET /v1/tokens", null, (header, value))).Status); // which no other page can read
    }

    [Fact]
    public async Task Our_own_page_and_programs_change_what_they_may()
    {
        string own = $"http://{Server.Authority}";
        foreach ((string, string)[] headers in ((string, string)[][])[[], [("Origin", own)], [("Origin", own), ("Sec-Fetch-Site", "same-origin")], [("Sec-Fetch-Site", "none")], [("Host", "localhost"), ("Origin", "http://localhost")]])
        {
            (int status, _, string text) = await RawHttp.SendAsync(Server, "PUT /v1/portfolios/own", """{"baseCurrency":"usd"}""", [("Content-Type", "application/json"), .. headers]);

            Assert.True(status is 200 or 201, text);
        }
    }

    [Fact]
    public async Task No_key_is_made_that_would_be_good_once_keys_are_asked_for()
    {
        Answer answer = await silo.Http.SendAsync(HttpMethod.Post, "/v1/keys", Requests.Json("""{"name":"planted","owner":"local","scopes":["admin"]}"""));

        Assert.Equal((HttpStatusCode.Conflict, "access.open"), (answer.Status, answer["code"].GetString()));
        Assert.Contains("Pnl:Access=required", answer["expected"].GetString(), StringComparison.Ordinal);
        Assert.Empty((await silo.Http.GetAnswerAsync("/v1/keys")).Ok()["items"].EnumerateArray());
    }

    [Fact]
    public async Task Names_of_the_settings_are_taken_beside()
    {
        using DataFolder folder = new();
        using SiloProcess named = await SiloProcess.StartAsync(folder, "--Pnl:Hosts=pnl.home, desk");
        foreach ((string host, int status) in ((string, int)[])[("pnl.home", 200), ("DESK:80", 200), ("localhost", 200), ("other.home", 421)])
        {
            Assert.Equal(status, (await RawHttp.SendAsync(named.Http.BaseAddress!, "GET /v1/tokens", null, ("Host", host))).Status);
        }

        Assert.Equal(201, (await RawHttp.SendAsync(named.Http.BaseAddress!, "PUT /v1/portfolios/p", """{"baseCurrency":"usd"}""", ("Content-Type", "application/json"), ("Host", "pnl.home"), ("Origin", "http://pnl.home"))).Status);
        Assert.Equal(403, (await RawHttp.SendAsync(named.Http.BaseAddress!, "PUT /v1/portfolios/p", """{"baseCurrency":"usd"}""", ("Content-Type", "application/json"), ("Host", "pnl.home"), ("Origin", "http://desk"))).Status);
    }

    [Theory]
    [InlineData("--Pnl:Hosts=http://pnl.home", "Pnl:Hosts is 'http://pnl.home'")]
    [InlineData("--Pnl:Hosts=pnl.home:80", "Pnl:Hosts is 'pnl.home:80'")]
    public async Task A_name_that_is_none_ends_the_start(string setting, string error)
    {
        using DataFolder folder = new();
        using ProgramRun run = SiloProcess.Launch(folder, null, "--Pnl:Feed=none", setting);

        Assert.Equal(1, await run.ExitAsync(Limit));
        Assert.Contains(error, run.Output, StringComparison.Ordinal);
    }
}

using System.Text;
using System.Text.RegularExpressions;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Contract;

/// <summary>A problem shows what was sent, and not all of it if it is long.</summary>
public sealed partial class EchoTests(QuietSilo silo)
{
    private static readonly string Long = new('q', 3000);

    public static TheoryData<string, string, string?, string> Calls => new()
    {
        { "GET", $"/v1/tokens/{Long}", null, "" },
        { "GET", $"/v1/tokens?{Long}=1", null, "" },
        { "GET", $"/v1/tokens?limit={Long}", null, "" },
        { "GET", $"/v1/tokens?limit=1&{Long}", null, "" },
        { "GET", $"/v1/leaderboard?window={Long}", null, "" },
        { "GET", $"/v1/tokens/echo/pnl?from={Long}&to={Long}", null, "" },
        { "GET", $"/v1/stream?tokens={Long}", null, "" },
        { "GET", $"/v1/portfolios/{Long}", null, "" },
        { "GET", $"/v1/backfills/{Long}", null, "" },
        { "DELETE", $"/v1/keys/{Long}", null, "" },
        { "PUT", $"/v1/portfolios/echo/entries/{Long}", $$"""{"id":"{{Long}}x"}""", "application/json" },
        { "DELETE", $"/v1/portfolios/echo/entries/{Long}", null, "" },
        { "PUT", "/v1/portfolios/echo", $$"""{"baseCurrency":"{{Long}}"}""", "application/json" },
        { "PUT", "/v1/portfolios/echo", $$"""{"{{Long}}":1}""", "application/json" },
        { "PUT", "/v1/portfolios/echo", $$"""{"baseCurrency":"usd","costBasis":"{{Long}}"}""", "application/json" },
        { "PUT", "/v1/tokens/echo", $$$"""{"sources":{"{{{Long}}}":1}}""", "application/json" },
        { "PUT", "/v1/tokens/echo", $$"""{"listed":"{{Long}}"}""", "application/json" },
        { "POST", "/v1/tokens/echo/rates", $$"""{"{{Long}}":[]}""", "application/json" },
        { "POST", "/v1/tokens/echo/rates", "x", $"text/{Long}" },
        { "POST", "/v1/tokens/echo/rates", $"{Long},{Long}\n1,2\n", "text/csv" },
        { "POST", "/v1/portfolios/echo/entries", $$"""{"entries":[{"id":"{{Long}}","time":1,"kind":"buy","token":"a","quantity":1,"price":1,"currency":"usd"}]}""", "application/json" },
        { "POST", "/v1/portfolios/echo/entries", $$"""{"entries":[{"id":"a","time":"{{Long}}"}]}""", "application/json" },
        { "POST", "/v1/portfolios/echo/entries", $"{Long},{Long}\n1,2\n", "text/csv" },
        { "POST", "/v1/portfolios/echo/entries", $"id,time,kind,token,quantity\na,1,{Long},b,1\nb,{Long},buy,b,1\nc,2021-01-01T00:00:00Z,buy,b,{Long}\n", "text/csv" },
        { "POST", "/v1/backfills", $$"""{"source":"{{Long}}"}""", "application/json" },
        { "POST", "/v1/backfills", $$"""{"source":"binance","order":"{{Long}}"}""", "application/json" },
        { Long, "/v1/tokens", null, "" },
    };

    [Theory]
    [MemberData(nameof(Calls), DisableDiscoveryEnumeration = true)]
    public async Task At_most_200_characters_of_what_was_sent_are_shown(string method, string path, string? body, string type)
    {
        await silo.Http.SendAsync(HttpMethod.Put, "/v1/portfolios/echo", Requests.Json("""{"baseCurrency":"usd"}"""));
        using StringContent? content = body is null ? null : new(body, Encoding.UTF8);
        content?.Headers.Remove("Content-Type");
        content?.Headers.TryAddWithoutValidation("Content-Type", type);

        Answer answer = await silo.Http.SendAsync(new(method), path, content);

        Assert.True((int)answer.Status is 200 or (>= 400 and < 500), answer.Text); // 200 where rows are rejected one by one
        Assert.All(Letters().Matches(answer.Text), run => Assert.InRange(run.Length, 1, 200));
        Assert.InRange(answer.Text.Length, 0, 2000);
        Assert.All(answer.Headers, header => Assert.DoesNotContain(Long, string.Concat(header.Value), StringComparison.Ordinal));
    }

    [GeneratedRegex("q{4,}")]
    private static partial Regex Letters();
}

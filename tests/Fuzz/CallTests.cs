using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Fuzz;

/// <summary>
/// Whatever is asked of any call that the OpenAPI document has: no 500, a problem with a code where it is refused, and then
/// everything is as it was before; the server goes on answering, in bounded memory.
/// </summary>
public sealed partial class CallTests
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly string[] Exchanges = ["binance", "bitfinex", "bitstamp", "bybit", "coinbase", "coingecko", "kraken", "okx"];

    // What it has from the start is some 150 MB; requests of a few kilobytes one after another need not much more.
    private const double MostBytes = 1e9;

    [Fact]
    public async Task Whatever_is_asked_is_answered_or_refused_by_a_problem_and_a_refusal_changes_nothing()
    {
        using DataFolder folder = new();
        using SiloProcess silo = await SiloProcess.ListeningAsync(
            folder, ["--Pnl:Feed=none", "--Pnl:Simulated:Tokens=3", "--Pnl:Simulated:HistoryDays=1", .. Exchanges.Select(exchange => $"--Pnl:Sources:{exchange}:Address=http://127.0.0.1:9")]);
        await silo.ReadyAsync(StartLimit);
        Call[] calls = Call.Of((await silo.Http.GetAnswerAsync("/openapi/v1.json")).Ok().Json);
        Dictionary<string, (int Taken, int Refused)> tried = calls.ToDictionary(call => call.Name, _ => (0, 0));
        foreach (int input in Effort.Inputs(Effort.Seconds / 2.0, least: 10 * calls.Length))
        {
            Call call = calls[input % calls.Length];
            Random random = Effort.Random(call.Name, input);
            if (input % calls.Length == 0)
            {
                await FillAsync(silo.Http); // what a request has deleted is there again
            }

            string? before = call.Changes ? await StateAsync(silo.Http) : null;
            (HttpRequestMessage request, string text) = call.Make(random);
            using HttpRequestMessage made = request;
            (string artifact, string kept) = Effort.Keep(call.Name.Replace(' ', '-'), input, ".http", Encoding.UTF8.GetBytes(text));
            using HttpResponseMessage answer = await silo.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            bool isStream = answer.Content.Headers.ContentType?.MediaType is "text/event-stream" or "application/x-tar";
            string body = isStream ? "" : await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            string failure = $"{kept}\n{text}\n{(int)answer.StatusCode} {body}";
            if (answer.StatusCode >= HttpStatusCode.BadRequest)
            {
                Assert.True(answer.StatusCode < HttpStatusCode.InternalServerError, failure);
                AssertProblem(answer, body, failure);
                if (before is not null)
                {
                    string after = await StateAsync(silo.Http);
                    Assert.True(before == after, $"{failure}\nbefore: {before}\nafter: {after}");
                }
            }
            else
            {
                Assert.True(isStream || body.Length == 0 || IsJson(body), failure);
            }

            File.Delete(artifact);
            (int taken, int refused) = tried[call.Name];
            tried[call.Name] = answer.StatusCode < HttpStatusCode.BadRequest ? (taken + 1, refused) : (taken, refused + 1);
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', tried.Select(call => $"{call.Key}: {call.Value.Taken} taken, {call.Value.Refused} refused")));
        (await silo.Http.GetAnswerAsync("/health/ready")).Ok();
        string bytes = WorkingSet().Match((await silo.Http.GetAnswerAsync("/metrics")).Text).Groups[1].Value;
        Assert.InRange(double.Parse(bytes, System.Globalization.CultureInfo.InvariantCulture), 1, MostBytes);
        Assert.True(Effort.Only is not null || tried.Values.Sum(call => call.Taken) > tried.Count, "hardly a request was right: the checks behind the first are not tried");
        Assert.DoesNotContain("Unhandled exception", silo.Output, StringComparison.Ordinal);
    }

    private static void AssertProblem(HttpResponseMessage answer, string body, string failure)
    {
        string path = answer.RequestMessage!.RequestUri!.AbsolutePath;
        if (body.Length == 0 && (answer.StatusCode is HttpStatusCode.RequestUriTooLong or HttpStatusCode.RequestHeaderFieldsTooLarge
            || (answer.StatusCode == HttpStatusCode.BadRequest && path.Contains("%00", StringComparison.Ordinal))))
        {
            return; // Kestrel's, before there is a request
        }

        Assert.True(answer.Content.Headers.ContentType?.MediaType == "application/problem+json" && IsJson(body), failure);
        JsonElement problem = JsonElement.Parse(body);
        Assert.True(problem.GetProperty("status").GetInt32() == (int)answer.StatusCode && !string.IsNullOrEmpty(problem.GetProperty("code").GetString()), failure);
    }

    private static bool IsJson(string text)
    {
        try
        {
            _ = JsonElement.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async Task FillAsync(HttpClient http)
    {
        foreach (string token in (string[])["fuzz", "fuzz-2"])
        {
            await http.SendAsync(HttpMethod.Put, $"/v1/tokens/{token}", Requests.Json("""{"quote":"usd"}"""));
            (await http.IngestAsync(token, (1621427700, 2m), (1621428000, 3m), (1621428600, 2.5m))).Ok();
        }

        await http.SendAsync(HttpMethod.Put, "/v1/portfolios/fuzz", Requests.Json("""{"baseCurrency":"usd"}"""));
        await http.SendAsync(HttpMethod.Post, "/v1/portfolios/fuzz/entries", Requests.Json(
            """{"entries":[{"id":"a","time":"2021-05-19T12:41:00Z","kind":"buy","token":"fuzz","quantity":2,"price":3,"currency":"usd"}]}"""));
    }

    /// <summary>Revisions and ids of all that a request may change.</summary>
    private static async Task<string> StateAsync(HttpClient http)
    {
        StringBuilder state = new();
        foreach (string path in (string[])["/v1/tokens?search=fuzz", "/v1/portfolios", "/v1/portfolios/fuzz/entries?limit=1000", "/v1/keys"])
        {
            state.Append((await http.GetAnswerAsync(path)).Text is var text && text.Contains("traceId", StringComparison.Ordinal) ? "none" : text).Append('\n');
        }

        foreach (JsonElement backfill in (await http.GetAnswerAsync("/v1/backfills?limit=1000")).Ok()["items"].EnumerateArray())
        {
            state.Append(backfill.GetProperty("id").GetString()).Append(' '); // not how far it is
        }

        return state.ToString();
    }

    [GeneratedRegex(@"^dotnet_process_memory_working_set\w*(?:\{[^}]*\})? (\S+)", RegexOptions.Multiline)]
    private static partial Regex WorkingSet();
}

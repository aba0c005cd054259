using System.Net;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Backfills;

/// <summary>A range that is fetched again through the HTTP API, over a kill.</summary>
public sealed class ReconciliationTests
{
    private const string Range = """ "tokens":"all","source":"simulated","from":"2024-12-20T00:00:00Z","to":"2025-02-10T00:00:00Z" """;
    private static readonly string[] Settings = ["--Pnl:Feed=none", "--Pnl:Simulated:Tokens=3"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_wrong_bar_is_corrected_and_counted_and_a_kill_in_the_middle_loses_nothing()
    {
        using DataFolder folder = new();
        string token, right;
        long[] times;
        using (SiloProcess silo = await SiloProcess.ListeningAsync(folder, Settings))
        {
            await silo.ReadyAsync(Limit);
            JsonElement fetched = await EndAsync(silo, await StartAsync(silo, "{" + Range + "}"));
            Assert.Equal(("backfill", "completed"), (fetched.GetProperty("kind").GetString(), fetched.GetProperty("status").GetString()));
            Assert.Equal(fetched.GetProperty("bars").GetProperty("landed").GetInt64(), fetched.GetProperty("bars").GetProperty("filled").GetInt64());
            token = (await silo.Http.GetAnswerAsync("/v1/tokens")).Ok()["items"][1].GetProperty("id").GetString()!;
            Answer rates = await RatesAsync(silo, token);
            (right, times) = (rates.Text, rates.Times());

            await SpoilAsync(silo, token, times[times.Length / 2]);
            await StartAsync(silo, """{"kind":"reconciliation",""" + Range + "}");
            silo.Kill();
        }

        using SiloProcess second = await SiloProcess.ListeningAsync(folder, Settings);
        await second.ReadyAsync(Limit);
        Assert.Equal("completed", (await EndAsync(second, "/v1/backfills/b2")).GetProperty("status").GetString());

        // What a caller sent comes before what the source says, until the token's listings say otherwise.
        Assert.Contains("987654.25", Closes((await RatesAsync(second, token)).Text));
        JsonElement listing = (await second.Http.GetAnswerAsync($"/v1/tokens/{token}")).Ok()["listings"][0];
        (await second.Http.SendAsync(HttpMethod.Put, $"/v1/tokens/{token}", Requests.Json(
            $$"""{"listings":[{"source":"{{listing.GetProperty("source")}}","symbol":"{{listing.GetProperty("symbol")}}"},{"source":"api"}]}"""))).Ok();
        Assert.Equal(Closes(right), Closes((await RatesAsync(second, token)).Text));

        JsonElement again = await EndAsync(second, await StartAsync(second, """{"kind":"reconciliation",""" + Range + "}"));
        Assert.Equal(("reconciliation", 3, 0), (again.GetProperty("kind").GetString(), again.GetProperty("tokens").GetProperty("done").GetInt32(), again.GetProperty("tokens").GetProperty("failed").GetInt32()));
        JsonElement bars = again.GetProperty("bars");
        Assert.Equal((0, 0), (bars.GetProperty("corrected").GetInt64(), bars.GetProperty("filled").GetInt64()));
        Assert.Equal(Closes(right), Closes((await RatesAsync(second, token)).Text));
        Assert.Equal("reconciliation", (await second.Http.GetAnswerAsync("/v1/backfills?limit=1")).Ok()["items"][0].GetProperty("kind").GetString());

        Answer refused = await second.Http.SendAsync(HttpMethod.Post, "/v1/backfills", Requests.Json("""{"kind":"guess",""" + Range + "}"));
        Assert.Equal((HttpStatusCode.BadRequest, "kind.unknown", "kind"), (refused.Status, refused["code"].GetString(), refused["field"].GetString()));
    }

    private static async Task<string> StartAsync(SiloProcess silo, string body)
    {
        Answer answer = await silo.Http.SendAsync(HttpMethod.Post, "/v1/backfills", Requests.Json(body));
        Assert.True(answer.Status == HttpStatusCode.Accepted, answer.Text);
        return answer.Headers.Location!.ToString();
    }

    private static async Task<JsonElement> EndAsync(SiloProcess silo, string path)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Limit);
        while (true)
        {
            Answer answer = (await silo.Http.GetAnswerAsync(path)).Ok();
            if (answer["endedAt"].ValueKind != JsonValueKind.Null)
            {
                return answer.Json;
            }

            await Task.Delay(50, patience.Token); // it can only be asked for
        }
    }

    private static async Task SpoilAsync(SiloProcess silo, string token, long time) =>
        Assert.Equal(1, (await silo.Http.IngestAsync(token, (time, 987654.25m))).Ok()["corrected"].GetInt32());

    private static async Task<Answer> RatesAsync(SiloProcess silo, string token) => (await silo.Http.GetAnswerAsync($"/v1/tokens/{token}/rates")).Ok();

    private static string[] Closes(string rates) => [.. JsonElement.Parse(rates).GetProperty("close").EnumerateArray().Select(close => close.GetRawText())];
}

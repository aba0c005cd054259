using System.Globalization;
using System.Net;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Streams;

/// <summary>A portfolio's snapshots as they are pushed to listeners of a real process.</summary>
public sealed class PortfolioStreamTests(QuietSilo silo)
{
    private const long Start = 1621427700; // 2021-05-19T12:35:00Z

    [Fact]
    public async Task Each_entry_each_bar_and_each_correction_is_an_event_with_the_answer_of_the_portfolio()
    {
        await HoldAsync(silo.Http, "pushed", "pushed-coin");
        await using EventReader one = await OpenAsync("pushed"), other = await OpenAsync("pushed");
        Assert.Equal("4", await BothAsync());

        (await PostAsync(silo.Http, "pushed", "b2", "pushed-coin", 3)).Ok();
        Assert.Equal("10", await BothAsync());
        (await silo.Http.IngestAsync("pushed-coin", (Start + 300, 0.0000000123m))).Ok();
        Assert.Equal("0.0000000615", await BothAsync());
        (await silo.Http.IngestAsync("pushed-coin", (Start + 300, 7m))).Ok();
        Assert.Equal("35", await BothAsync());
        (await silo.Http.SendAsync(HttpMethod.Delete, "/v1/portfolios/pushed/entries/b2")).Ok();
        Assert.Equal("14", await BothAsync());

        async Task<string> BothAsync()
        {
            JsonElement told = await one.SnapshotAsync();
            Assert.Equal((await silo.Http.GetAnswerAsync("/v1/portfolios/pushed/pnl")).Ok().Text, told.GetRawText());
            Assert.Equal(told.GetRawText(), (await other.SnapshotAsync()).GetRawText());
            return told.GetProperty("marketValue").GetRawText();
        }
    }

    [Fact]
    public async Task A_listener_that_comes_back_gets_what_is_newer_and_nothing_else_even_after_kill_9_of_the_engine()
    {
        using DataFolder folder = new();
        string? seen;
        using (SiloProcess first = await SiloProcess.StartAsync(folder))
        {
            await HoldAsync(first.Http, "lives", "lives");
            await using EventReader reader = await EventReader.OpenAsync(first.Http, "lives", by: "portfolio");
            await reader.SnapshotAsync();
            seen = reader.LastId;
            await using EventReader same = await EventReader.OpenAsync(first.Http, "lives", seen, "portfolio");
            (await PostAsync(first.Http, "lives", "b2", "lives", 1)).Ok();
            Assert.Equal("6", (await same.SnapshotAsync()).GetProperty("marketValue").GetRawText());

            // A stream of a token with the same id is another.
            Answer wrong = await first.Http.GetAnswerAsync("/v1/stream?tokens=lives", ("Last-Event-ID", seen!));
            Assert.Equal((HttpStatusCode.BadRequest, "lastEventId.malformed"), (wrong.Status, wrong["code"].GetString()));
            first.Kill();
        }

        using SiloProcess second = await SiloProcess.StartAsync(folder);
        await using EventReader again = await EventReader.OpenAsync(second.Http, "lives", seen, "portfolio");
        Assert.Equal("6", (await again.SnapshotAsync()).GetProperty("marketValue").GetRawText());
        (await second.Http.IngestAsync("lives", (Start + 300, 4m))).Ok();
        Assert.Equal("12", (await again.SnapshotAsync()).GetProperty("marketValue").GetRawText());
        Assert.Equal(0, await second.TerminateAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task A_listener_that_does_not_read_is_told_that_it_lags_and_never_goes_back()
    {
        const int Rounds = 100, Fillers = 1000; // each event some 300 KB: a few lie on the way between two sockets, and no more
        await HoldAsync(silo.Http, "lagging", "lagging-coin");
        string fillers = string.Join(',', Enumerable.Range(0, Fillers).Select(i => Entry($"f{i}", $"filler{i}", 1))); // of no market: they are named and not counted
        (await silo.Http.SendAsync(HttpMethod.Post, "/v1/portfolios/lagging/entries", Requests.Json($$"""{"entries":[{{fillers}}]}"""))).Ok();

        await using EventReader reader = await OpenAsync("lagging"), other = await OpenAsync("lagging");
        for (int i = 0; i < Rounds; i++)
        {
            (await silo.Http.IngestAsync("lagging-coin", (Start, 1m + i))).Ok();
            while (Value(await other.NextAsync()) != ValueAfter(i))
            {
                // One that reads sees each round: none is told together with the next.
            }
        }

        (int skipped, long last, string? value) = (0, 0, "");
        while (value != ValueAfter(Rounds - 1))
        {
            (string type, JsonElement data) = await reader.NextAsync();
            if (type == "lagging")
            {
                Assert.Equal("lagging", data.GetProperty("portfolio").GetString());
                skipped += data.GetProperty("skipped").GetInt32();
                continue;
            }

            long revision = data.GetProperty("revision").GetInt64();
            Assert.True(revision > last, $"{last} goes back to {revision}");
            (last, value) = (revision, Value((type, data)));
        }

        Assert.True(skipped > 0, "nothing was left out");

        static string? Value((string Type, JsonElement Data) told) => told.Type == "pnl" ? told.Data.GetProperty("marketValue").GetRawText() : null;
        static string ValueAfter(int round) => (2m * (1 + round)).ToString(CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_portfolio_that_is_deleted_ends_its_stream()
    {
        await HoldAsync(silo.Http, "ended", "ended-coin");
        await using EventReader reader = await OpenAsync("ended");
        await reader.SnapshotAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await silo.Http.SendAsync(HttpMethod.Delete, "/v1/portfolios/ended")).Status);
        await reader.EndedAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await silo.Http.GetAnswerAsync("/v1/stream?portfolio=ended", ("Last-Event-ID", reader.LastId!))).Status);
    }

    private Task<EventReader> OpenAsync(string portfolio) => EventReader.OpenAsync(silo.Http, portfolio, by: "portfolio");

    /// <summary>A portfolio that holds two of a token whose rate is 2.</summary>
    private static async Task HoldAsync(HttpClient http, string portfolio, string token)
    {
        await http.RegisterAsync(token);
        (await http.IngestAsync(token, (Start, 2m))).Ok();
        await http.SendAsync(HttpMethod.Put, $"/v1/portfolios/{portfolio}", Requests.Json("""{"baseCurrency":"usd"}"""));
        (await PostAsync(http, portfolio, "b1", token, 2)).Ok();
    }

    private static Task<Answer> PostAsync(HttpClient http, string portfolio, string id, string token, int quantity) => http.SendAsync(
        HttpMethod.Post, $"/v1/portfolios/{portfolio}/entries",
        Requests.Json($$"""{"entries":[{{Entry(id, token, quantity)}}]}"""));

    private static string Entry(string id, string token, int quantity) =>
        $$"""{"id":"{{id}}","time":{{Start}},"kind":"buy","token":"{{token}}","quantity":{{quantity}},"price":1,"currency":"usd"}""";
}

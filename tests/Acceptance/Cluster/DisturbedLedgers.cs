using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>
/// A client that adds entries to portfolios while something befalls the cluster, and another that reads them. Each entry that
/// was acknowledged must be there in the end, and at no time may a portfolio be of a revision before one that was seen.
/// </summary>
internal sealed class DisturbedLedgers(int seed, int portfolios, IReadOnlyList<string> tokens)
{
    private const long Start = 1_706_745_600; // 2024-02-01

    private readonly string[] _portfolios = [.. Enumerable.Range(0, portfolios).Select(i => $"ledger-{seed}-{i}")];
    private readonly ConcurrentDictionary<string, long> _seen = new();
    private readonly Dictionary<string, string> _acknowledged = new(StringComparer.Ordinal); // entries by portfolio and id
    private int _sentAgain;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Writes and reads until told to end; what came of it, for the log.</summary>
    public async Task<string> RunAsync(HttpClient http, CancellationToken ending)
    {
        foreach (string portfolio in _portfolios)
        {
            await SetUpAsync(http, portfolio);
        }

        await Task.WhenAll(WriteAsync(http, ending), ReadAsync(http, ending));
        return $"{_acknowledged.Count} entries acknowledged, {_sentAgain} calls sent again";
    }

    /// <summary>Checks that exactly what was acknowledged is there, and what it comes to beside a silo that got it at once.</summary>
    public async Task CheckAsync(HttpClient http, HttpClient untouched)
    {
        foreach (string portfolio in _portfolios)
        {
            string[] entries = [.. _acknowledged.Where(entry => entry.Key.StartsWith(portfolio + "/", StringComparison.Ordinal)).Select(entry => entry.Value)];
            await SetUpAsync(untouched, portfolio);
            foreach (string[] some in entries.Chunk(100))
            {
                (await PostAsync(untouched, portfolio, some)).Ok();
            }

            foreach (string question in (string[])["entries?limit=1000", "lots?limit=1000"])
            {
                string path = $"/v1/portfolios/{portfolio}/{question}";
                Answer expected = (await untouched.GetAnswerAsync(path)).Ok(), actual = (await http.GetAnswerAsync(path)).Ok();
                Assert.Equal(expected["items"].GetRawText(), actual["items"].GetRawText());
            }
        }
    }

    private static async Task SetUpAsync(HttpClient http, string portfolio) =>
        (await http.SendAsync(HttpMethod.Put, $"/v1/portfolios/{portfolio}", Requests.Json("""{"baseCurrency":"usd"}"""))).Ok();

    private static Task<Answer> PostAsync(HttpClient http, string portfolio, IEnumerable<string> entries) =>
        http.SendAsync(HttpMethod.Post, $"/v1/portfolios/{portfolio}/entries", Requests.Json($$"""{"entries":[{{string.Join(',', entries)}}]}"""));

    private async Task WriteAsync(HttpClient http, CancellationToken ending)
    {
        Random random = new(seed);
        for (int number = 0; !ending.IsCancellationRequested; number++)
        {
            string portfolio = _portfolios[random.Next(_portfolios.Length)];
            (string Id, string Json)[] entries = [.. Enumerable.Range(0, random.Next(1, 4)).Select(i => Entry($"e{number}-{i}", random))];
            Answer answer;
            while ((answer = await PostAsync(http, portfolio, entries.Select(entry => entry.Json))).Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
            {
                _sentAgain++;
            }

            Assert.Equal(entries.Length, answer.Ok()["accepted"].GetInt32() + answer["unchanged"].GetInt32());
            foreach ((string id, string json) in entries)
            {
                _acknowledged.Add($"{portfolio}/{id}", json);
            }

            See(portfolio, 0, answer["revision"].GetInt64());
            await Task.Delay(50, Cancellation); // so that the ledgers do not grow without end
        }
    }

    private async Task ReadAsync(HttpClient http, CancellationToken ending)
    {
        Random random = new(-seed);
        while (!ending.IsCancellationRequested)
        {
            string portfolio = _portfolios[random.Next(_portfolios.Length)];
            long floor = _seen.GetValueOrDefault(portfolio);
            Answer answer = await http.GetAnswerAsync($"/v1/portfolios/{portfolio}/pnl");
            if ((int)answer.Status < 500)
            {
                See(portfolio, floor, answer.Ok()["revision"].GetInt64());
            }

            await Task.Delay(20, Cancellation);
        }
    }

    private void See(string portfolio, long floor, long revision)
    {
        Assert.True(revision >= floor, $"{portfolio} was at revision {floor} and is at {revision}");
        _seen.AddOrUpdate(portfolio, revision, (_, seen) => Math.Max(seen, revision));
    }

    private (string Id, string Json) Entry(string id, Random random) => (id, JsonSerializer.Serialize(new
    {
        id,
        time = Start + random.Next(0, 1_000_000),
        kind = "buy",
        token = tokens[random.Next(tokens.Count)],
        quantity = random.Next(1, 1000) / 8m,
        price = random.Next(1, 100_000) / 100m,
        currency = "usd",
    }));
}

using System.Globalization;
using System.Net;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Leaderboards;

/// <summary>The ranking of tokens over HTTP, of real processes.</summary>
public sealed class LeaderboardTests
{
    private const int Tokens = 30;

    [Fact]
    public async Task Tokens_are_ranked_as_they_answer_themselves_and_so_again_after_kill_9()
    {
        using DataFolder folder = new();
        string[] order;
        Answer before;
        using (SiloProcess first = await SiloProcess.StartAsync(folder))
        {
            await LoadAsync(first.Http);
            before = await SettledAsync(first.Http, "?window=1h&limit=10");
            order = [.. before["items"].EnumerateArray().Select(item => item.GetProperty("token").GetString()!)];
            Dictionary<string, double> returns = [];
            for (int i = 0; i < Tokens; i++)
            {
                JsonElement window = (await first.Http.GetAnswerAsync($"/v1/tokens/r{i:d2}/pnl")).Ok()["windows"].GetProperty("1h");
                returns[$"r{i:d2}"] = window.GetProperty("return").GetDouble();
            }

            Assert.Equal(returns.OrderByDescending(token => token.Value).ThenBy(token => token.Key, StringComparer.Ordinal).Take(10).Select(token => token.Key), order);
            Assert.Equal((Tokens, Tokens + 1, "1h", "return", "desc"), (before["tokens"].GetInt32(), before["known"].GetInt32(), before["window"].GetString(), before["by"].GetString(), before["order"].GetString()));
            JsonElement top = before["items"][0];
            Assert.Equal(1, top.GetProperty("rank").GetInt32());
            Assert.Equal(returns[order[0]], top.GetProperty("return").GetDouble());

            // Of the other end, of another figure, with the one that is too young for a day.
            Answer worst = (await first.Http.GetAnswerAsync("/v1/leaderboard?window=1h&limit=30&order=asc")).Ok();
            Assert.Equal(returns.OrderBy(token => token.Value).ThenBy(token => token.Key, StringComparer.Ordinal).Select(token => token.Key), worst["items"].EnumerateArray().Select(item => item.GetProperty("token").GetString()));
            Assert.Equal(0, (await first.Http.GetAnswerAsync("/v1/leaderboard?window=24h&by=volatility")).Ok()["tokens"].GetInt32());
            Assert.Equal(Tokens, (await first.Http.GetAnswerAsync("/v1/leaderboard?window=24h&by=volatility&include=all")).Ok()["tokens"].GetInt32());

            // What is known is not sent again until something changes it.
            string tag = before.ETag!;
            Answer known = await first.Http.GetAnswerAsync("/v1/leaderboard?window=1h&limit=10", ("If-None-Match", tag));
            Assert.Equal((HttpStatusCode.NotModified, "", tag), (known.Status, known.Text, known.ETag));
            (await first.Http.IngestAsync("r00", (Now() - 600, 900m))).Ok(); // a correction
            before = await SettledAsync(first.Http, "?window=1h&limit=10", before["revision"].GetInt64() + 1);
            Assert.NotEqual(tag, before.ETag);
            first.Kill();
        }

        using SiloProcess second = await SiloProcess.StartAsync(folder);
        Answer after = (await second.Http.GetAnswerAsync("/v1/leaderboard?window=1h&limit=10")).Ok();
        Assert.Equal((before["revision"].GetInt64(), before["asOf"].GetString()), (after["revision"].GetInt64(), after["asOf"].GetString()));
        after = await SettledAsync(second.Http, "?window=1h&limit=10");
        Assert.Equal(before["items"].GetRawText(), after["items"].GetRawText());
    }

    /// <summary>Waits until a leaderboard counts all that was acknowledged, and answers it.</summary>
    private static async Task<Answer> SettledAsync(HttpClient http, string query, long revision = 0)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Answer board = (await http.GetAnswerAsync("/v1/leaderboard" + query)).Ok();
            if (board["complete"].GetBoolean() && board["tokens"].GetInt32() == Tokens && board["revision"].GetInt64() >= Math.Max(revision, Tokens * 15 + 1))
            {
                return board;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(1), board.Text);
            await Task.Delay(10, TestContext.Current.CancellationToken); // there is nothing to wait for but the answer
        }
    }

    /// <summary>Tokens of 14 recent bars each, and one without any.</summary>
    private static async Task LoadAsync(HttpClient http)
    {
        await http.RegisterAsync("none");
        await Task.WhenAll(Enumerable.Range(0, Tokens).Select(async i =>
        {
            string token = string.Create(CultureInfo.InvariantCulture, $"r{i:d2}");
            await http.RegisterAsync(token, """{"stalenessSeconds":3600}""");
            (await http.IngestAsync(token, [.. Enumerable.Range(1, 14).Select(n => (Now() - 300L * n, 100m + (i * n * 7919) % 101))])).Ok();
        }));
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 300 * 300;
}

using System.Globalization;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Durability;

/// <summary>Many tokens of the simulated market, 2,000 and in the long run 10,000, killed while their history is fetched and again later.</summary>
public sealed class ManyTokensTests
{
    private const int Sample = 20;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4); // figures are printed, not asserted: this only ends a silo that hangs

    [Fact]
    public Task Kill_9_in_the_first_fill_and_later_loses_no_bar_of_2000_tokens() => KillTwiceAsync(2_000);

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public Task Kill_9_in_the_first_fill_and_later_loses_no_bar_of_10000_tokens() => KillTwiceAsync(10_000);

    private static async Task KillTwiceAsync(int count)
    {
        ITestOutputHelper log = TestContext.Current.TestOutputHelper!;
        using DataFolder folder = new();
        Dictionary<string, TokenState> inFill;
        using (SiloProcess first = await SiloProcess.ListeningAsync(folder, Market(count)))
        {
            await FilledAsync(first, count / 2);
            inFill = await TokensAsync(first.Http);
            log.WriteLine(Line(first, "killed in the first fill", inFill));
            first.Kill();
        }

        Dictionary<string, TokenState> filled;
        using (SiloProcess second = await SiloProcess.ListeningAsync(folder, Market(count)))
        {
            await second.ReadyAsync(Limit);
            log.WriteLine(Line(second, "ready after kill -9 in the first fill", null));
            filled = await TokensAsync(second.Http);
            AssertNothingLost(inFill, filled);
            AssertAllListed(filled, count);
            await AssertCompleteAsync(second.Http, filled);
            log.WriteLine(Line(second, "killed again", filled));
            second.Kill();
        }

        using SiloProcess third = await SiloProcess.ListeningAsync(folder, Market(count));
        await third.ReadyAsync(Limit);
        log.WriteLine(Line(third, "ready after kill -9 of a full folder", null));
        Dictionary<string, TokenState> again = await TokensAsync(third.Http);
        AssertNothingLost(filled, again);
        Assert.True(again.Values.Sum(token => token.Bars) >= filled.Values.Sum(token => token.Bars));
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task A_first_start_with_10000_tokens_becomes_ready()
    {
        const int count = 10_000;
        using DataFolder folder = new();
        using SiloProcess silo = await SiloProcess.ListeningAsync(folder, Market(count));

        await silo.ReadyAsync(Limit);

        Dictionary<string, TokenState> tokens = await TokensAsync(silo.Http);
        AssertAllListed(tokens, count);
        TestContext.Current.TestOutputHelper!.WriteLine(Line(silo, "ready at the first start", tokens));
    }

    private static string[] Market(int count) => ["--Pnl:Feed=simulated", FormattableString.Invariant($"--Pnl:Simulated:Tokens={count}"), "--Pnl:Simulated:HistoryDays=2"];

    private static string Line(SiloProcess silo, string what, Dictionary<string, TokenState>? tokens) => string.Create(
        CultureInfo.InvariantCulture,
        $"{silo.SinceStart.TotalSeconds:f1} s after its start: {what}{(tokens is null ? "" : $", {tokens.Count} tokens with {tokens.Values.Sum(token => token.Bars)} bars")}");

    /// <summary>Waits until the feed has fetched the history of so many tokens.</summary>
    private static async Task FilledAsync(SiloProcess silo, int tokens)
    {
        while (true)
        {
            Answer answer = await silo.Http.GetAnswerAsync("/health/ready");
            Assert.True(silo.SinceStart < Limit, $"{answer.Text}\n{silo.Output}");
            JsonElement data = answer["checks"].GetProperty("feed").GetProperty("data");
            if (data.TryGetProperty("tokensDone", out JsonElement done) && done.GetInt32() >= tokens)
            {
                return;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken); // progress can only be asked for
        }
    }

    private static async Task<Dictionary<string, TokenState>> TokensAsync(HttpClient http)
    {
        Dictionary<string, TokenState> tokens = [];
        string? cursor = null;
        do
        {
            Answer page = (await http.GetAnswerAsync("/v1/tokens?limit=1000" + (cursor is null ? "" : "&cursor=" + cursor))).Ok();
            foreach (JsonElement token in page["items"].EnumerateArray())
            {
                tokens.Add(token.GetProperty("id").GetString()!, new(
                    token.GetProperty("bars").GetInt64(),
                    token.GetProperty("revision").GetInt64(),
                    token.GetProperty("lastBar") is { ValueKind: JsonValueKind.String } last ? Answer.Seconds(last) : 0));
            }

            cursor = page["nextCursor"].GetString();
        }
        while (cursor is not null);
        return tokens;
    }

    /// <summary>A few tokens of the simulated market are listed only later than now.</summary>
    private static void AssertAllListed(Dictionary<string, TokenState> tokens, int count) => Assert.InRange(tokens.Count, count * 95 / 100, count);

    private static void AssertNothingLost(Dictionary<string, TokenState> before, Dictionary<string, TokenState> after)
    {
        foreach ((string id, TokenState state) in before)
        {
            Assert.True(after.TryGetValue(id, out TokenState now), $"{id} is gone");
            Assert.True(now.Bars >= state.Bars && now.Revision >= state.Revision && now.LastBar >= state.LastBar, $"{id} was {state} and is {now}");
        }
    }

    /// <summary>No token of a sample lacks a bar: each slot since its first bar was fetched.</summary>
    private static async Task AssertCompleteAsync(HttpClient http, Dictionary<string, TokenState> tokens)
    {
        foreach (string id in tokens.Where(token => token.Value.Bars > 0).Select(token => token.Key).Where((_, i) => i % (tokens.Count / Sample) == 0))
        {
            Answer token = (await http.GetAnswerAsync($"/v1/tokens/{id}")).Ok();
            Assert.True(token["coverage"].GetProperty("missingBars").GetInt64() == 0, token.Text);
            Assert.True((await http.GetAnswerAsync($"/v1/tokens/{id}/pnl")).Ok()["complete"].GetBoolean(), id);
        }
    }

    private readonly record struct TokenState(long Bars, long Revision, long LastBar);
}

using System.Collections.Concurrent;
using System.Text.Json;
using Pnl.Tests.Acceptance.Cluster;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Durability;

/// <summary>
/// The newest asOf and revision that anybody has seen of each token. Whoever asks after that may not see older ones, be it of
/// another process.
/// </summary>
internal sealed class Watermarks
{
    private readonly ConcurrentDictionary<string, (long AsOf, long Revision)> _seen = new();
    private readonly ConcurrentDictionary<string, string> _how = new(); // and when the newest was seen, for the message

    /// <summary>What an answer to a question that is asked now must show at least.</summary>
    public (long AsOf, long Revision) Of(string token) => _seen.GetValueOrDefault(token, (0, 0));

    /// <summary>Asks for a token's PnL and checks that nothing went back.</summary>
    public async Task ReadPnlAsync(HttpClient http, string token)
    {
        (long, long) floor = Of(token);
        Answer answer = Answered(await http.GetAnswerAsync($"/v1/tokens/{token}/pnl"));
        try
        {
            See(token, floor, AsOf(answer), answer["revision"].GetInt64(), "an answer");
        }
        catch (Xunit.Sdk.XunitException e)
        {
            // Whether it is lost, or somebody answered out of the past.
            List<string> again = [];
            for (int i = 0; i < 5; i++)
            {
                Answer next = await http.GetAnswerAsync($"/v1/tokens/{token}/pnl");
                again.Add((int)next.Status == 200 ? $"{next["revision"].GetInt64()}" : $"{(int)next.Status}");
                await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            }

            Assert.Fail($"{e.Message}; asked again, a second apart: {string.Join(", ", again)}");
        }
    }

    /// <summary>Asks for the list of tokens and checks that nothing went back in it.</summary>
    public async Task ReadListAsync(HttpClient http, string search)
    {
        Dictionary<string, (long, long)> floors = new(_seen);
        Answer list = Answered(await http.GetAnswerAsync($"/v1/tokens?search={search}&limit=1000"));
        foreach (JsonElement token in list["items"].EnumerateArray())
        {
            string id = token.GetProperty("id").GetString()!;
            JsonElement last = token.GetProperty("lastBar");
            See(id, floors.GetValueOrDefault(id, (0, 0)), last.ValueKind == JsonValueKind.Null ? 0 : Answer.Seconds(last) + 300, token.GetProperty("revision").GetInt64(), "the list");
        }
    }

    /// <summary>A revision that an acknowledgement told.</summary>
    public void Acknowledged(string token, long revision) => Keep(token, 0, revision, "an acknowledgement");

    /// <exception cref="NotAnsweredException">The server could not answer.</exception>
    private static Answer Answered(Answer answer) => (int)answer.Status >= 500 ? throw new NotAnsweredException($"{(int)answer.Status}: {answer.Text}") : answer.Ok();

    private static long AsOf(Answer answer) => answer["asOf"].ValueKind == JsonValueKind.Null ? 0 : Answer.Seconds(answer["asOf"]);

    private void See(string token, (long AsOf, long Revision) floor, long asOf, long revision, string by)
    {
        Assert.True(
            asOf >= floor.AsOf && revision >= floor.Revision,
            $"{token} was as of {floor.AsOf} at revision {floor.Revision} ({_how.GetValueOrDefault(token)}) and by {by} of {TimeProvider.System.GetUtcNow():HH:mm:ss.fff} is as of {asOf} at revision {revision}");
        Keep(token, asOf, revision, by);
    }

    private void Keep(string token, long asOf, long revision, string by)
    {
        if (revision > Of(token).Revision)
        {
            _how[token] = $"{revision} by {by} of {TimeProvider.System.GetUtcNow():HH:mm:ss.fff}";
        }

        _seen.AddOrUpdate(token, (asOf, revision), (_, seen) => (Math.Max(seen.AsOf, asOf), Math.Max(seen.Revision, revision)));
    }
}

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

    /// <summary>What an answer to a question that is asked now must show at least.</summary>
    public (long AsOf, long Revision) Of(string token) => _seen.GetValueOrDefault(token, (0, 0));

    /// <summary>Asks for a token's PnL and checks that nothing went back.</summary>
    public async Task ReadPnlAsync(HttpClient http, string token)
    {
        (long, long) floor = Of(token);
        Answer answer = Answered(await http.GetAnswerAsync($"/v1/tokens/{token}/pnl"));
        See(token, floor, answer["asOf"].ValueKind == JsonValueKind.Null ? 0 : Answer.Seconds(answer["asOf"]), answer["revision"].GetInt64());
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
            See(id, floors.GetValueOrDefault(id, (0, 0)), last.ValueKind == JsonValueKind.Null ? 0 : Answer.Seconds(last) + 300, token.GetProperty("revision").GetInt64());
        }
    }

    /// <summary>A revision that an acknowledgement told.</summary>
    public void Acknowledged(string token, long revision) =>
        _seen.AddOrUpdate(token, (0, revision), (_, seen) => (seen.AsOf, Math.Max(seen.Revision, revision)));

    /// <exception cref="NotAnsweredException">The server could not answer.</exception>
    private static Answer Answered(Answer answer) => (int)answer.Status >= 500 ? throw new NotAnsweredException($"{(int)answer.Status}: {answer.Text}") : answer.Ok();

    private void See(string token, (long AsOf, long Revision) floor, long asOf, long revision)
    {
        Assert.True(asOf >= floor.AsOf && revision >= floor.Revision, $"{token} was as of {floor.AsOf} at revision {floor.Revision} and is as of {asOf} at revision {revision}");

        _seen.AddOrUpdate(token, (asOf, revision), (_, seen) => (Math.Max(seen.AsOf, asOf), Math.Max(seen.Revision, revision)));
    }
}

using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>A ranking of all tokens.</summary>
internal sealed record LeaderboardAnswer(
    DateTimeOffset? AsOf, string Window, string By, string Order, long Revision, bool Complete, int Tokens, int Known, LeaderboardItem[] Items);

/// <summary>Rankings as JSON, each written once for however many ask for it while nothing changes.</summary>
internal sealed class LeaderboardAnswers(IOptions<JsonOptions> json)
{
    private const int MostKept = 64;

    private readonly ConcurrentDictionary<LeaderboardQuery, Written> _written = new();

    /// <summary>The JSON, and what tells it from any other.</summary>
    public (ReadOnlyMemory<byte> Json, string Digest) Of(LeaderboardQuery query, Leaderboard board)
    {
        if (!_written.TryGetValue(query, out Written? written) || !ReferenceEquals(written.Of, board))
        {
            if (_written.Count >= MostKept)
            {
                _written.Clear();
            }

            _written[query] = written = Write(board);
        }

        return (written.Json, written.Digest);
    }

    private Written Write(Leaderboard board)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(
            new LeaderboardAnswer(
                board.AsOf, board.Window, LeaderboardApi.Measures.First(measure => measure.Value == board.By).Key, board.Ascending ? "asc" : "desc",
                board.Revision, board.Complete, board.Tokens, board.Known, board.Items),
            json.Value.SerializerOptions);
        return new(board, bytes, Convert.ToHexStringLower(XxHash3.Hash(bytes)));
    }

    private sealed record Written(Leaderboard Of, byte[] Json, string Digest);
}

using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Pnl.Grains;

namespace Pnl.Gateway;

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
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(board, json.Value.SerializerOptions);
        return new(board, bytes, Convert.ToHexStringLower(XxHash3.Hash(bytes)));
    }

    private sealed record Written(Leaderboard Of, byte[] Json, string Digest);
}

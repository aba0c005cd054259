using Orleans.Concurrency;

namespace Pnl.Grains;

/// <summary>
/// Merges the first places of all shards. An answer is made once for what the shards answer: while nothing changed they give
/// the same objects again, and so does this.
/// </summary>
[GrainType("leaderboard")]
[StatelessWorker(1)]
internal sealed class LeaderboardGrain : Grain, ILeaderboardGrain
{
    private const int MostKept = 64;

    private readonly Dictionary<LeaderboardQuery, (Leaderboard[] Parts, Leaderboard Whole)> _answers = [];

    public async Task<Leaderboard> Get(LeaderboardQuery query)
    {
        Ranking ranking = query.Ranking();
        Leaderboard[] parts = await Task.WhenAll(Enumerable.Range(0, StandingShards.Count).Select(shard => GrainFactory.GetGrain<IStandingsGrain>(shard).Top(query)));
        if (_answers.TryGetValue(query, out (Leaderboard[] Parts, Leaderboard Whole) known) && known.Parts.SequenceEqual(parts))
        {
            return known.Whole;
        }

        if (_answers.Count >= MostKept)
        {
            _answers.Clear();
        }

        Leaderboard whole = Merged(query, ranking, parts);
        _answers[query] = (parts, whole);
        return whole;
    }

    private static Leaderboard Merged(LeaderboardQuery query, Ranking ranking, Leaderboard[] parts) => new()
    {
        AsOf = parts.Max(part => part.AsOf),
        Window = query.Window,
        By = query.By,
        Ascending = query.Ascending,
        Revision = parts.Sum(part => part.Revision),
        Complete = parts.All(part => part.Complete),
        Tokens = parts.Sum(part => part.Tokens),
        Known = parts.Sum(part => part.Known),
        Items =
        [
            .. ranking.First(parts.SelectMany(part => part.Items), item => RankKey.Of(
                item.Token, new StandingFigures(item.Return, item.Pnl, item.Volatility, item.MaxDrawdown, item.Partial), query.By))
                .Select((item, i) => item with { Rank = i + 1 }),
        ],
    };
}

/// <summary>What a query means to the domain.</summary>
internal static class LeaderboardQueries
{
    /// <exception cref="ArgumentException">There is no such window or measure, or the limit is out of range.</exception>
    public static Ranking Ranking(this LeaderboardQuery query) => new(
        RollingWindow.Find(query.Window) ?? throw new ArgumentException($"there is no window '{query.Window}'", nameof(query)),
        Enum.IsDefined(query.By) ? query.By : throw new ArgumentException($"there is no measure {query.By}", nameof(query)),
        query.Ascending,
        query.IncludeAll,
        query.Limit is >= 1 and <= LeaderboardQuery.MaxLimit ? query.Limit : throw new ArgumentException($"a limit is from 1 to {LeaderboardQuery.MaxLimit}, not {query.Limit}", nameof(query)));
}

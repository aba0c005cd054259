using Orleans.Concurrency;

namespace Pnl.Grains;

/// <summary>
/// Merges the first places of all shards. An answer stands for a moment (<see cref="LeaderboardOptions.Refresh"/>), so that
/// those who ask while a tick goes in do not have everything ranked anew for each of its bars; one grain gives them all, so
/// that none is older than one before. While nothing changed the shards give the same objects again, and so does this.
/// </summary>
[GrainType("leaderboard")]
[Reentrant]
internal sealed class LeaderboardGrain(LeaderboardOptions options, TimeProvider time) : Grain, ILeaderboardGrain
{
    private const int MostKept = 256;

    private readonly Dictionary<LeaderboardQuery, Board> _boards = [];
    private readonly IStandingsGrain?[] _shards = new IStandingsGrain?[StandingShards.Count];

    public Task<Leaderboard> Get(LeaderboardQuery query)
    {
        Ranking ranking = query.Ranking();
        if (!_boards.TryGetValue(query, out Board? board))
        {
            if (_boards.Count >= MostKept)
            {
                _boards.Clear();
            }

            _boards[query] = board = new(new(options.Refresh, time));
        }

        return board.Answer.Get(() => Ask(query, ranking, board));
    }

    private async Task<Leaderboard> Ask(LeaderboardQuery query, Ranking ranking, Board board)
    {
        Leaderboard[] parts = await Task.WhenAll(_shards.Select((_, shard) => (_shards[shard] ??= GrainFactory.GetGrain<IStandingsGrain>(shard)).Top(query)));
        if (board.Whole is null || !board.Parts.SequenceEqual(parts))
        {
            (board.Parts, board.Whole) = (parts, Merged(query, ranking, parts));
        }

        return board.Whole;
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

    /// <summary>A query's answer, and what the shards said when it was last made.</summary>
    private sealed class Board(BriefAnswer<Leaderboard> answer)
    {
        public BriefAnswer<Leaderboard> Answer => answer;

        public Leaderboard[] Parts { get; set; } = [];

        public Leaderboard? Whole { get; set; }
    }
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

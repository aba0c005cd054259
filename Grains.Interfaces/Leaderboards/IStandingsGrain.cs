using Orleans.Concurrency;

namespace Pnl.Grains;

/// <summary>
/// The standings of the tokens of one shard, by its number: told by the tokens' silos after each change, read by
/// leaderboards and by whoever listens to tokens. It keeps nothing on disk: a new activation gathers what the store lists.
/// </summary>
[Alias("Pnl.IStandingsGrain")]
public interface IStandingsGrain : IGrainWithIntegerKey
{
    /// <summary>Takes standings, in any order; older ones than are here change nothing.</summary>
    [Alias("Report")]
    Task Report(TokenStanding[] standings);

    /// <summary>
    /// The first places among the tokens of this shard. Waits until the shard knows which tokens there are, and how the one
    /// with the newest bar stands: before that it could answer less than was answered before.
    /// </summary>
    [Alias("Top"), AlwaysInterleave]
    Task<Leaderboard> Top(LeaderboardQuery query);

    /// <summary>
    /// What changed of some tokens after a point; waits for a change, some 5 seconds at most, if nothing has.
    /// </summary>
    [Alias("GetChanges"), AlwaysInterleave]
    Task<StandingChanges> GetChanges(ChangesQuery query);

    /// <summary>Makes it gather standings, if it does not yet.</summary>
    [Alias("Warm"), AlwaysInterleave]
    Task Warm();
}

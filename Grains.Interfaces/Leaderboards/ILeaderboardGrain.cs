using Orleans.Concurrency;

namespace Pnl.Grains;

/// <summary>Rankings of all tokens, from what the shards hold; never asks the tokens.</summary>
[Alias("Pnl.ILeaderboardGrain")]
public interface ILeaderboardGrain : IGrainWithIntegerKey
{
    /// <summary>The first places.</summary>
    /// <exception cref="ArgumentException">There is no such window, or the limit is out of range.</exception>
    [Alias("Get"), AlwaysInterleave]
    Task<Leaderboard> Get(LeaderboardQuery query);
}

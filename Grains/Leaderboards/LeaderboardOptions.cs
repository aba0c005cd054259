namespace Pnl.Grains;

/// <summary>How leaderboards are kept up.</summary>
public sealed record LeaderboardOptions
{
    /// <summary>
    /// For how long an answer stands before the shards are asked again: by so much it may be older than what they know.
    /// Zero asks them each time.
    /// </summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>For how long a silo gathers what its tokens tell before it hands the first of it to a shard.</summary>
    public TimeSpan Gathering { get; init; } = TimeSpan.FromMilliseconds(10);
}

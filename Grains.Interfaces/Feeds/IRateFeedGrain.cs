namespace Pnl.Grains;

/// <summary>
/// The feed of a source, by the source's name: fetches what tokens lack up to now, then at each 5-minute boundary
/// publishes the newest bar of every token to that token's stream. There is one activation in a cluster.
/// </summary>
[Alias("Pnl.IRateFeedGrain")]
public interface IRateFeedGrain : IGrainWithStringKey
{
    /// <summary>Starts the feed if it is not running. Called again and again, so that a feed whose silo died comes back.</summary>
    [Alias("Start")]
    Task Start();

    /// <summary>How far it is.</summary>
    [Alias("GetProgress")]
    Task<FeedProgress> GetProgress();
}

/// <summary>How far a feed is.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="Done">Tokens whose history is fetched.</param>
/// <param name="Total">Tokens of the source.</param>
/// <param name="Bars">Bars fetched in this phase.</param>
/// <param name="LastTick">Open time of the last bar published; null before the first.</param>
[GenerateSerializer, Immutable, Alias("Pnl.FeedProgress")]
public sealed record FeedProgress(
    [property: Id(0)] FeedPhase Phase,
    [property: Id(1)] int Done,
    [property: Id(2)] int Total,
    [property: Id(3)] long Bars,
    [property: Id(4)] DateTimeOffset? LastTick);

/// <summary>What a feed is doing.</summary>
[GenerateSerializer, Alias("Pnl.FeedPhase")]
public enum FeedPhase
{
    /// <summary>Not started.</summary>
    Idle,

    /// <summary>Fetching the history of tokens that are not known yet: answers are still to come.</summary>
    Filling,

    /// <summary>Fetching what known tokens missed while nobody was here: answers are good, and as of when they say.</summary>
    CatchingUp,

    /// <summary>Publishing at each boundary.</summary>
    Live,
}

namespace Pnl.Client;

/// <summary>
/// How the client asks. The defaults are made for a cluster in which a silo that dies is noticed within some seconds; they
/// are checked when the service starts.
/// </summary>
public sealed record PnlClientOptions
{
    /// <summary>Whose portfolios the client is for, unless <see cref="IPnlClient.For"/> says otherwise; by default <c>local</c>.</summary>
    public string Owner { get; set; } = Grains.PortfolioOwner.Local;

    /// <summary>
    /// For how long a call that may be made twice is made again, while silos die or move, before <see cref="PnlUnavailableException"/>
    /// is thrown; 25 s by default, 10 minutes at most. Zero: each call is made once and waited for as long as Orleans waits.
    /// </summary>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// How long an answer to a call that only reads is waited for before it is made again, beside the one that is under way; later
    /// a quarter of what it takes already. 1 s by default, 100 ms at least.
    /// </summary>
    public TimeSpan FirstReadWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The same of a call that writes: 5 s by default, 100 ms at least.</summary>
    public TimeSpan FirstWriteWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The pause before a call that failed is made again; then twice as long each time. 50 ms by default, 1 ms at least.</summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest of these pauses: 1 s by default, a minute at most.</summary>
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The pause before what is followed is asked for again when it did not answer: 0.5 s by default, a minute at most.</summary>
    public TimeSpan FollowPause { get; set; } = TimeSpan.FromSeconds(0.5);
}

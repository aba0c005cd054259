namespace Pnl.Grains;

/// <summary>The events that could not be taken.</summary>
[Alias("Pnl.IDeadLettersGrain")]
public interface IDeadLettersGrain : IGrainWithIntegerKey
{
    /// <summary>Lists them, newest first.</summary>
    /// <param name="after">Only those behind this one; null from the newest.</param>
    /// <param name="limit">The most to return.</param>
    [Alias("List")]
    Task<DeadLetterInfo[]> List(string? after, int limit);

    /// <summary>
    /// Hands one to its token again. If the token takes it, it is kept no longer; completes when both are durable. Done twice, it is as if
    /// done once: the token knows the bar then.
    /// </summary>
    /// <returns>What came of it; null if there is none of that id.</returns>
    [Alias("Replay")]
    Task<DeadLetterReplay?> Replay(string id);
}

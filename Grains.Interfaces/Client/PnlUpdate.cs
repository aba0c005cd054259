namespace Pnl.Client;

/// <summary>The newest state of what is followed.</summary>
/// <typeparam name="TPnl">What tells the state.</typeparam>
/// <param name="Id">Whose it is: a token's id, or a portfolio's.</param>
/// <param name="Revision">Its revision.</param>
/// <param name="Pnl">The state. What depends on the clock, such as stale and age, is as of when it was told.</param>
/// <param name="Skipped">How many states between this and the one before were not read in time, and are left out.</param>
public sealed record PnlUpdate<TPnl>(string Id, long Revision, TPnl Pnl, int Skipped)
{
    /// <summary>
    /// Whether it is a token that was deleted: its state is then that of a token without a bar. It is followed on: if it is registered
    /// anew, its state comes again.
    /// </summary>
    public bool IsDeleted { get; init; }
}

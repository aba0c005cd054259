using Orleans.Concurrency;

namespace Pnl.Grains;

/// <summary>
/// One backfill, by its id. Plans from what tokens say that they cover, so it goes on where it was after any death, and
/// fetches nothing twice that is finished.
/// </summary>
[Alias("Pnl.IBackfillCoordinatorGrain")]
public interface IBackfillCoordinatorGrain : IGrainWithStringKey
{
    /// <summary>Begins; if it has begun already, only answers.</summary>
    [Alias("Start")]
    Task<BackfillStatus> Start(BackfillRequest request);

    /// <summary>Goes on after a death or a pause by the system; does nothing if it is at work or ended.</summary>
    [Alias("Continue")]
    Task Continue();

    /// <summary>How far it is; null if there is no such backfill.</summary>
    [Alias("GetStatus"), AlwaysInterleave]
    Task<BackfillStatus?> GetStatus();

    /// <summary>Holds it; what is under way is finished. Null if there is no such backfill.</summary>
    [Alias("Pause")]
    Task<BackfillStatus?> Pause();

    /// <summary>Lets it go on. Null if there is no such backfill.</summary>
    [Alias("Resume")]
    Task<BackfillStatus?> Resume();

    /// <summary>Forgets it if it has ended; whether nothing of it is left.</summary>
    [Alias("Forget")]
    Task<bool> Forget();

    /// <summary>Ends it; what is done stays. Null if there is no such backfill.</summary>
    [Alias("Cancel")]
    Task<BackfillStatus?> Cancel();
}

using Orleans.Concurrency;

namespace Pnl.Grains;

/// <summary>Fetches the history of one token, by its id.</summary>
[Alias("Pnl.IBackfillWorkerGrain")]
public interface IBackfillWorkerGrain : IGrainWithStringKey
{
    /// <summary>Fetches what the token lacks in a range, or all of it again: pages are landed, then handed to the token.</summary>
    [Alias("Fetch"), ResponseTimeout("00:30:00")]
    Task<BackfillWork> Fetch(BackfillOrder order);

    /// <summary>
    /// Rows of sources that were not taken as bars, as the newest fetch of their time has them, by source and time.
    /// </summary>
    /// <param name="after">How many to pass over; 0 from the start.</param>
    /// <param name="limit">The most to answer; 0 for their number alone.</param>
    [Alias("GetSetAside"), AlwaysInterleave]
    Task<SetAsideRows> GetSetAside(int after, int limit);
}

/// <summary>A piece of work.</summary>
/// <param name="Source">Name of the source.</param>
/// <param name="Symbol">The source's name for the pair.</param>
/// <param name="Base">The traded token at the source.</param>
/// <param name="Quote">Currency of the rates.</param>
/// <param name="From">First slot.</param>
/// <param name="To">The slot behind the last one.</param>
/// <param name="Again">Whether what was fetched before is fetched again.</param>
/// <param name="Interval">Length of the candles; the slots are whole periods of it.</param>
/// <param name="Backfill">Id of the backfill that the token is to count; null if it is none's.</param>
[GenerateSerializer, Immutable, Alias("Pnl.BackfillOrder")]
public sealed record BackfillOrder(
    [property: Id(0)] string Source, [property: Id(1)] string Symbol, [property: Id(2)] string Base, [property: Id(3)] string Quote,
    [property: Id(4)] int From, [property: Id(5)] int To, [property: Id(6)] bool Again = false,
    [property: Id(7)] Interval Interval = Interval.FiveMinutes, [property: Id(8)] string? Backfill = null);

/// <summary>What a piece of work came to.</summary>
/// <param name="Landed">Bars written to the landing.</param>
/// <param name="Imported">Bars that were new or corrected something.</param>
/// <param name="Quarantined">Rows kept aside.</param>
/// <param name="Retries">Times that something was tried again.</param>
/// <param name="Failure">Why it was given up; null if it is done.</param>
/// <param name="Corrected">Those of the imported bars that replaced another rate.</param>
/// <param name="Counted">What the token counted of the whole backfill; null if it counted nothing.</param>
[GenerateSerializer, Immutable, Alias("Pnl.BackfillWork")]
public sealed record BackfillWork(
    [property: Id(0)] long Landed, [property: Id(1)] long Imported, [property: Id(2)] long Quarantined, [property: Id(3)] int Retries,
    [property: Id(4)] BackfillFailure? Failure, [property: Id(5)] long Corrected = 0, [property: Id(6)] BackfillCount? Counted = null);

namespace Pnl.Grains;

/// <summary>What a backfill hands over beside bars, so that the token counts it in the same step as it stores them.</summary>
/// <param name="Backfill">Id of the backfill.</param>
/// <param name="From">First slot of the range that is handed over with this batch. Equal ends where everything is fetched again, and where more batches of the range follow.</param>
/// <param name="To">The slot behind the last one.</param>
/// <param name="Landed">Bars landed of the range.</param>
/// <param name="Quarantined">Rows set aside of the range, without those that the token rejects of this batch.</param>
[GenerateSerializer, Immutable, Alias("Pnl.BackfillTally")]
public sealed record BackfillTally(
    [property: Id(0)] string Backfill, [property: Id(1)] int From = 0, [property: Id(2)] int To = 0,
    [property: Id(3)] long Landed = 0, [property: Id(4)] long Quarantined = 0);

/// <summary>What a token counted of a backfill so far. It is stored with the bars.</summary>
/// <param name="Landed">Bars landed; 0 where everything is fetched again.</param>
/// <param name="Imported">Bars that were new or replaced another rate.</param>
/// <param name="Corrected">Those of the imported bars that replaced another rate.</param>
/// <param name="Quarantined">Rows set aside; 0 where everything is fetched again.</param>
/// <param name="Handed">First slots and ends of the ranges that were handed over of the batch's listing, in turn, ascending.</param>
[GenerateSerializer, Immutable, Alias("Pnl.BackfillCount")]
public sealed record BackfillCount(
    [property: Id(0)] long Landed, [property: Id(1)] long Imported, [property: Id(2)] long Corrected, [property: Id(3)] long Quarantined,
    [property: Id(4)] int[] Handed);

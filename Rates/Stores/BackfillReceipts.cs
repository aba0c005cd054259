using System.Collections.Immutable;

namespace Pnl.Rates;

/// <summary>
/// What a token counted of a backfill. It is stored in the same step as the bars that it counts, so that it is true after
/// any death: the backfill itself keeps its counters only now and then. Immutable.
/// </summary>
/// <param name="Backfill">Id of the backfill.</param>
public sealed record BackfillReceipt(string Backfill)
{
    /// <summary>Bars landed of the ranges that were handed over, each range once.</summary>
    public long Landed { get; init; }

    /// <summary>Bars that were new or replaced another rate.</summary>
    public long Imported { get; init; }

    /// <summary>Those of the imported bars that replaced another rate.</summary>
    public long Corrected { get; init; }

    /// <summary>Rows set aside of the ranges that were handed over, each range once.</summary>
    public long Quarantined { get; init; }

    /// <summary>
    /// The ranges that were handed over, by the <see cref="Listing.Key"/> of their listing. Wider than what the token covers
    /// where rows were set aside. Empty where everything is fetched again.
    /// </summary>
    public ImmutableSortedDictionary<string, Coverage> Handed { get; init; } = ImmutableSortedDictionary.Create<string, Coverage>(StringComparer.Ordinal);

    /// <summary>The ranges that were handed over of a listing.</summary>
    /// <param name="listing">Its <see cref="Listing.Key"/>.</param>
    public Coverage HandedOf(string listing) => Handed.GetValueOrDefault(listing) ?? Coverage.None;
}

/// <summary>The receipts of the backfills that last brought a token something, <see cref="Most"/> at most. Immutable.</summary>
public sealed class BackfillReceipts
{
    /// <summary>The most receipts kept: so many backfills may be at work on one token at a time and be counted exactly.</summary>
    public const int Most = 4;

    /// <summary>The receipts, of the backfill that brought something last at the end.</summary>
    /// <param name="all">No two of one backfill; the last <see cref="Most"/> are kept.</param>
    public BackfillReceipts(params ReadOnlySpan<BackfillReceipt> all) => All = [.. all[Math.Max(0, all.Length - Most)..]];

    /// <summary>None.</summary>
    public static BackfillReceipts None { get; } = new();

    /// <summary>All of them, of the backfill that brought something last at the end.</summary>
    public ImmutableArray<BackfillReceipt> All { get; }

    /// <summary>The receipt of a backfill; null if there is none.</summary>
    public BackfillReceipt? Find(string backfill) => All.FirstOrDefault(receipt => receipt.Backfill == backfill);

    /// <summary>Counts what a backfill handed over. The same instance if there is nothing to be counted.</summary>
    /// <param name="backfill">Id of the backfill.</param>
    /// <param name="listing">The <see cref="Listing.Key"/> of the bars.</param>
    /// <param name="handed">The range; one that was handed over before is not counted again. Empty if that is not to be known.</param>
    /// <param name="landed">Bars landed of the range.</param>
    /// <param name="quarantined">Rows set aside of the range.</param>
    /// <param name="imported">Bars that were new or replaced another rate: they are counted whatever the range.</param>
    /// <param name="corrected">Those of the imported bars that replaced another rate.</param>
    public BackfillReceipts With(string backfill, string listing, SlotRange handed, long landed, long quarantined, long imported, long corrected)
    {
        BackfillReceipt before = Find(backfill) ?? new(backfill);
        Coverage known = before.HandedOf(listing);
        bool isNew = !handed.IsEmpty && known.MissingIn(handed).Any();
        return !isNew && imported == 0 ? this : new([.. All.Where(receipt => receipt.Backfill != backfill), before with
        {
            Landed = before.Landed + (isNew ? landed : 0),
            Quarantined = before.Quarantined + (isNew ? quarantined : 0),
            Imported = before.Imported + imported,
            Corrected = before.Corrected + corrected,
            Handed = isNew ? before.Handed.SetItem(listing, known.With(handed)) : before.Handed,
        }]);
    }
}

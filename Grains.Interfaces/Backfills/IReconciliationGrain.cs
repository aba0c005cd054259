namespace Pnl.Grains;

/// <summary>
/// The daily comparison of live bars with a source's history, by the source's name: a backfill of the kind
/// <see cref="BackfillKind.Reconciliation"/> for each UTC day, begun a while after the day's end. There is one activation
/// in a cluster.
/// </summary>
[Alias("Pnl.IReconciliationGrain")]
public interface IReconciliationGrain : IGrainWithStringKey
{
    /// <summary>
    /// Begins what is due, one day after another. Called again and again, so that a day is not missed because nobody was
    /// here at its hour.
    /// </summary>
    [Alias("Check")]
    Task Check();
}

using Orleans.Concurrency;

namespace Pnl.Grains;

/// <summary>
/// A portfolio, by its owner and its id (<see cref="PortfolioOwner.Key"/>; the rule of both is that of tokens): the one
/// that keeps its ledger. Answers are of what is durable. A
/// portfolio that nobody set up answers null.
/// </summary>
[Alias("Pnl.IPortfolioGrain")]
public interface IPortfolioGrain : IGrainWithStringKey
{
    /// <summary>Sets the portfolio up, or puts its ledger on other terms; completes when it is durable.</summary>
    [Alias("Put")]
    Task<PutPortfolioResult> Put(PortfolioDetails details);

    /// <summary>
    /// Deletes the portfolio with its ledger; completes when that is durable. One that is set up under the same id later goes
    /// on from its revision.
    /// </summary>
    /// <returns>False if nobody set it up.</returns>
    [Alias("Remove")]
    Task<bool> Remove();

    /// <summary>The portfolio.</summary>
    [Alias("Get")]
    Task<PortfolioInfo?> Get();

    /// <summary>Adds entries, all or none; completes when they are durable. What is there already changes nothing.</summary>
    [Alias("Post")]
    Task<LedgerResult?> Post(PortfolioEntry[] entries);

    /// <summary>Puts an entry in the place of the one with its id; completes when it is durable.</summary>
    [Alias("Correct")]
    Task<LedgerResult?> Correct(PortfolioEntry entry);

    /// <summary>Deletes an entry; completes when that is durable.</summary>
    [Alias("Delete")]
    Task<LedgerResult?> Delete(string entryId);

    /// <summary>Entries behind a place, in the order in which they count.</summary>
    [Alias("GetEntries")]
    Task<EntriesPage?> GetEntries(EntryPlace? after, int limit);

    /// <summary>Profit and loss.</summary>
    [Alias("GetPnl")]
    Task<PortfolioReport?> GetPnl(PortfolioQuery query);

    /// <summary>Value and profit period by period.</summary>
    [Alias("GetSeries")]
    Task<PortfolioSeries?> GetSeries(PortfolioSeriesQuery query, CancellationToken cancellation = default);

    /// <summary>Open and closed lots.</summary>
    [Alias("GetLots")]
    Task<LotsPage?> GetLots(LotsQuery query);

    /// <summary>Profit and loss, and what may change it: for those who follow the portfolio.</summary>
    [Alias("GetState")]
    Task<PortfolioState?> GetState();

    /// <summary>
    /// Waits, outside the turns of other calls, until the ledger or the terms have changed, but not longer than five seconds.
    /// </summary>
    /// <param name="ledger">What was seen: <see cref="PortfolioState.Ledger"/>.</param>
    /// <returns>Whether they are others than those.</returns>
    [Alias("WaitForChange"), AlwaysInterleave]
    Task<bool> WaitForChange(long ledger);
}

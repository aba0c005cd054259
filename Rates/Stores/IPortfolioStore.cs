namespace Pnl.Rates;

/// <summary>
/// Keeps the ledgers of portfolios. One portfolio is written by one owner at a time: a write names the revision that it
/// saw, and is refused if another came first. A completed write survives the death of the process and of the machine; what
/// it costs does not grow with the ledger.
/// </summary>
public interface IPortfolioStore
{
    /// <summary>A portfolio with its whole ledger; null if it is unknown.</summary>
    ValueTask<StoredPortfolio?> LoadAsync(string portfolio, CancellationToken cancellation);

    /// <summary>Writes a portfolio's change, all or nothing; completes when it is durable.</summary>
    /// <returns>The key, to be given with the next write.</returns>
    /// <exception cref="StoreConflictException">The stored revision is not the one that the writer saw.</exception>
    Task<PortfolioKey> WriteAsync(PortfolioWrite write);

    /// <summary>Deletes a portfolio with its ledger, all or nothing; completes when that is durable.</summary>
    /// <param name="portfolio">Its id.</param>
    /// <param name="key">As the store gave it last.</param>
    /// <param name="seenRevision">The revision that the deleting owner saw.</param>
    /// <param name="answered">The latest revision that was answered, not below the seen one: what comes later under the id goes on from it.</param>
    /// <exception cref="StoreConflictException">The stored revision is not the one that the owner saw.</exception>
    Task DeleteAsync(string portfolio, PortfolioKey key, long seenRevision, long answered);

    /// <summary>The latest revision that was answered of a portfolio that was deleted; 0 if there was none of that id.</summary>
    ValueTask<long> DeletedAtAsync(string portfolio, CancellationToken cancellation);

    /// <summary>Portfolios in the order of their ids.</summary>
    /// <param name="after">Only ids behind this one; null from the start.</param>
    /// <param name="limit">The most to return.</param>
    /// <param name="cancellation">Gives up.</param>
    ValueTask<IReadOnlyList<ListedPortfolio>> ListAsync(string? after, int limit, CancellationToken cancellation);

    /// <summary>
    /// The number of portfolios that depend on a token: an entry is of it or names it as a currency, or the base currency is it. One
    /// whose ledger cannot be read counts, since it may. Reads every ledger.
    /// </summary>
    /// <param name="token">The token's id.</param>
    /// <param name="cancellation">Gives up.</param>
    ValueTask<int> CountOfAsync(string token, CancellationToken cancellation);
}

/// <summary>What a store needs to know of a portfolio from one call to the next. Each store has its own kind.</summary>
public abstract record PortfolioKey;

/// <summary>What is stored of a portfolio beside its entries.</summary>
/// <param name="Revision">Grows with every write.</param>
/// <param name="Terms">The terms.</param>
/// <param name="Base">What the revision that is answered has beyond those of the tokens that count.</param>
/// <param name="AsOf">The latest time as of which an answer was given, in Unix seconds; null if none was.</param>
public sealed record PortfolioHead(long Revision, PortfolioTerms Terms, long Base, long? AsOf);

/// <summary>What is stored of a portfolio.</summary>
/// <param name="Key">To be given with the next write.</param>
/// <param name="Head">All but the entries.</param>
/// <param name="Entries">The entries, in no order.</param>
public sealed record StoredPortfolio(PortfolioKey Key, PortfolioHead Head, IReadOnlyList<LedgerEntry> Entries);

/// <summary>A portfolio as it is listed.</summary>
/// <param name="Portfolio">Its id.</param>
/// <param name="Terms">Its terms.</param>
public sealed record ListedPortfolio(string Portfolio, PortfolioTerms Terms);

/// <summary>A change of a portfolio.</summary>
/// <param name="Portfolio">Its id.</param>
/// <param name="Key">As the store gave it last; null if the portfolio is new.</param>
/// <param name="SeenRevision">The revision on which the change is built; 0 for a new portfolio.</param>
/// <param name="Head">All but the entries, afterwards.</param>
/// <param name="Put">Entries that are new or other than before.</param>
/// <param name="Deleted">Ids of entries that are no more.</param>
public sealed record PortfolioWrite(
    string Portfolio, PortfolioKey? Key, long SeenRevision, PortfolioHead Head, IReadOnlyCollection<LedgerEntry> Put, IReadOnlyCollection<string> Deleted);

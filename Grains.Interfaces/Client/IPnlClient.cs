using Pnl.Grains;

namespace Pnl.Client;

/// <summary>
/// The engine as other .NET services see it: every call of the HTTP API, over Orleans or over HTTP. Answers are of what is
/// durable, and say as of when. Safe to use from many threads. What may be asked twice is asked again while a silo dies, as
/// the options of the client say; where no answer comes, <see cref="PnlUnavailableException"/> is thrown.
/// </summary>
public interface IPnlClient
{
    /// <summary>
    /// The same client for the portfolios of an owner, who has ids of his own; the client itself is for those of
    /// <c>local</c>. Whoever has an Orleans client is trusted to name the owner: the HTTP API does so by key or token.
    /// </summary>
    /// <param name="owner">The owner's name, by the rule of ids.</param>
    /// <exception cref="ArgumentException">The name breaks the rule.</exception>
    IPnlClient For(string owner);

    /// <summary>Tokens in the order of their ids.</summary>
    /// <param name="search">Part of id, symbol or name, in any case; null for all.</param>
    /// <param name="after">Only ids behind this one; null from the start.</param>
    /// <param name="limit">The most to return, 1 to 1,000.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    Task<IReadOnlyList<TokenInfo>> ListTokensAsync(string? search = null, string? after = null, int limit = 100, CancellationToken cancellation = default);

    /// <summary>Registers a token, or changes what is registered.</summary>
    /// <exception cref="QuoteConflictException">It has bars in another quote currency.</exception>
    /// <exception cref="CircularListingException">A listing would be converted by the token's own rates.</exception>
    Task<RegisterResult> RegisterTokenAsync(string token, TokenDetails details, CancellationToken cancellation = default);

    /// <summary>A token.</summary>
    /// <exception cref="TokenUnknownException">Nobody registered it.</exception>
    Task<TokenInfo> GetTokenAsync(string token, CancellationToken cancellation = default);

    /// <summary>A token with its coverage.</summary>
    /// <exception cref="TokenUnknownException">Nobody registered it.</exception>
    Task<TokenCoverage> GetCoverageAsync(string token, int maxRanges = 1000, CancellationToken cancellation = default);

    /// <summary>Hands in bars; completes when they are durable. Sending the same again changes nothing.</summary>
    /// <exception cref="TokenUnknownException">Nobody registered the token.</exception>
    Task<IngestResult> IngestAsync(string token, BarBatch batch, CancellationToken cancellation = default);

    /// <summary>Takes the bars of a token away that open in [from, to), also such as lie ahead of now; completes when that is durable.</summary>
    /// <param name="token">The token's id.</param>
    /// <param name="from">Open time of the first bar that goes.</param>
    /// <param name="to">Bars that open then or later stay.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="TokenUnknownException">Nobody registered the token.</exception>
    Task<TokenRemoval> DeleteRatesAsync(string token, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation = default);

    /// <summary>
    /// Deletes a token with all of its bars; completes when that is durable. One that is registered under the id later begins
    /// anew. Portfolios that hold it say then that its rate is missing, and who follows it is told (<see cref="PnlUpdate{TPnl}.IsDeleted"/>).
    /// </summary>
    /// <param name="token">The token's id.</param>
    /// <param name="force">Deletes it also where portfolios depend on it: an entry is of it or names it, or all is counted in it.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="TokenUnknownException">Nobody registered the token.</exception>
    /// <exception cref="TokenHeldException">Portfolios depend on it, and force is not said.</exception>
    Task<TokenRemoval> DeleteTokenAsync(string token, bool force = false, CancellationToken cancellation = default);

    /// <summary>The rolling windows as of the last known bar.</summary>
    /// <exception cref="TokenUnknownException">Nobody registered the token.</exception>
    Task<TokenPnl> GetPnlAsync(string token, CancellationToken cancellation = default);

    /// <summary>The window between any two instants.</summary>
    /// <exception cref="TokenUnknownException">Nobody registered the token.</exception>
    Task<TokenWindow> GetWindowAsync(string token, WindowQuery query, CancellationToken cancellation = default);

    /// <summary>Rate and PnL period by period.</summary>
    /// <exception cref="TokenUnknownException">Nobody registered the token.</exception>
    Task<PnlSeries> GetSeriesAsync(string token, SeriesQuery query, CancellationToken cancellation = default);

    /// <summary>Rates period by period.</summary>
    /// <exception cref="TokenUnknownException">Nobody registered the token.</exception>
    Task<RateCandles> GetRatesAsync(string token, SeriesQuery query, CancellationToken cancellation = default);

    /// <summary>
    /// From when on rates of a token have changed since a revision, for whoever keeps answers: those that count only bars that
    /// opened before are still good.
    /// </summary>
    /// <param name="token">The token's id.</param>
    /// <param name="revision">The revision of the answers that are kept.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>
    /// Open time of the first bar that may have changed or come anew; null if none has. Only changes of late are remembered:
    /// where it is not known any more, 1970-01-01.
    /// </returns>
    /// <exception cref="TokenUnknownException">Nobody registered the token.</exception>
    Task<DateTimeOffset?> GetChangedFromAsync(string token, long revision, CancellationToken cancellation = default);

    /// <summary>The first places of all tokens over a rolling window.</summary>
    /// <exception cref="ArgumentException">There is no such window, or the limit is out of range.</exception>
    Task<Leaderboard> GetLeaderboardAsync(LeaderboardQuery query, CancellationToken cancellation = default);

    /// <summary>
    /// Follows tokens: first the state of each that is newer than what was seen, then its newest state after each change.
    /// </summary>
    /// <param name="seen">The tokens, each with the revision that was seen last; 0 for none.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="TokenUnknownException">Nobody registered one of them.</exception>
    Task<PnlWatch<TokenPnl>> WatchPnlAsync(IReadOnlyDictionary<string, long> seen, CancellationToken cancellation = default);

    /// <summary>How far the feed of a source is.</summary>
    Task<FeedProgress> GetFeedProgressAsync(string source, CancellationToken cancellation = default);

    /// <summary>Starts a backfill, or answers the one at work on the same request.</summary>
    /// <exception cref="SourceUnknownException">The silos have no such source.</exception>
    Task<BackfillStatus> StartBackfillAsync(BackfillRequest request, CancellationToken cancellation = default);

    /// <summary>Ids of all backfills, newest first.</summary>
    Task<IReadOnlyList<string>> ListBackfillsAsync(CancellationToken cancellation = default);

    /// <summary>How far a backfill is; null if there is none of that id.</summary>
    Task<BackfillStatus?> GetBackfillAsync(string id, CancellationToken cancellation = default);

    /// <summary>Holds a backfill, lets it go on, or ends it (what is done stays); null if there is none of that id.</summary>
    Task<BackfillStatus?> ControlBackfillAsync(string id, BackfillControl control, CancellationToken cancellation = default);

    /// <summary>Forgets a backfill that has ended: what it fetched stays.</summary>
    Task<BackfillForgetting> ForgetBackfillAsync(string id, CancellationToken cancellation = default);

    /// <summary>Rows of sources that were not taken as bars, by source and time, with their number in all.</summary>
    /// <param name="token">Id.</param>
    /// <param name="after">How many to pass over; 0 from the start.</param>
    /// <param name="limit">The most to answer, 1 to 1,000.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="TokenUnknownException">Nobody registered it.</exception>
    Task<SetAsideRows> GetSetAsideAsync(string token, int after = 0, int limit = 100, CancellationToken cancellation = default);

    /// <summary>Number of rows of sources that were not taken as bars; null if what was landed cannot be read now.</summary>
    Task<long?> CountSetAsideAsync(string token, CancellationToken cancellation = default);

    /// <summary>Events that could not be taken, newest first.</summary>
    /// <param name="after">Only those behind the one of this id; null from the newest.</param>
    /// <param name="limit">The most to return.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    Task<IReadOnlyList<DeadLetterInfo>> ListDeadLettersAsync(string? after = null, int limit = 100, CancellationToken cancellation = default);

    /// <summary>Hands an event that could not be taken to its token again, which is of use once the reason is gone.</summary>
    /// <returns>What came of it; null if there is none of that id.</returns>
    Task<DeadLetterReplay?> ReplayDeadLetterAsync(string id, CancellationToken cancellation = default);

    /// <summary>Sets a portfolio up, or puts its ledger on other terms; completes when it is durable.</summary>
    /// <exception cref="LedgerRefusedException">Its entries do not go with the new terms.</exception>
    Task<PutPortfolioResult> PutPortfolioAsync(string portfolio, PortfolioDetails details, CancellationToken cancellation = default);

    /// <summary>Portfolios in the order of their ids.</summary>
    /// <param name="after">Only ids behind this one; null from the start.</param>
    /// <param name="limit">The most to return, 1 to 1,000.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    Task<IReadOnlyList<PortfolioListing>> ListPortfoliosAsync(string? after = null, int limit = 100, CancellationToken cancellation = default);

    /// <summary>Deletes a portfolio with its ledger; completes when that is durable.</summary>
    /// <exception cref="PortfolioUnknownException">Nobody set it up.</exception>
    Task DeletePortfolioAsync(string portfolio, CancellationToken cancellation = default);

    /// <summary>A portfolio.</summary>
    /// <exception cref="PortfolioUnknownException">Nobody set it up.</exception>
    Task<PortfolioInfo> GetPortfolioAsync(string portfolio, CancellationToken cancellation = default);

    /// <summary>Adds entries, all or none; completes when they are durable. Sending the same again changes nothing.</summary>
    /// <exception cref="PortfolioUnknownException">Nobody set the portfolio up.</exception>
    /// <exception cref="LedgerRefusedException">One of them is wrong, or gives away more than is held.</exception>
    Task<LedgerResult> PostEntriesAsync(string portfolio, IReadOnlyList<PortfolioEntry> entries, CancellationToken cancellation = default);

    /// <summary>Puts an entry in the place of the one with its id; completes when it is durable.</summary>
    /// <inheritdoc cref="PostEntriesAsync" path="/exception"/>
    Task<LedgerResult> CorrectEntryAsync(string portfolio, PortfolioEntry entry, CancellationToken cancellation = default);

    /// <summary>Deletes an entry; completes when that is durable.</summary>
    /// <inheritdoc cref="PostEntriesAsync" path="/exception"/>
    Task<LedgerResult> DeleteEntryAsync(string portfolio, string entryId, CancellationToken cancellation = default);

    /// <summary>A page of the ledger, in the order in which entries count.</summary>
    /// <param name="portfolio">The portfolio's id.</param>
    /// <param name="after">The place behind which to begin; null from the start.</param>
    /// <param name="limit">The most entries.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="PortfolioUnknownException">Nobody set the portfolio up.</exception>
    Task<EntriesPage> GetEntriesAsync(string portfolio, EntryPlace? after = null, int limit = 1000, CancellationToken cancellation = default);

    /// <summary>Profit and loss of a portfolio.</summary>
    /// <exception cref="PortfolioUnknownException">Nobody set it up.</exception>
    Task<PortfolioReport> GetPortfolioPnlAsync(string portfolio, PortfolioQuery query, CancellationToken cancellation = default);

    /// <summary>Value and profit of a portfolio period by period.</summary>
    /// <exception cref="PortfolioUnknownException">Nobody set it up.</exception>
    /// <exception cref="SeriesChangedException">The query says what was seen before it, and of that something has changed.</exception>
    Task<PortfolioSeries> GetPortfolioSeriesAsync(string portfolio, PortfolioSeriesQuery query, CancellationToken cancellation = default);

    /// <summary>Open and closed lots of a portfolio.</summary>
    /// <exception cref="PortfolioUnknownException">Nobody set it up.</exception>
    /// <exception cref="SeriesChangedException">The query says what was seen before it, and lots have changed since.</exception>
    Task<LotsPage> GetLotsAsync(string portfolio, LotsQuery query, CancellationToken cancellation = default);

    /// <summary>
    /// Follows a portfolio: first how it stands, if that is newer than what was seen, then its newest state after each entry
    /// and each bar that changes it. The bars of its tokens at one boundary are one state, if they come within two seconds.
    /// </summary>
    /// <param name="portfolio">The portfolio's id.</param>
    /// <param name="seen">The revision that was seen last; 0 for none.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="PortfolioUnknownException">Nobody set it up.</exception>
    Task<PnlWatch<PortfolioReport>> WatchPortfolioPnlAsync(string portfolio, long seen = 0, CancellationToken cancellation = default);
}

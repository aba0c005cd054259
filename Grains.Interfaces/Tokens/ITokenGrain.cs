using Orleans.Concurrency;

namespace Pnl.Grains;

/// <summary>
/// A token, by its id: the one owner of its bars. Reads answer from what is durable, also while a write is under way.
/// A token that nobody registered answers null to reads.
/// </summary>
[Alias("Pnl.ITokenGrain")]
public partial interface ITokenGrain : IGrainWithStringKey
{
    /// <summary>Registers the token, or changes what is registered; completes when it is durable.</summary>
    [Alias("Register")]
    Task<RegisterResult> Register(TokenDetails details);

    /// <summary>Takes bars in any order; completes when they are durable. Null if the token is not registered.</summary>
    [Alias("Ingest")]
    Task<IngestResult?> Ingest(BarBatch batch);

    /// <summary>
    /// Takes a bar as from the token's own stream; completes when it is durable, or put aside as one that cannot be taken.
    /// </summary>
    [Alias("Take")] // its name on the wire since the first release
    Task IngestEvent(RateEvent item);

    /// <summary>Takes a bar of its stream that was put aside before; completes when it is durable.</summary>
    /// <returns>Why it cannot be taken this time either, by a stable code; null if it was.</returns>
    [Alias("TakeAgain")]
    Task<string?> TakeAgain(RateEvent item);

    /// <summary>Takes a long run of checked bars; completes when they are durable. Null if the token is not registered.</summary>
    [Alias("IngestHistory")]
    Task<IngestResult?> IngestHistory(HistoryBatch batch);

    /// <summary>
    /// Takes the bars away that open in [from, to), also such as lie ahead of now, of whichever listing; nobody has read that time then.
    /// Completes when that is durable. Null if the token is not registered.
    /// </summary>
    [Alias("RemoveRates")]
    Task<TokenRemoval?> RemoveRates(DateTimeOffset from, DateTimeOffset to);

    /// <summary>
    /// Deletes the token with all of its bars; completes when that is durable. One that is registered under the id later begins
    /// anew, and goes on from its revision. Null if the token is not registered.
    /// </summary>
    [Alias("Remove")]
    Task<TokenRemoval?> Remove();

    /// <summary>What is known of the token.</summary>
    [Alias("Get"), AlwaysInterleave]
    Task<TokenInfo?> Get();

    /// <summary>The token with its coverage: what was fetched, what is absent at the source, what is missing.</summary>
    [Alias("GetCoverage"), AlwaysInterleave]
    Task<TokenCoverage?> GetCoverage(int maxRanges, CancellationToken cancellation = default);

    /// <summary>
    /// The ranges of bar open times within [from, to) over which no source was read yet. Null if the token is not registered.
    /// </summary>
    [Alias("GetUnread"), AlwaysInterleave]
    Task<TimeRange[]?> GetUnread(DateTimeOffset from, DateTimeOffset to);

    /// <summary>
    /// The ranges of bar open times within [from, to) over which a listing was not read yet; for a coarser interval whole
    /// periods of it. Null if the token is not registered.
    /// </summary>
    [Alias("GetUnreadOf"), AlwaysInterleave]
    Task<TimeRange[]?> GetUnreadOf(TokenListing listing, DateTimeOffset from, DateTimeOffset to);

    /// <summary>The rolling windows as of the last known bar.</summary>
    [Alias("GetPnl"), AlwaysInterleave]
    Task<TokenPnl?> GetPnl();

    /// <summary>What of it a leaderboard needs. Null if the token is not registered.</summary>
    [Alias("GetStanding"), AlwaysInterleave]
    Task<TokenStanding?> GetStanding();

    /// <summary>The window between two instants.</summary>
    [Alias("GetWindow"), AlwaysInterleave]
    Task<TokenWindow?> GetWindow(WindowQuery query);

    /// <summary>Rate and PnL period by period.</summary>
    [Alias("GetSeries"), AlwaysInterleave]
    Task<PnlSeries?> GetSeries(SeriesQuery query, CancellationToken cancellation = default);

    /// <summary>Rates period by period.</summary>
    [Alias("GetRates"), AlwaysInterleave]
    Task<RateCandles?> GetRates(SeriesQuery query, CancellationToken cancellation = default);

    /// <summary>The rates as of some times, exact, with what has changed since the asker saw it. Null if the token is not registered.</summary>
    [Alias("GetRatesAt"), AlwaysInterleave]
    Task<RatesAt?> GetRatesAt(RatesAtQuery query);
}

namespace Pnl.Rates;

/// <summary>
/// An API or an archive from which the history of tokens is fetched page by page. Its calls are safe to repeat. Requests
/// go through the quota of the source; a page that cannot be had throws <see cref="SourceException"/>.
/// </summary>
public interface ICandleSource
{
    /// <summary>The name by which settings, quotas and answers call it, such as <c>binance</c>.</summary>
    string Name { get; }

    /// <summary>What it allows.</summary>
    SourceLimits Limits { get; }

    /// <summary>All its pairs.</summary>
    ValueTask<IReadOnlyList<SourcePair>> ListAsync(CancellationToken cancellation);

    /// <summary>
    /// The page of 5-minute candles at the beginning of a range: at most <see cref="SourceLimits.CandlesAPage"/> slots of it.
    /// </summary>
    /// <param name="pair">The pair.</param>
    /// <param name="range">Closed slots only; not empty.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="SourceException">The page cannot be had.</exception>
    ValueTask<CandlePage> ReadAsync(SourcePair pair, SlotRange range, CancellationToken cancellation);

    /// <summary>The newest rates of pairs, in as few requests as the API allows. Pairs without one are absent.</summary>
    ValueTask<IReadOnlyList<LatestRate>> LatestAsync(IReadOnlyList<SourcePair> pairs, CancellationToken cancellation);
}

/// <summary>A pair as a source knows it.</summary>
/// <param name="Symbol">The source's own name, such as <c>BTCUSDT</c>, <c>XXBTZUSD</c> or <c>BTC-USD</c>.</param>
/// <param name="Base">Id of the token that is traded, lower case, common name (<c>btc</c>, not <c>xbt</c>).</param>
/// <param name="Quote">Id of the currency of its rates, lower case.</param>
public sealed record SourcePair(string Symbol, string Base, string Quote);

/// <summary>What a source allows.</summary>
/// <param name="CandlesAPage">Slots a request for candles covers.</param>
/// <param name="PermitsAWindow">Permits (requests or weight) in each window of time.</param>
/// <param name="Window">That window.</param>
/// <param name="CandlesCost">Permits that a page of candles costs.</param>
/// <param name="LatestCost">Permits that a request for newest rates costs.</param>
public sealed record SourceLimits(int CandlesAPage, int PermitsAWindow, TimeSpan Window, int CandlesCost = 1, int LatestCost = 1);

/// <summary>A candle as a source gives it; all exact, in quote currency (volume in the token).</summary>
/// <param name="Slot">The 5-minute interval.</param>
/// <param name="Open">First rate.</param>
/// <param name="High">Highest rate.</param>
/// <param name="Low">Lowest rate.</param>
/// <param name="Close">Last rate.</param>
/// <param name="Volume">Volume; 0 where nothing was traded or the source does not say.</param>
public readonly record struct Candle(int Slot, decimal Open, decimal High, decimal Low, decimal Close, decimal Volume);

/// <summary>A page of candles.</summary>
/// <param name="Candles">Candles in ascending order, each slot once, all within <paramref name="Covered"/>.</param>
/// <param name="Covered">
/// The slots over which the source was read to the end, from the beginning of the range asked for: a slot in here without a
/// candle had none at the source. The next page begins at its end.
/// </param>
/// <param name="Quarantined">Rows that are not taken, with the reason; nothing is dropped silently.</param>
public sealed record CandlePage(IReadOnlyList<Candle> Candles, SlotRange Covered, IReadOnlyList<QuarantinedRow> Quarantined);

/// <summary>A row of a source that is kept aside.</summary>
/// <param name="TimeSeconds">Its time in Unix seconds as far as it could be read.</param>
/// <param name="Code">Why: a code of <see cref="BarDefects"/>, or <c>candle.contradictory</c>, <c>time.repeated</c>, <c>rate.jump</c>.</param>
/// <param name="Row">The row as it came.</param>
public readonly record struct QuarantinedRow(long? TimeSeconds, string Code, string Row);

/// <summary>The newest rate of a pair.</summary>
/// <param name="Symbol">The source's name for the pair.</param>
/// <param name="Rate">The rate.</param>
public readonly record struct LatestRate(string Symbol, decimal Rate);

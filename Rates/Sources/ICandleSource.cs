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
    /// Whether it has candles of an interval for any of its pairs. Where it has not, a pair of the list may still be of a
    /// coarser one, as a file of daily rates is.
    /// </summary>
    bool Gives(Interval interval) => interval == Interval.FiveMinutes;

    /// <summary>
    /// The page of candles at the beginning of a range, of the pair's interval: of at most <see cref="SourceLimits.CandlesAPage"/> candles.
    /// It covers more slots than that where the source itself skips the time in which nothing was traded. One request,
    /// or two where there seems to be nothing at all.
    /// </summary>
    /// <param name="pair">The pair.</param>
    /// <param name="range">
    /// The slots; not empty, and whole periods of the pair's interval. Those that are not closed now are not read, and not
    /// covered; of a coarser interval neither is a period that is open.
    /// </param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="SourceException">The page cannot be had.</exception>
    ValueTask<CandlePage> ReadAsync(SourcePair pair, SlotRange range, CancellationToken cancellation);

    /// <summary>
    /// The first slot from which on it may have candles of a pair; null if it has none before a slot. By default the page
    /// from the beginning tells, where the source skips what it has not; else it is found by halving months, on the
    /// understanding that a pair trades in every month once it is listed.
    /// </summary>
    async ValueTask<int?> FirstSlotAsync(SourcePair pair, int before, CancellationToken cancellation)
    {
        const int bitcoinsFirstMonth = (2009 - 1970) * 12;
        SlotRange all = new(BarTime.FirstSlotOfMonth(bitcoinsFirstMonth), before);
        CandlePage first = await ReadAsync(pair, all, cancellation);
        if (first.Candles.Count > 0)
        {
            return first.Candles[0].Slot;
        }

        if (first.Covered.To >= before)
        {
            return first.Covered.IsEmpty || first.Covered.From <= all.From ? null : first.Covered.From;
        }

        int low = bitcoinsFirstMonth, high = BarTime.MonthOf(before - 1) + 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = await HasCandlesAsync(middle) ? (low, middle) : (middle + 1, high);
        }

        return low > BarTime.MonthOf(before - 1) ? null : BarTime.FirstSlotOfMonth(low);

        async ValueTask<bool> HasCandlesAsync(int month)
        {
            // The last page of the month: a pair listed within the month is found by it.
            int end = Math.Min(BarTime.FirstSlotOfMonth(month + 1), before);
            long aPage = (long)Limits.CandlesAPage * pair.Interval.Slots();
            CandlePage page = await ReadAsync(pair, new((int)Math.Max(end - aPage, BarTime.FirstSlotOfMonth(month)), end), cancellation);
            return page.Candles.Count > 0;
        }
    }

    /// <summary>The newest rates of pairs, in as few requests as the API allows. Pairs without one are absent.</summary>
    ValueTask<IReadOnlyList<LatestRate>> LatestAsync(IReadOnlyList<SourcePair> pairs, CancellationToken cancellation);
}

/// <summary>A pair as a source knows it.</summary>
/// <param name="Symbol">The source's own name, such as <c>BTCUSDT</c>, <c>XXBTZUSD</c> or <c>BTC-USD</c>.</param>
/// <param name="Base">Id of the token that is traded, lower case, common name (<c>btc</c>, not <c>xbt</c>).</param>
/// <param name="Quote">Id of the currency of its rates, lower case.</param>
/// <param name="Listed">When trading began, where the source says so: before it there is nothing to fetch.</param>
/// <param name="IsTrading">Whether it trades now; the history of one that does not may still be there.</param>
/// <param name="Interval">Length of its candles: 5m, 15m, 1h, 4h or 1d.</param>
public sealed record SourcePair(
    string Symbol, string Base, string Quote, DateTimeOffset? Listed = null, bool IsTrading = true, Interval Interval = Interval.FiveMinutes);

/// <summary>What a source allows.</summary>
/// <param name="CandlesAPage">The most candles that a request answers.</param>
/// <param name="PermitsAWindow">Permits (requests or weight) in each window of time.</param>
/// <param name="Window">That window.</param>
/// <param name="CandlesCost">Permits that a page of candles costs.</param>
/// <param name="LatestCost">Permits that a request for newest rates costs.</param>
/// <param name="ListCost">Permits that the list of pairs costs.</param>
/// <param name="SlotsBack">How many slots before now its history reaches back; null if to the beginning.</param>
/// <param name="MonthsAnOrder">How many months of a token are fetched at a stretch, landed and imported together.</param>
public sealed record SourceLimits(
    int CandlesAPage,
    int PermitsAWindow,
    TimeSpan Window,
    int CandlesCost = 1,
    int LatestCost = 1,
    int ListCost = 1,
    int? SlotsBack = null,
    int MonthsAnOrder = 1);

/// <summary>A candle as a source gives it; all exact, in quote currency (volume in the token).</summary>
/// <param name="Slot">The 5-minute interval; of a coarser candle the last one of its period, at whose close its rate is known.</param>
/// <param name="Open">First rate.</param>
/// <param name="High">Highest rate.</param>
/// <param name="Low">Lowest rate.</param>
/// <param name="Close">Last rate.</param>
/// <param name="Volume">
/// Volume; 0 where the source does not say, or nothing was traded: a source that writes such a candle carries its rate, and
/// it is taken, since that is what the source says the rate was.
/// </param>
public readonly record struct Candle(int Slot, decimal Open, decimal High, decimal Low, decimal Close, decimal Volume);

/// <summary>A page of candles.</summary>
/// <param name="Candles">Candles in ascending order, each slot once, all within <paramref name="Covered"/>.</param>
/// <param name="Covered">
/// The slots over which the source was read to the end: a slot in here without a candle had none at the source, and one
/// with a quarantined row had no usable one. The next page begins at its end. It begins where the range asked for begins,
/// or behind that: of the slots between, the source cannot say anything (too far back for its API, before the first row of
/// a file), so that they stay not fetched. If it is empty and ends where the range began, nothing of the range is known
/// yet, and it is to be asked for later.
/// </param>
/// <param name="Quarantined">Rows that are not taken, with the reason; nothing is dropped silently.</param>
public sealed record CandlePage(IReadOnlyList<Candle> Candles, SlotRange Covered, IReadOnlyList<QuarantinedRow> Quarantined);

/// <summary>A row of a source that is kept aside.</summary>
/// <param name="TimeSeconds">Its time in Unix seconds as far as it could be read.</param>
/// <param name="Code">
/// Why: a code of <see cref="BarDefects"/>, or <c>candle.contradictory</c>, <c>volume.malformed</c>, <c>time.repeated</c>,
/// <c>rate.jump</c>.
/// </param>
/// <param name="Row">The row as it came.</param>
public readonly record struct QuarantinedRow(long? TimeSeconds, string Code, string Row);

/// <summary>The newest rate of a pair.</summary>
/// <param name="Pair">The pair as it was asked for.</param>
/// <param name="Rate">The rate.</param>
public readonly record struct LatestRate(SourcePair Pair, decimal Rate);

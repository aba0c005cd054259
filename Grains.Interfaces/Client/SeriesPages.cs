using System.Runtime.CompilerServices;
using Pnl.Grains;

namespace Pnl.Client;

/// <summary>Reads series of any length, a piece at a time.</summary>
public static class SeriesPages
{
    /// <summary>The most points of a page, unless the query's limit is lower: some 1 MB on the way.</summary>
    public const int MostPoints = 20_000;

    /// <summary>
    /// Rate and PnL of a token period by period, as pages in the order of time, of one point at least and
    /// <see cref="MostPoints"/> at most, so that ten years of 5-minute bars take no huge message. Put together they are the one
    /// series that <see cref="IPnlClient.GetSeriesAsync"/> would answer for the bars that were known at the begin, as of the
    /// <see cref="PnlSeries.Revision"/> of the last page: PnL goes on over the edges of pages, and the cumulative PnL counts from
    /// the first point of the first page. <see cref="PnlSeries.AsOf"/> and <see cref="PnlSeries.Complete"/> are of the page.
    /// </summary>
    /// <remarks>
    /// New bars at the end while it is read are left out. When one is corrected, or comes late, behind what was read, it is in the
    /// pages to come; when it does so within what was read, the stream ends with <see cref="SeriesChangedException"/>, which says
    /// from when on bars changed: what was read before that time holds. Stopping to read stops asking.
    /// </remarks>
    /// <param name="client">Where to ask.</param>
    /// <param name="token">The token's id.</param>
    /// <param name="query">What to read; without <see cref="SeriesQuery.MaxPoints"/>, since a series that is thinned out is one answer.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ArgumentException">The query wants it thinned out, or a limit below 1.</exception>
    /// <exception cref="TokenUnknownException">Nobody registered the token.</exception>
    /// <exception cref="SeriesChangedException">What was read has changed.</exception>
    /// <exception cref="PnlUnavailableException">The engine does not answer.</exception>
    public static IAsyncEnumerable<PnlSeries> StreamSeriesAsync(this IPnlClient client, string token, SeriesQuery query, CancellationToken cancellation = default)
    {
        Check(client, query);
        return SeriesAsync(client, token, query, cancellation);
    }

    /// <summary>Rates of a token period by period, as pages; all else as <see cref="StreamSeriesAsync"/>.</summary>
    /// <inheritdoc cref="StreamSeriesAsync"/>
    public static IAsyncEnumerable<RateCandles> StreamRatesAsync(this IPnlClient client, string token, SeriesQuery query, CancellationToken cancellation = default)
    {
        Check(client, query);
        return PagesAsync(client, token, query, client.GetRatesAsync, rates => (rates.Revision, rates.Time.Length, rates.Next), cancellation);
    }

    private static async IAsyncEnumerable<PnlSeries> SeriesAsync(IPnlClient client, string token, SeriesQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Amount before = Amount.Zero; // of one unit
        await foreach (PnlSeries page in PagesAsync(client, token, query with { Quantity = 1m }, client.GetSeriesAsync, series => (series.Revision, series.Time.Length, series.Next), cancellation))
        {
            Amount paged = before;
            yield return page with
            {
                Quantity = query.Quantity,
                Pnl = page.Pnl.Select(one => one * query.Quantity),
                CumulativePnl = page.CumulativePnl.Select(one => (paged + one) * query.Quantity),
                Next = null,
            };
            before += page.CumulativePnl[page.CumulativePnl.Length - 1];
        }
    }

    private static async IAsyncEnumerable<TPage> PagesAsync<TPage>(
        IPnlClient client, string token, SeriesQuery query, Func<string, SeriesQuery, CancellationToken, Task<TPage>> ask,
        Func<TPage, (long Revision, int Points, DateTimeOffset? Next)> tell, [EnumeratorCancellation] CancellationToken cancellation)
    {
        TokenInfo info = await client.GetTokenAsync(token, cancellation);
        if (info is not { FirstBar: { } firstBar, LastBar: { } lastBar })
        {
            yield break;
        }

        int points = Math.Min(MostPoints, query.Limit);
        int from = Math.Max(query.From is { } begin ? BarTime.SlotAtOrAfter(begin) : 0, BarTime.SlotAt(firstBar));
        int to = Math.Min(query.To is { } end ? BarTime.SlotAtOrAfter(end) : int.MaxValue, BarTime.SlotAt(lastBar) + 1);
        long? read = null; // the revision of what was read
        while (from < to)
        {
            // Ranges of so many periods, not so many points of all that is left: an answer costs what its range holds.
            int pageEnd = Math.Min(to, EndOf(query.Interval, from, points));
            TPage page = await ask(token, query with { From = BarTime.Open(from), To = BarTime.Open(pageEnd), Limit = points }, cancellation);
            (long revision, int count, DateTimeOffset? next) = tell(page);
            if (read is { } known && revision != known
                && await client.GetChangedFromAsync(token, known, cancellation) is { } changed && changed < BarTime.Open(from))
            {
                throw new SeriesChangedException(token, changed);
            }

            read = revision;
            if (count > 0)
            {
                yield return page;
            }

            from = next is { } rest ? BarTime.SlotAt(rest) : pageEnd;
        }
    }

    /// <summary>The slot behind so many periods, the one that holds a slot being the first.</summary>
    private static int EndOf(Interval interval, int slot, int periods)
    {
        long span = (long)(periods - 1) * (interval.PeriodEnd(slot) - interval.PeriodStart(slot));
        return slot + span > BarTime.MaxSlot ? BarTime.MaxSlot : interval.PeriodEnd((int)(slot + span));
    }

    private static void Check(IPnlClient client, SeriesQuery query)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(query);
        if (query.MaxPoints is not null)
        {
            throw new ArgumentException($"a series that is thinned out ({nameof(query.MaxPoints)}) is one answer and not pages of one: ask for it by {nameof(IPnlClient.GetSeriesAsync)}", nameof(query));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
    }
}

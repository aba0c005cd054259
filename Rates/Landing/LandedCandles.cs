namespace Pnl.Rates;

/// <summary>
/// Candles of one listing of a token as they were fetched from a source, with what it takes to make the token again from
/// them alone.
/// </summary>
/// <param name="Key">Where they belong, and what was read to the end.</param>
/// <param name="Registration">What was known of the token then.</param>
/// <param name="Symbol">The source's name for the pair.</param>
/// <param name="FetchedAt">When, UTC, to the millisecond.</param>
/// <param name="Candles">The candles, all within <paramref name="Covered"/>; of a coarser interval each at the last slot of its period.</param>
/// <param name="Quarantined">Rows that were not taken.</param>
public sealed record LandedCandles(
    LandingKey Key,
    TokenRegistration Registration,
    string Symbol,
    DateTimeOffset FetchedAt,
    Candles Candles,
    IReadOnlyList<QuarantinedRow> Quarantined)
{
    private const int MonthsOfCoarser = 12;

    /// <summary>The slots over which the source was read to the end, but for those of <see cref="SetAside"/>.</summary>
    public SlotRange Covered => Key.Range;

    /// <summary>Id of the currency of the rates; that of the token unless it is said.</summary>
    public string Quote
    {
        get => field ?? Registration.Quote;
        init;
    }

    /// <summary>Length of the candles.</summary>
    public Interval Interval { get; init; }

    /// <summary>Whose candles they are; without the bounds that a token sets.</summary>
    public Listing Listing => new(Key.Source, Symbol, Quote, Interval);

    /// <summary>
    /// The slots of which rows were set aside and no candle taken, ascending; of a coarser interval the last ones of their
    /// periods. What the source has there is not known.
    /// </summary>
    public int[] SetAside()
    {
        SortedSet<int> slots = [];
        foreach (QuarantinedRow row in Quarantined)
        {
            if (row.TimeSeconds is { } at && at >= BarTime.OpenSeconds(Covered.From) && at < BarTime.OpenSeconds(Covered.To))
            {
                slots.Add(Interval.PeriodEnd(BarTime.SlotAtSeconds(at)) - 1);
            }
        }

        if (slots.Count > 0)
        {
            slots.ExceptWith(Candles.Slots.ToArray());
        }

        return [.. slots];
    }

    /// <summary>What was covered, without what was set aside.</summary>
    public IEnumerable<SlotRange> Read()
    {
        int from = Covered.From;
        foreach (int slot in SetAside())
        {
            int begin = Interval.PeriodStart(slot);
            if (begin > from)
            {
                yield return new(from, begin);
            }

            from = slot + 1;
        }

        if (from < Covered.To)
        {
            yield return new(from, Covered.To);
        }
    }

    /// <summary>The pieces in which they are landed: a month each, a year of coarser ones.</summary>
    public IEnumerable<LandedCandles> Pieces()
    {
        SlotRange[] ranges = [.. BarTime.Months(Covered, Interval == Interval.FiveMinutes ? 1 : MonthsOfCoarser)];
        return ranges.Select(range => this with
        {
            Key = Key with { Range = range },
            Candles = Candles.In(range),
            Quarantined = [.. Quarantined.Where(row => PieceOf(row) == range.From)],
        });

        // The first one for a row without a time, or with one of elsewhere.
        int PieceOf(QuarantinedRow row)
        {
            int slot = row.TimeSeconds is { } at && at >= BarTime.OpenSeconds(Covered.From) && at < BarTime.OpenSeconds(Covered.To) ? BarTime.SlotAtSeconds(at) : Covered.From;
            return Array.Find(ranges, range => range.From <= slot && slot < range.To).From;
        }
    }
}

/// <summary>A place in the landing: one fetch of a range of slots. Only a later fetch of the same range of the same listing takes its place.</summary>
/// <param name="Source">Name of the source.</param>
/// <param name="Token">Id of the token.</param>
/// <param name="Range">The slots over which the source was read to the end; not empty.</param>
public sealed record LandingKey(string Source, string Token, SlotRange Range)
{
    /// <summary>
    /// What tells the listing, where the place is not that of the token's 5-minute candles in its own quote, or another
    /// symbol's candles lie there already; null else.
    /// </summary>
    public string? Listing { get; init; }

    /// <summary>The month of the first slot, in months since January 1970.</summary>
    public int Month => BarTime.MonthOf(Range.From);
}

/// <summary>What of landed candles was set aside.</summary>
/// <param name="Key">Where they are.</param>
/// <param name="Listing">Whose they are.</param>
/// <param name="FetchedAt">When they were fetched, UTC.</param>
/// <param name="Quarantined">Rows that were not taken.</param>
public sealed record LandedRows(LandingKey Key, Listing Listing, DateTimeOffset FetchedAt, IReadOnlyList<QuarantinedRow> Quarantined);

using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Which files of a token's landing hold rows that were not taken as bars and still are not: of each moment the newest fetch
/// of the same listing tells. The rows themselves stay in the landing. Immutable.
/// </summary>
internal sealed class SetAsideIndex
{
    public const int MostText = 200;

    private readonly (LandingKey Key, Coverage Later, int Rows)[] _files;

    private SetAsideIndex((LandingKey Key, Coverage Later, int Rows)[] files) => (_files, Total) = (files, files.Sum(file => (long)file.Rows));

    /// <summary>Number of rows.</summary>
    public long Total { get; }

    /// <summary>Looks through what was landed of a token, by listing and time.</summary>
    public static SetAsideIndex Of(IEnumerable<LandedRows> landed)
    {
        List<(LandedRows Landed, Coverage Later, int Rows)> files = [];
        foreach (IGrouping<Listing, LandedRows> group in landed.GroupBy(rows => rows.Listing))
        {
            Coverage later = Coverage.None;
            foreach (LandedRows rows in group.OrderByDescending(each => each.FetchedAt).ThenByDescending(each => each.Key.Range.From))
            {
                files.Add((rows, later, Counting(rows, later).Count()));
                later = later.With(rows.Key.Range);
            }
        }

        return new(
        [
            .. files.Where(file => file.Rows > 0)
                .OrderBy(file => file.Landed.Listing.Key, StringComparer.Ordinal).ThenBy(file => file.Landed.Key.Range.From).ThenBy(file => file.Landed.FetchedAt)
                .Select(file => (file.Landed.Key, file.Later, file.Rows)),
        ]);
    }

    /// <summary>Reads rows, after so many, so many at most.</summary>
    public async Task<SetAsideRow[]> ReadAsync(ILanding landing, int after, int limit, CancellationToken cancellation)
    {
        List<SetAsideRow> rows = [];
        foreach ((LandingKey key, Coverage later, int count) in _files)
        {
            if (rows.Count >= limit)
            {
                break;
            }

            if (after >= count)
            {
                after -= count;
                continue;
            }

            LandedRows landed = await landing.ReadRowsAsync(key, cancellation);
            rows.AddRange(Counting(landed, later).OrderBy(row => row.TimeSeconds).Skip(after).Take(limit - rows.Count).Select(row => Row(landed, row)));
            after = 0;
        }

        return [.. rows];
    }

    /// <summary>The rows that no later fetch told of anew; one without a time in the file's range goes with the whole of it.</summary>
    private static IEnumerable<QuarantinedRow> Counting(LandedRows landed, Coverage later)
    {
        SlotRange range = landed.Key.Range;
        bool isWhole = !later.MissingIn(range).Any();
        return landed.Quarantined.Where(row => SlotOf(row) is { } slot && slot >= range.From && slot < range.To
            ? !later.Within(new(slot, slot + 1)).Any() : !isWhole);
    }

    private static int? SlotOf(QuarantinedRow row) =>
        row.TimeSeconds is { } at && at >= 0 && at < BarTime.CloseSeconds(BarTime.MaxSlot) ? BarTime.SlotAtSeconds(at) : null;

    private static SetAsideRow Row(LandedRows landed, QuarantinedRow row) => new(
        landed.Listing.Source, landed.Listing.Symbol, landed.Listing.Quote, landed.Listing.Interval,
        SlotOf(row) is null ? null : DateTimeOffset.FromUnixTimeSeconds(row.TimeSeconds!.Value),
        row.Row.Length <= MostText ? row.Row : row.Row[..MostText], row.Code, landed.FetchedAt);
}
